"""What an operator or a built-in function makes of the student's objects, asked for by the judge."""

import builtins
import copy
import math
import operator
import sys
from collections.abc import Callable

MAX_TEXT = 10_000  # characters; the judge cuts off the rest, too
_NAMES = (
    *("eq", "ne", "lt", "le", "gt", "ge"),
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "xor"),
    *("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul", "ilshift", "irshift"),
    *("iand", "ior", "ixor", "neg", "pos", "abs", "invert", "index", "contains", "delitem"),
)
OPERATORS: dict[str, Callable] = {
    **{name: getattr(operator, name) for name in _NAMES},
    **{"and": operator.and_, "or": operator.or_, "bool": operator.truth, "divmod": divmod},
    **{kind.__name__: kind for kind in (int, float, complex, len, hash, dir, round, delattr, isinstance, issubclass)},
    **{"trunc": math.trunc, "floor": math.floor, "ceil": math.ceil, "reversed": lambda target: iter(reversed(target))},
    **{"copy": copy.copy, "deepcopy": copy.deepcopy},
    "repr": lambda target: repr(target)[:MAX_TEXT],
    "str": lambda target: str(target)[:MAX_TEXT],
    "format": lambda target, form: format(target, form)[:MAX_TEXT],
}


def array_of(target: object) -> object:
    """What the object itself gives as an array; None if it gives none."""
    return target.__array__() if hasattr(type(target), "__array__") else None


def leave(target: object, about: dict | BaseException | None) -> bool:
    """Tell a context manager that its block has ended, in an error or not."""
    error = made_error(about) if isinstance(about, dict) else about
    return bool(type(target).__exit__(target, type(error) if error else None, error, None))


def made_error(about: dict) -> Exception:
    """An error as the judge has it: of the built-in type of that name, if there is one."""
    kind = getattr(builtins, about["ename"], None)
    usable = isinstance(kind, type) and issubclass(kind, Exception) and kind.__init__ is not UnicodeError.__init__
    try:
        return kind(about["evalue"]) if usable else RuntimeError(f"{about['ename']}: {about['evalue']}")
    except TypeError:  # some want more than a message
        return RuntimeError(about["evalue"])


def is_of(question: str, target: object, module: str, name: str) -> bool:
    """Whether something is of, or below, the class that a library has under a name."""
    kind = sys.modules.get(module)
    for part in name.split("."):
        kind = getattr(kind, part, None)
    if isinstance(kind, type):
        return {"isinstance": isinstance, "issubclass": issubclass}[question](target, kind)
    below = target if question == "issubclass" else type(target)
    return any((each.__module__, each.__qualname__) == (module, name) for each in below.__mro__)


def bases_of(kind: type[BaseException]) -> tuple:
    """Of an exception class its bases in the notebook and in libraries, and the names of built-in ones."""
    own = [base for base in kind.__bases__ if base.__module__ != "builtins" and issubclass(base, BaseException)]
    return (*own, *(base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"))
