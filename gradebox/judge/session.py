"""The student's side of one submission: a process, and its replacement where one is lost."""

import contextlib
import signal
from collections.abc import Iterator

from nbformat import NotebookNode

from gradebox.judge.known import Known
from gradebox.judge.outputs import count_of, error_output, shown
from gradebox.sandbox import (
    FairClock,
    Familiar,
    Student,
    StudentError,
    StudentGone,
    StudentTooSlow,
    WarmParent,
    student_error,
)

MAX_RESTARTS = 5
LATER_SECONDS = 3
BUSY = 4  # times the seconds that a notebook has: for so long it may wait for a processor besides
NO_SANDBOX = "Graded without a sandbox"


class Session:
    """The student's side of one run: a process, and its replacement where one is lost.

    familiar -- in a run that nobody sees what its process may be quoted with, see `sandbox.familiar`; nothing is drawn
    """

    def __init__(self, parent: WarmParent, files: dict[str, bytes], known: Known, familiar: Familiar | None = None):
        self.parent = parent
        self.known = known
        self.familiar = familiar
        self.doors = known.doors
        self.files = files
        self.clock = FairClock(most=BUSY * parent.sandbox.notebook_seconds)
        self.deadline = self.clock.now() + parent.sandbox.notebook_seconds
        self.history: list[tuple[str, str]] = []  # cells that ran without ending the process
        self.restarts = 0
        self.log: list[str] = []
        self.printed = lambda outputs: None
        self.student: Student | None = None
        self.age = 0  # changes whenever names may have changed
        self.trouble = 0  # counts lost processes and interrupted calls
        if not parent.sandbox.enabled:
            self.log.append(NO_SANDBOX)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error) -> None:
        if self.student is not None:
            self.student.wait()

    def usage(self) -> dict[str, float]:
        """CPU seconds and peak memory of the student's process, of the last one if it had to be replaced."""
        used = self.student.used() if self.student is not None else {}
        return {f"student_{what}": used.get(what, 0) for what in ("cpu", "memory")}

    def run(self, name: str, source: str, is_test: bool = False) -> tuple[list[NotebookNode], int | None]:
        """Run a cell on the student's side. Returns the outputs to show and the execution count.

        is_test -- it earns points by coming to its end, so that has to be said
        """
        self.age += 1
        try:
            result, claims = self.process().run(name, source)
            self.history.append((name, source))
            result = result if isinstance(result, dict) else {}
            outputs = self.shown(claims)
            if result.get("error") is not None:
                outputs.append(error_output(student_error(result["error"])))
            elif is_test and "error" not in result:
                outputs.append(error_output(StudentGone("It did not say that it came to its end.")))
            return outputs, count_of(result)
        except StudentError as error:  # not the cell raised, but what runs it: the student has changed that
            self.history.append((name, source))
            return [error_output(error)], None
        except StudentTooSlow as slow:
            self.history.append((name, source))
            self.note(name, slow)
            return [*self.shown(slow.outputs), error_output(slow)], None
        except StudentGone as gone:
            self.note(name, gone)
            return [error_output(gone)], None

    def shown(self, claims: list) -> list[NotebookNode]:
        return shown(claims, self.parent.sandbox.limits()["output"])

    @contextlib.contextmanager
    def time_for_a_cell(self):
        """All calls of one of the judge's cells together have the time of a cell, on the clock as for a sleeper.

        So has the cell itself, a little later: what it waited for is told first.
        """
        student = self.process()
        limit = student.clock_seconds
        student.used()  # what it waited before is not this cell's
        end = self.clock.now() + limit
        student.deadline = min(self.deadline, end)
        student.steps = 0
        student.lent.end()
        try:
            with alarm(self.clock, end + LATER_SECONDS, f"It was still running after {limit:g} s."):
                yield
        except CellTooSlow:
            student.stop()  # in the middle of an answer, perhaps
            raise
        finally:
            student.lent.end()
            student.deadline = self.deadline

    def note(self, name: str, what: BaseException) -> None:
        self.trouble += 1
        self.log.append(f"{name}: {what}")

    def process(self) -> Student:
        """The student's process, replaced and brought to where it was if it was lost. Raises StudentGone."""
        if self.clock.past(self.deadline, self.usage):
            limit = self.parent.sandbox.notebook_seconds
            raise StudentGone(f"Not run: this notebook had used up its {limit:g} s before.")
        while self.student is None or self.student.ended:
            if self.student is not None:
                self.restarts += 1
            if self.restarts > MAX_RESTARTS:
                raise StudentGone("Not run: this notebook had to be stopped too often before.")
            self.student = self.parent.student(self.files)
            self.student.clock, self.student.deadline = self.clock, self.deadline
            self.student.doors, self.student.familiar = self.doors, self.familiar
            if self.familiar is not None:
                self.student.pictures(None, learn=False)
            elif self.known.pictures or self.known.exposure:
                self.student.pictures(self.known.pictures, learn=self.known.exposure is not None)
            self.student.printed = lambda outputs: self.printed(outputs)
            self.age += 1
            self._replay()
        return self.student

    def _replay(self) -> None:
        for entry in list(self.history):
            try:
                self.student.run(*entry)
            except StudentTooSlow:
                self.history.remove(entry)
            except StudentGone as gone:
                self.history.remove(entry)
                self.note(entry[0], gone)
                return


class CellTooSlow(BaseException):
    """One of the judge's own cells does not end."""


@contextlib.contextmanager
def alarm(clock: FairClock, end: float, what: str) -> Iterator[None]:
    """Raise CellTooSlow when a clock shows so much."""

    def ring(*_):
        if (left := end - clock.now()) <= 0:
            raise CellTooSlow(what)
        signal.setitimer(signal.ITIMER_REAL, left)

    before = signal.signal(signal.SIGALRM, ring)
    ring()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
