"""Functions and iterators that a test passes into the student's code: lent for the time of the test, never given.

What crosses is a number. The student's code calls it, the judge waits for an answer of its own anyway, runs the
function on the data it is told, and goes on waiting. So the student's process may have any of them called with any data
it likes, up to a number of times and a depth; it never gets a function's code, globals or closure.
"""

import collections
import functools
import io
import operator
import types
from typing import Any

import numpy as np

MAX_CALLS = 100_000  # in one cell; the cell's time ends most who call for no reason before that
MAX_DEPTH = 20  # of calls within calls, there and back
_FUNCTIONS = {abs, all, any, bin, chr, divmod, hex, len, max, min, oct, ord, pow, print, round, sorted, sum}
_MODULES = ("math", "cmath", "_operator", "numpy")  # of functions in C that work on data alone
_DATA = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, collections.deque)
_LOOKS_INSIDE = ("format", "format_map")  # "{0.__globals__}" would have a way into what is lent


class Ended(Exception):
    """Called too often."""


class Lent:
    """What is lent in the cell that runs."""

    def __init__(self):
        self.things: dict[int, Any] = {}  # by number, which is below zero: the student's own are above
        self.numbers: dict[int, int] = {}  # by id
        self.last = 0
        self.calls = self.depth = 0

    def end(self) -> None:
        """The cell is over, and with it every loan. Numbers are not used again."""
        self.things.clear()
        self.numbers.clear()
        self.calls = 0

    def number(self, value: Any) -> tuple | None:
        """The number to lend something under, its name and whether it is an iterator; None for what is not lent."""
        iterator = is_iterator(value)
        if not (iterator or is_function(value)):
            return None
        if id(value) not in self.numbers:
            self.last -= 1
            self.numbers[id(value)], self.things[self.last] = self.last, value
        name = getattr(value, "__name__", type(value).__name__)
        return (self.numbers[id(value)], str(name)[:100], iterator)

    def call(self, number: Any, operation: Any, args: Any, kwargs: Any) -> Any:
        """What the student's process asks for. Raises whatever the function raises, and Ended."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise Ended
        if self.depth >= MAX_DEPTH:
            raise RecursionError(f"calls of the test's functions are nested more than {MAX_DEPTH} deep")
        thing = self.things.get(number) if type(number) is int else None
        if thing is None or type(args) is not tuple or type(kwargs) is not dict:
            raise RuntimeError("the test that lent this function is over")
        self.depth += 1
        try:
            if operation == "next" and is_iterator(thing):
                return next(((item,) for item in thing), ())
            return thing(*args, **kwargs)
        finally:
            self.depth -= 1


def is_iterator(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "__next__") and not isinstance(value, io.IOBase) and not _is_ours(kind)


def is_function(value: Any) -> bool:
    """Whether this is code that a test may lend: not ours, and nothing that looks into what it is given."""
    if isinstance(value, types.BuiltinFunctionType):
        bound = type(value.__self__) in _DATA and value.__name__ not in _LOOKS_INSIDE
        return bound or value in _FUNCTIONS or value.__module__ in _MODULES
    if isinstance(value, types.MethodDescriptorType):
        return value.__objclass__ in _DATA and value.__name__ not in _LOOKS_INSIDE
    if isinstance(value, types.FunctionType):
        return not _is_ours(value)
    if isinstance(value, types.MethodType):
        return is_function(value.__func__) and not _is_ours(type(value.__self__))
    if isinstance(value, (functools.partial, functools._lru_cache_wrapper)):
        return is_function(value.func if isinstance(value, functools.partial) else value.__wrapped__)
    if isinstance(value, (type, types.ModuleType)) or _is_ours(type(value)):
        return False
    called = getattr(type(value), "__call__", None)  # noqa: B004  (what a call of it runs)
    return isinstance(value, (np.ufunc, operator.itemgetter)) or isinstance(called, types.FunctionType)


def _is_ours(value: Any) -> bool:
    return str(value.__module__).partition(".")[0] == "gradebox"
