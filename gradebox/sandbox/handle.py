"""Stands for an object that stays on the student's side, and what test authors ask of such an answer."""

import builtins
import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradebox.sandbox.operators import Operators
from gradebox.untrusted import Watch, data_read

if TYPE_CHECKING:
    from gradebox.sandbox.student import Student


READABLE = {"__name__", "__qualname__", "__dict__", "__annotations__"}  # names with underscores that tests ask for


class Handle(Operators):
    """Stands for a student's function, class or object, which stays in the student's process.

    Can be called, asked for attributes and items, iterated, and put into operators; each is a request to the other
    side, and the answer a copy or another handle, always a claim. Our own code knows handles by `number_of`: ``==`` and
    truth are the student's to tell.
    """

    __slots__ = ("_number", "_student")

    def __init__(self, student: "Student", number: int):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args, **kwargs):
        return side_of(self).call(self, args, kwargs)

    def __getattr__(self, name: str):
        if name.startswith("__") and name not in READABLE:
            raise AttributeError(f"{name} does not cross to the student's side")
        # A method of an answer could decide a test, too: asked where the test asks the instructor's answers for some.
        if not side_of(self).doors.open("attribute", anywhere=True):
            raise AttributeError(
                f"An object of your own came where plain data was expected: no '{name}' is asked of it"
            )
        return side_of(self)._ask("getattr", self, name)

    def __setattr__(self, name: str, value) -> None:
        side_of(self)._ask("setattr", self, name, value)

    def __getitem__(self, key):
        return side_of(self)._ask("getitem", self, key)

    def __setitem__(self, key, value) -> None:
        side_of(self)._ask("setitem", self, key, value)

    def __iter__(self):
        iterator = side_of(self)._ask("iter", self)
        with contextlib.suppress(StopIteration):
            while True:
                yield side_of(self).next(iterator)

    def __next__(self):
        return side_of(self).next(self)


def is_instance(value: Any, kinds: Any) -> bool:
    """The built-in function for tests: of a handle and a library's class the student's process is asked."""
    return _is("isinstance", value, kinds)


def is_subclass(value: Any, kinds: Any) -> bool:
    return _is("issubclass", value, kinds)


def _is(question: str, value: Any, kinds: Any) -> bool:
    if isinstance(kinds, tuple):
        return any(_is(question, value, kind) for kind in kinds)
    of_library = type(kinds) is not Handle and isinstance(kinds, type) and type(vars(kinds).get("handle")) is not Handle
    if type(value) is not Handle or not of_library or kinds is Handle:
        return getattr(builtins, question)(value, kinds)
    name = kinds.__module__, kinds.__qualname__
    if not side_of(value).doors.open(f"{question} {'.'.join(name)}"):
        return False
    return side_of(value)._ask("is_of", question, value, *name) is True


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
    if not isinstance(code, Handle):
        return data_read(code)
    claim = side_of(code)._ask("data_read", code)
    names = [name for name in claim if type(name) is str and name.isidentifier()] if type(claim) is list else []
    return list(filter(None, map(side_of(code).quoted, names)))


def type_of(handle: Handle) -> str:
    """Name of the type of what a handle stands for."""
    claim = side_of(handle)._ask("type", handle)
    return side_of(handle).quoted(claim, "unknown") if type(claim) is str else "unknown"
