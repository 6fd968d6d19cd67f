"""Stands for an object that stays on the student's side, and what test authors ask of such an answer."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradebox.untrusted import Watch, data_read

if TYPE_CHECKING:
    from gradebox.sandbox.student import Student


class Handle:
    """Stands for a student's function, class or object, which stays in the student's process.

    Can be called, asked for attributes, items, its length, and iterated; each is a request to the other side, and
    the answer a copy or another handle. It equals only itself, and converts to nothing.
    """

    __slots__ = ("_number", "_student")

    def __init__(self, student: "Student", number: int):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args, **kwargs):
        return side_of(self).call(self, args, kwargs)

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(f"{name} does not cross to the student's side")
        return side_of(self)._ask("getattr", self, name)

    def __setattr__(self, name: str, value) -> None:
        side_of(self)._ask("setattr", self, name, value)

    def __getitem__(self, key):
        return side_of(self)._ask("getitem", self, key)

    def __setitem__(self, key, value) -> None:
        side_of(self)._ask("setitem", self, key, value)

    def __len__(self) -> int:
        return side_of(self)._ask("len", self)

    def __bool__(self) -> bool:
        return True

    def __array__(self, *args, **kwargs):
        # Without this numpy would take the object for a sequence and ask the other side for item after item.
        raise TypeError("expected an array, got an object of the student's own")

    def __iter__(self):
        side = side_of(self)
        iterator = side._ask("iter", self)
        while item := side._ask("next", iterator):
            yield item[0]

    def __repr__(self) -> str:
        return "<an object on the student's side>"


def number_of(value: Any) -> int | None:
    """The number a handle stands for on its student's side; None for anything else."""
    return object.__getattribute__(value, "_number") if isinstance(value, Handle) else None


def side_of(handle: Handle) -> "Student":
    return object.__getattribute__(handle, "_student")


def call_and_return_arguments(function: Any, *args, **kwargs) -> tuple[Any, tuple, dict]:
    """Call a function and return its result together with its arguments as they are afterwards.

    The one way to see what a student's function did to its arguments. An ordinary function (stock nbgrader, the
    instructor's own) is called as it is, and gives back the very arguments.
    """
    if isinstance(function, Handle):
        return side_of(function).call(function, args, kwargs, give_back=True)
    return function(*args, **kwargs), args, kwargs


@contextlib.contextmanager
def watching(code: Any, libraries: Sequence[str]) -> Iterator[dict[str, str]]:
    """Notes which of some libraries are called within: library -> name of a function that called it.

    Filled in at the end, from the side that ``code`` is on.
    """
    seen: dict[str, str] = {}
    if isinstance(code, Handle):
        side = side_of(code)
        side.libraries, side.seen = list(libraries), seen
        try:
            yield seen
        finally:
            side.libraries, side.seen = [], {}
    elif callable(code):
        with Watch(libraries) as watch:
            yield seen
        seen |= watch.seen
    else:
        yield seen


def data_read_by(code: Any) -> list[str]:
    """Names of the notebook's data that a function or class reads, see `watch.data_read`."""
    claim = side_of(code)._ask("data_read", code) if isinstance(code, Handle) else data_read(code)
    return [name for name in claim if type(name) is str and name.isidentifier()] if type(claim) is list else []


def type_of(handle: Handle) -> str:
    """Name of the type of what a handle stands for."""
    claim = side_of(handle)._ask("type", handle)
    return claim[:100] if type(claim) is str else "unknown"
