"""What Python's operators and built-in functions ask of a handle: each is a question to the student's process.

Questions that are told what the test works with (an operator's other operand) go through `Doors`. The answers to the
others are the object's own data, which a test compares by itself; they have to be of the type that Python wants.
"""

from typing import Any

import numpy as np

from gradebox.sandbox.values import CannotCross

MAX_TEXT = 10_000  # characters of what an object says of itself
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
ARITHMETIC = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul", "lshift", "rshift"),
    *("and", "or", "xor"),
)
UNARY = ("neg", "pos", "abs", "invert", "round", "trunc", "floor", "ceil", "reversed", "copy", "deepcopy")
CONVERSIONS = {"bool": bool, "int": int, "float": float, "complex": complex, "len": int, "hash": int, "dir": list}


def ask(handle: "Operators", operation: str, *arguments: Any) -> Any:
    return object.__getattribute__(handle, "_student")._ask(operation, *arguments)


def is_open(handle: "Operators", question: str, anywhere: bool = False) -> bool:
    return object.__getattribute__(handle, "_student").doors.open(question, anywhere)


class Operators:
    """The operators of a handle."""

    __slots__ = ()
    __array_priority__ = 1000.0  # of an array and an object the object's operator is asked, as of any other class

    def __index__(self) -> int:
        number = _plain(ask(self, "operate", "index", (self,)), int)
        if not -(2**63) <= number < 2**63:
            raise OverflowError("an object of the student's own gives an index that is too large")
        return number

    def __repr__(self) -> str:
        return _plain(ask(self, "operate", "repr", (self,)), str)[:MAX_TEXT]

    def __str__(self) -> str:
        return _plain(ask(self, "operate", "str", (self,)), str)[:MAX_TEXT]

    def __format__(self, form: str) -> str:
        return _plain(ask(self, "operate", "format", (self, form)), str)[:MAX_TEXT]

    def __array__(self, dtype=None, copy=None):
        # Without this numpy would take the object for a sequence and ask the other side for item after item. Where the
        # instructor's gives none it stays unasked: an object may give another array every time.
        array = ask(self, "array", self) if is_open(self, "array", anywhere=True) else None
        if type(array) is not np.ndarray:
            raise TypeError("expected an array, got an object of the student's own")
        return array if dtype is None else array.astype(dtype)

    def __contains__(self, item) -> bool:
        if is_open(self, f"contains {_kind(item)}"):
            return _plain(ask(self, "operate", "contains", (self, item)), bool)
        return any(each is item or each == item for each in self)  # what is in it is data, and compared here

    def __delattr__(self, name: str) -> None:
        ask(self, "operate", "delattr", (self, name))

    def __delitem__(self, key) -> None:
        ask(self, "operate", "delitem", (self, key))

    def __enter__(self):
        return ask(self, "enter", self)

    def __exit__(self, kind, error, trace) -> bool:
        """The student's object is told of an error, but swallows only what the instructor's swallows here."""
        if error is None:
            ask(self, "exit", self, None)
            return False
        if not isinstance(error, Exception):
            return False  # the process may be lost
        own = getattr(error, "object", None)  # the student's error, where it was raised there
        about = own if isinstance(own, Operators) else _words(error)
        swallowed = ask(self, "exit", self, about) is True
        return swallowed and is_open(self, f"swallow {kind.__name__}")

    def __instancecheck__(self, instance) -> bool:
        return self._is("isinstance", instance)

    def __subclasscheck__(self, subclass) -> bool:
        return self._is("issubclass", subclass)

    def _is(self, question: str, value: Any) -> bool:
        try:
            return _plain(ask(self, "operate", question, (value, self)), bool)
        except CannotCross:  # what the other side cannot even see is no object of its classes
            return False

    def __reduce_ex__(self, protocol):
        raise TypeError("an object of the student's own is not pickled")


def _words(error: Exception) -> dict:
    """What a context manager is told of an error: its kind and message, but none of a failed assertion's words."""
    message = "" if isinstance(error, AssertionError) else str(error)[:MAX_TEXT]
    return {"ename": type(error).__name__, "evalue": message}


def _kind(operand: Any) -> str:
    return "object" if isinstance(operand, Operators) else "data"


def _plain(answer: Any, kind: type) -> Any:
    if type(answer) is not kind:
        raise TypeError(f"an object of the student's own should give {kind.__name__}, not {type(answer).__name__}")
    return answer


def _decide(name: str, handle: Operators, other: Any, *operands: Any) -> Any:
    """Put an operator to the student's process, if that is open here."""
    if not is_open(handle, f"{name} {_kind(other)}"):
        if name in COMPARISONS[:2]:
            return NotImplemented  # equal to itself, and to nothing else
        raise TypeError(
            f"An object of your own came where the test works with plain data (numbers, text, lists, arrays), so it "
            f"is not asked for its operator '{name}'."
        )
    try:
        return ask(handle, "operate", name, operands)
    except CannotCross:
        return NotImplemented


def _add_operators() -> None:
    def comparison(name):
        return lambda self, other: _decide(name, self, other, self, other)

    def reflected(name):
        return lambda self, other: _decide(name, self, other, other, self)

    def unary(name):
        return lambda self, *more: ask(self, "operate", name, (self, *(part for part in more if type(part) is int)))

    def conversion(name, kind):
        return lambda self: _plain(ask(self, "operate", name, (self,)), kind)

    methods = {name: comparison(name) for name in (*COMPARISONS, *ARITHMETIC)}
    methods |= {f"r{name}": reflected(name) for name in ARITHMETIC}
    methods |= {f"i{name}": comparison(f"i{name}") for name in ARITHMETIC if name != "divmod"}
    methods |= {name: unary(name) for name in UNARY}
    methods |= {name: conversion(name, kind) for name, kind in CONVERSIONS.items()}
    for name, method in methods.items():
        method.__name__ = f"__{name}__"
        setattr(Operators, method.__name__, method)


_add_operators()
