"""What may go wrong on the student's side: its code raised, ran out of time, or its process is lost."""

from typing import Any

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


class StudentError(Exception):
    """The student's code raised. Also an instance of the built-in type it raised, where a test may catch that."""

    def __init__(self, ename: str, evalue: str, lines: list[str]):
        super().__init__(evalue)
        self.ename, self.evalue, self.lines = ename, evalue, lines


class StudentGone(BaseException):
    """The student's process is lost. The message is a sentence for the student.

    No Exception, so that a test's ``except Exception`` cannot take it for an answer.
    """


class StudentTooSlow(BaseException):
    """A cell or call was interrupted at its time limit; the process is still there."""

    def __init__(self, why: str, outputs: list[dict]):
        super().__init__(why)
        self.outputs = outputs


def student_error(claim: Any) -> StudentError:
    """The error a student's process says there was, as far as that is one."""
    claim = claim if isinstance(claim, dict) else {}
    ename, evalue = (claim[key][:MAX_LINE] if type(claim.get(key)) is str else "" for key in ("ename", "evalue"))
    lines = claim.get("traceback")
    lines = [line[:MAX_LINE] for line in lines[:MAX_LINES] if type(line) is str] if type(lines) is list else []
    kind = _CATCHABLE.get(ename)
    if kind is None:
        return StudentError(ename or "Error", evalue, lines)
    return type(ename, (StudentError, kind), {})(ename, evalue, lines)
