"""What may go wrong on the student's side: its code raised, ran out of time, or its process is lost."""

from typing import Any

from gradebox.sandbox.familiar import Familiar
from gradebox.sandbox.handle import Handle, side_of
from gradebox.sandbox.values import BadMessage

MAX_LINES, MAX_LINE = 100, 10_000  # of an error, in lines and characters
# Built-in exceptions a test may want to catch by type. Not StopIteration and its like: raised in the judge they would
# end a test's loop early instead of failing it.
_CATCHABLE = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, ImportError, IndexError, KeyError, LookupError, MemoryError,
        NameError, NotImplementedError, OSError, OverflowError, RecursionError, RuntimeError, TypeError,
        UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


class ErrorKind(type):
    """The type of classes that stand for the student's own exception classes: real ones, so that `except` takes them.

    Made here by `error_class`, of nothing but a name and bases from the list above. Whatever else a test wants of one,
    its ``handle`` answers from the other side.
    """

    handle: Handle | None = None

    def __call__(cls, *args, **kwargs):
        """As for any class; a student's own is called on the other side, and the error that gives stands here."""
        if cls.handle is None or "handle" not in vars(cls):
            return super().__call__(*args, **kwargs)
        made = cls.handle(*args, **kwargs)
        error = super().__call__(cls.__name__, str(made), [])
        error.told = told_of(error.evalue, side_of(cls.handle).familiar)
        error.object = made if type(made) is Handle else None
        return error

    def __instancecheck__(cls, instance) -> bool:
        if type(instance) is Handle and "handle" in vars(cls):
            return isinstance(instance, cls.handle)
        return super().__instancecheck__(instance)

    def raised(cls, *args) -> "StudentError":
        """An instance for an error that was raised on the other side."""
        return super().__call__(*args)


class StudentError(Exception, metaclass=ErrorKind):
    """The student's code raised. Also an instance of the built-in type it raised, where a test may catch that.

    told    -- as much of its message as the student may read
    object  -- the error itself, on the other side, which is asked for its attributes
    account -- what the code was at, see `untrusted.crash.account`: a claim, like all of it
    """

    def __init__(self, ename: str, evalue: str, lines: list[str]):
        super().__init__(evalue)
        self.ename, self.evalue, self.lines = ename, evalue, lines
        self.told = evalue
        self.object: Handle | None = None
        self.account: dict = {}

    def __getattr__(self, name: str):
        made = None if name.startswith("_") else self.__dict__.get("object")
        if made is None:
            raise AttributeError(name)
        return getattr(made, name)


class StudentGone(BaseException):
    """The student's process is lost. The message is a sentence for the student.

    No Exception, so that a test's ``except Exception`` cannot take it for an answer.
    """


class StudentTooSlow(BaseException):
    """A cell or call was interrupted at its time limit; the process is still there."""

    def __init__(self, why: str, outputs: list[dict]):
        super().__init__(why)
        self.outputs = outputs


def student_error(claim: Any, familiar: Familiar | None = None) -> StudentError:
    """The error a student's process says there was, as far as that is one.

    familiar -- what that process may be quoted with; None: with anything
    """
    claim = claim if isinstance(claim, dict) else {}
    ename, evalue = (claim[key][:MAX_LINE] if type(claim.get(key)) is str else "" for key in ("ename", "evalue"))
    ename = ename if familiar is None else familiar.word(ename)
    lines = claim.get("traceback")
    lines = [line[:MAX_LINE] for line in lines[:MAX_LINES] if type(line) is str] if type(lines) is list else []
    kind = claim.get("kind")
    if not (isinstance(kind, ErrorKind) and "handle" in vars(kind)):
        known = _CATCHABLE.get(ename)
        kind = StudentError if known is None else type(ename, (StudentError, known), {})
    error = kind.raised(ename or "Error", evalue, lines)
    error.object = claim.get("object") if type(claim.get("object")) is Handle else None
    account = claim["account"] if type(claim.get("account")) is dict else {}
    error.account = account if familiar is None or not account else familiar.account(account)
    error.told = told_of(evalue, familiar)
    return error


def told_of(message: str, familiar: Familiar | None) -> str:
    return message if familiar is None else familiar.message(message)


def error_class(handle: Handle, name: Any, bases: Any) -> type[StudentError]:
    """The class that stands for an exception class of the student's. Its name and bases are that side's claim.

    bases -- such classes, and names of built-in ones; of these the first that a test may catch counts
    """
    if type(name) is not str or type(bases) is not tuple:
        raise BadMessage("a class without a name or bases")
    own = tuple(base for base in bases if isinstance(base, ErrorKind)) or (StudentError,)
    known = [_CATCHABLE[base] for base in bases if type(base) is str and base in _CATCHABLE][:1]
    about = {"handle": handle, "__module__": "__main__"}
    try:
        return ErrorKind(name[:200], (*own, *known), dict(about))
    except TypeError:  # these bases have no place in one class
        return ErrorKind(name[:200], (StudentError,), about)


def handle_behind(value: Any) -> Handle | None:
    """The handle of an exception class of the student's, or of an error; None for anything else."""
    if isinstance(value, ErrorKind):
        return vars(value).get("handle")
    return value.object if isinstance(value, StudentError) else None
