"""The judge's side of one submission: the namespace that locked cells and tests run in."""

import builtins
import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from nbformat import NotebookNode

from gradebox.judge.cells import Prepared, prepared
from gradebox.judge.comparison import comparison
from gradebox.judge.exposure import Exposure
from gradebox.judge.outputs import MAX_OUTPUTS, error_output, new_output, words_of
from gradebox.judge.session import Session
from gradebox.sandbox import (
    Handle,
    StudentError,
    StudentGone,
    StudentTooSlow,
    is_instance,
    is_subclass,
    number_of,
    told_of,
)


@dataclass
class Bench:
    """The judge's side of one submission: the namespace that locked cells and tests run in."""

    session: Session
    at: Callable[[str], None] = lambda name: None  # told which cell runs
    exposure: Exposure | None = None  # while it is rehearsed
    names: dict = field(default_factory=lambda: {"__name__": "__main__", **_FUNCTIONS})
    expected: set[str] = field(default_factory=set)  # names that are the student's: bound last by a solution cell
    cannot: dict[str, str] = field(default_factory=dict)  # those that cannot cross, and why
    slow: set[str] = field(default_factory=set)  # those that ran out of time when they were called
    age: int = -1

    def solved(self, name: str, source: str) -> None:
        """After a solution cell: the names that the instructor's own version binds are the student's from now on.

        Until an instructor's cell binds them. Modules never cross; what that version imports is imported here, as far
        as the student has something of that name.
        """
        cell = prepared(name, source)
        self.expected |= cell.binds
        self.age = -1
        if cell.imports:
            self.attempt(name, lambda: self.imported(cell))

    def imported(self, cell: Prepared) -> None:
        bound = self.session.process().export(sorted(cell.imports))
        exec(cell.importing, self.names)
        for name in cell.imports - bound.keys():
            self.names.pop(name, None)

    def given(self, name: str, source: str) -> None:
        """An unmarked cell of the instructor's: runs here like a locked one, whatever the student has made of it."""
        with self.demonstration(name, source):
            pass

    def fetch(self) -> None:
        """Bring the student's names up to date."""
        student = self.session.process()
        if self.age == self.session.age or not self.expected:
            return
        claims = student.export(sorted(self.expected))
        refused = [name for name in self.expected & claims.keys() if claims[name][0] is False]
        self.cannot = {name: told_of(str(claims[name][1])[:1000], student.familiar) for name in refused}
        for name in self.expected:
            crossed, value = claims.get(name, (False, None))
            self.names.pop(name, None)
            if crossed is True:
                self.names[name] = value
            if name in self.slow and isinstance(value, Handle):
                student.slow.add(number_of(value))
        self.age = self.session.age

    @contextlib.contextmanager
    def demonstration(self, name: str, source: str):
        """While the student's side runs a locked cell: run it here too, on the same state, for the names it binds.

        What it shows, and that it may fail, is the student's side's business.
        """
        trouble = self.session.trouble
        try:
            self.fetch()
        except (StudentGone, StudentTooSlow) as stopped:
            self.session.note(name, stopped)
        yield
        if self.session.trouble == trouble:
            self.attempt(name, lambda: self.execute(name, source))

    def attempt(self, name: str, work: Callable[[], object]) -> None:
        """Do something of an instructor's cell that may fail; if it does, the log says so."""
        try:
            with quiet(io.StringIO()), self.session.time_for_a_cell():
                work()
        except (Exception, StudentGone, StudentTooSlow) as error:
            # On the other side the same cell failed for the same reason, and says so in the notebook.
            self.session.log.append(f"{name} (judge): {type(error).__name__}: {words_of(error)}")

    def test(self, name: str, source: str) -> list[NotebookNode]:
        """Run a graded cell. The outputs hold an error unless it ran to its end."""
        outputs: list[NotebookNode] = []
        # Only what a function prints: a result would be read as partial credit.
        self.session.printed = lambda claims: outputs.extend(
            output
            for output in self.session.shown(claims)
            if output.output_type == "stream" and len(outputs) < MAX_OUTPUTS
        )
        trouble, told = self.session.trouble, {"familiar": self.session.familiar, "source": source}
        try:
            with quiet(_Collector(outputs)), self.session.time_for_a_cell():
                self.fetch()
                result = self.execute(name, source, is_test=True)
        except (StudentGone, StudentTooSlow) as stopped:
            self.session.note(name, stopped)
            outputs.append(error_output(stopped))
        except StudentError as error:
            outputs.append(error_output(error))
        except NameError as error:
            outputs.append(error_output(error, self.cannot.get(error.name, ""), **told))
        except BaseException as error:  # a test that ends in any other way has not passed either
            outputs += [error_output(error, **told), *comparison(name, source, error)]
        else:
            if self.session.trouble > trouble:
                outputs.append(error_output(StudentGone("The code under test had to be stopped.")))
            elif isinstance(result, (int, float, np.number)) and not isinstance(result, bool):
                data = {"text/plain": repr(result)}  # partial credit, as nbgrader reads it
                if hasattr(result, "_repr_html_"):
                    data["text/html"] = result._repr_html_()  # and what the test's number says of itself
                outputs.append(new_output("execute_result", data=data, metadata={}, execution_count=None))
        finally:
            self.session.printed = lambda claims: None
            self._remember_slow()
        return outputs

    def _remember_slow(self) -> None:
        student = self.session.student
        slow = student.slow if student is not None else set()
        self.slow |= {name for name in self.expected if number_of(self.names.get(name)) in slow}

    def execute(self, name: str, source: str, is_test: bool = False) -> object:
        """Run the instructor's text; returns the value of its last line if that is an expression."""
        self.session.doors.cell = name
        self.at(name)
        cell = prepared(name, source)
        if cell.broken is not None:
            raise cell.broken
        self.expected -= cell.binds | cell.imports
        with self.watched(name) if is_test and self.exposure else own_builtins():
            exec(cell.body, self.names)
            return eval(cell.last, self.names) if cell.last else None

    @contextlib.contextmanager
    def watched(self, name: str) -> Iterator[None]:
        """Have it noted if this test changes what the student's code would see in one process with it."""
        student = self.session.process()
        self.exposure.begin(name, self.names)
        student.asked = self.exposure.look
        replaced: list[str] = []
        try:
            with own_builtins(replaced):
                yield
        finally:
            student.asked = lambda: None
            self.exposure.end(replaced)


class _NoShell:
    """What magics of locked cells find here, where nothing is drawn or shown."""

    def run_line_magic(self, *args, **kwargs):
        return None

    run_cell_magic = system = getoutput = run_line_magic


def _ignore(*args, **kwargs) -> None:
    return None


# What a cell finds here in place of a shell's and Python's own.
_FUNCTIONS = {"get_ipython": _NoShell, "display": _ignore, "isinstance": is_instance, "issubclass": is_subclass}


@contextlib.contextmanager
def own_builtins(replaced: list[str] | None = None) -> Iterator[None]:
    """What a cell replaces among the built-ins it replaces for itself: what comes after it needs them as they were.

    replaced -- gets their names
    """
    before = dict(vars(builtins))
    try:
        yield
    finally:
        now = vars(builtins)
        for name in now.keys() - before.keys():
            del now[name]
        changed = [name for name, value in before.items() if now.get(name) is not value]
        now.update(before)
        if replaced is not None:
            replaced += changed


@contextlib.contextmanager
def quiet(stream: io.TextIOBase):
    """Everything printed goes to ``stream``; warnings and pictures go nowhere."""
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            pyplot = sys.modules.get("matplotlib.pyplot")
            if pyplot is not None:
                pyplot.close("all")


class _Collector(io.TextIOBase):
    def __init__(self, outputs: list[NotebookNode]):
        self.outputs = outputs

    def write(self, text: str) -> int:
        self.outputs.append(new_output("stream", name="stdout", text=text))
        return len(text)
