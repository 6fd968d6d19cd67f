"""Grades one notebook: which cell runs where, what is shown, which marks are earned.

    cell                               student's process        here
    locked, not graded                 runs                     runs, unseen; not if it is called ...-picture
    solution                           runs                     never; its names arrive as copies or handles
    added by the student               runs                     never, and exports nothing
    graded test, visible or hidden     never                    runs

What runs here is the instructor's own text, taken from the source notebook by grade_id, whatever the submission says.
A test earns its points only when it ran to its end here without an error.
"""

import ast
import contextlib
import io
import symtable
import sys
import time
import warnings
from dataclasses import dataclass, field
from enum import Enum

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.utils import determine_grade, is_grade, is_locked, is_solution

from gradebox.student import Handle, Student, StudentError, StudentGone, StudentTooSlow, WarmParent, number_of

MAX_RESTARTS = 5
NO_SANDBOX = "Graded without a sandbox"
PICTURE = "-picture"  # ends the grade_id of a cell that only draws, for eyes and not for tests
_transform = TransformerManager().transform_cell


class Role(Enum):
    """Who a code cell belongs to, and so where it runs."""

    DEMO = "locked, not graded"
    SOLUTION = "solution"
    OWN = "added by the student"
    TEST = "graded test"


@dataclass(frozen=True)
class Graded:
    """A submission after grading."""

    notebook: NotebookNode
    marks: dict[str, float]  # grade_id -> points, for every graded test of the source notebook
    log: list[str]  # what the instructor may want to know


def grade(
    submitted: NotebookNode, source: NotebookNode, parent: WarmParent, files: dict[str, bytes] | None = None
) -> Graded:
    """Grade a submitted notebook against the instructor's.

    submitted -- the student's notebook; its cells are known by their grade_id, its outputs are not looked at
    source    -- the instructor's notebook, with solutions and hidden tests
    parent    -- where students' processes come from
    files     -- what the notebook finds in its working directory: name -> content

    Returns a graded copy: every code cell has the outputs of this run. Tests run in the calling process, so give each
    call a process of its own if submissions must not see what an earlier one left (`gradebox.warm` does).
    """
    notebook = from_dict(submitted)
    instructors = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    session = Session(parent, files or {})
    bench = Bench(session)
    try:
        for cell, role in roles(notebook, instructors):
            if role is Role.TEST:
                cell.source = instructors[cell.metadata.nbgrader.grade_id].source
                cell.outputs, cell.execution_count = bench.test(cell.metadata.nbgrader.grade_id, cell.source), None
                continue
            name = cell.metadata.get("nbgrader", {}).get("grade_id") or f"number {notebook.cells.index(cell) + 1}"
            if role is Role.DEMO:
                with bench.demonstration(name, instructors[name].source):
                    cell.outputs, cell.execution_count = session.run(name, instructors[name].source)
                continue
            cell.outputs, cell.execution_count = session.run(name, cell.source)
            if role is Role.SOLUTION:
                bench.expect(bound_names(instructors[name].source))
    finally:
        session.close()
    earned = marks(notebook, instructors)
    if not parent.sandbox.enabled:
        notebook.cells.insert(0, new_markdown_cell(f"**{NO_SANDBOX}.**", id="no-sandbox"))
    return Graded(notebook, earned, session.log)


def roles(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> list[tuple[NotebookNode, Role]]:
    """The code cells in order. Of several cells with one grade_id the last is the real one, as in nbgrader."""
    last = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        original = instructors.get(grade_id)
        if original is None or original.cell_type != "code" or last[grade_id] is not cell:
            role = Role.OWN
        elif is_solution(original):
            role = Role.SOLUTION
        elif is_grade(original):
            role = Role.TEST
        else:
            role = Role.DEMO if is_locked(original) else Role.OWN
        found.append((cell, role))
    return found


def marks(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> dict[str, float]:
    """Points of every test: nothing for one that is not in the notebook."""
    earned = {grade_id: 0.0 for grade_id, cell in instructors.items() if is_grade(cell) and not is_solution(cell)}
    for cell, role in roles(notebook, instructors):
        if role is Role.TEST:
            earned[cell.metadata.nbgrader.grade_id] = determine_grade(instructors_view(cell, instructors))[0]
    return earned


def instructors_view(cell: NotebookNode, instructors: dict[str, NotebookNode]) -> NotebookNode:
    """A graded cell with the instructor's metadata (points!) instead of the submission's."""
    original = instructors[cell.metadata.nbgrader.grade_id]
    return from_dict({**cell, "metadata": original.metadata})


def bound_names(source: str, imports: bool = False) -> set[str]:
    """Global names a cell binds: assignments, loops, functions, classes, and imports if asked for."""
    table = symtable.symtable(_transform(source), "<cell>", "exec")
    symbols = table.get_symbols()
    return {name.get_name() for name in symbols if name.is_assigned() and not name.is_imported() or imports and name.is_imported()}


class Session:
    """The student's side of one submission: a process, and its replacement where one is lost."""

    def __init__(self, parent: WarmParent, files: dict[str, bytes]):
        self.parent = parent
        self.files = files
        self.deadline = time.monotonic() + parent.sandbox.notebook_seconds
        self.history: list[tuple[str, str]] = []  # cells that ran without ending the process
        self.restarts = 0
        self.log: list[str] = []
        self.printed = lambda outputs: None
        self.student: Student | None = None
        self.age = 0  # changes whenever names may have changed
        self.trouble = 0  # counts lost processes and interrupted calls
        if not parent.sandbox.enabled:
            self.log.append(NO_SANDBOX)

    def close(self) -> None:
        if self.student is not None:
            self.student.stop()

    def run(self, name: str, source: str) -> tuple[list[NotebookNode], int | None]:
        """Run a cell on the student's side. Returns the outputs to show and the execution count."""
        self.age += 1
        try:
            result, claims = self.process().run(name, source)
            outputs = shown(claims)
            error = result["error"]
            if error is not None:
                outputs.append(error_output(str(error["ename"]), str(error["evalue"]), error["traceback"]))
            self.history.append((name, source))
            count = result["execution_count"]
            return outputs, count if isinstance(count, int) else None
        except StudentTooSlow as slow:
            self.history.append((name, source))
            self.note(name, slow)
            return [*shown(slow.outputs), error_output("Stopped", str(slow))], None
        except StudentGone as gone:
            self.note(name, gone)
            return [error_output("Stopped", str(gone))], None

    def note(self, name: str, what: BaseException) -> None:
        self.trouble += 1
        self.log.append(f"{name}: {what}")

    def process(self) -> Student:
        """The student's process, replaced and brought to where it was if it was lost. Raises StudentGone."""
        if time.monotonic() > self.deadline:
            limit = self.parent.sandbox.notebook_seconds
            raise StudentGone(f"Not run: this notebook had used up its {limit:g} s before.")
        while self.student is None or self.student.ended:
            if self.student is not None:
                self.restarts += 1
            if self.restarts > MAX_RESTARTS:
                raise StudentGone("Not run: this notebook had to be stopped too often before.")
            self.student = self.parent.student(self.files)
            self.student.deadline = self.deadline
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


@dataclass
class Bench:
    """The judge's side of one submission: the namespace that locked cells and tests run in."""

    session: Session
    names: dict = field(default_factory=lambda: {"__name__": "__main__", "get_ipython": _NoShell, "display": _ignore})
    expected: set[str] = field(default_factory=set)  # names that are the student's: bound last by a solution cell
    cannot: dict[str, str] = field(default_factory=dict)  # those that cannot cross, and why
    slow: set[str] = field(default_factory=set)  # those that ran out of time when they were called
    age: int = -1

    def expect(self, names: set[str]) -> None:
        """From now on these names are the student's, until an instructor's cell binds them. Modules never cross."""
        self.expected |= names
        self.age = -1

    def fetch(self) -> None:
        """Bring the student's names up to date."""
        student = self.session.process()
        if self.age == self.session.age:
            return
        claims = student.export(sorted(self.expected))
        self.cannot = {name: str(claims[name][1]) for name in self.expected & claims.keys() if not claims[name][0]}
        for name in self.expected:
            crossed, value = claims.get(name, (False, None))
            self.names.pop(name, None)
            if crossed:
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
        except StudentGone as gone:
            self.session.note(name, gone)
        yield
        if name.endswith(PICTURE) or self.session.trouble > trouble:
            return
        try:
            with quiet(io.StringIO()):
                self.execute(name, source)
        except (Exception, StudentGone, StudentTooSlow) as error:
            # On the other side the same cell failed for the same reason, and says so in the notebook.
            self.session.log.append(f"{name} (judge): {type(error).__name__}: {error}")

    def test(self, name: str, source: str) -> list[NotebookNode]:
        """Run a graded cell. The outputs hold an error unless it ran to its end."""
        outputs: list[NotebookNode] = []
        self.session.printed = lambda claims: outputs.extend(shown(claims))
        trouble = self.session.trouble
        try:
            with quiet(_Collector(outputs)):
                self.fetch()
                result = self.execute(name, source)
        except (StudentGone, StudentTooSlow) as stopped:
            self.session.note(name, stopped)
            outputs.append(error_output("Stopped", str(stopped)))
        except StudentError as error:
            outputs.append(error_output(error.ename, error.evalue, error.lines))
        except NameError as error:
            reason = self.cannot.get(error.name)
            outputs.append(error_output("NameError", f"{error}: {reason}" if reason else str(error)))
        except BaseException as error:  # a test that ends in any other way has not passed either
            outputs.append(error_output(type(error).__name__, str(error)))
        else:
            if self.session.trouble > trouble:
                outputs.append(error_output("Stopped", "The code under test had to be stopped."))
            elif isinstance(result, (int, float)) and not isinstance(result, bool):
                data = {"text/plain": repr(result)}  # partial credit, as nbgrader reads it
                outputs.append(new_output("execute_result", data, execution_count=1))
        finally:
            self.session.printed = lambda claims: None
            self._remember_slow()
        return as_graded(outputs)

    def _remember_slow(self) -> None:
        student = self.session.student
        slow = student.slow if student is not None else set()
        self.slow |= {name for name in self.expected if number_of(self.names.get(name)) in slow}

    def execute(self, name: str, source: str) -> object:
        """Run the instructor's text; returns the value of its last line if that is an expression."""
        self.expected -= bound_names(source, imports=True)
        tree = ast.parse(_transform(source))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"<{name}>", "exec"), self.names)
        return eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), self.names) if last else None


class _NoShell:
    """What magics of locked cells find here, where nothing is drawn or shown."""

    def run_line_magic(self, *args, **kwargs):
        return None

    run_cell_magic = system = getoutput = run_line_magic


def _ignore(*args, **kwargs) -> None:
    return None


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


# --- outputs ------------------------------------------------------------------------------------------------------


def error_output(ename: str, evalue: str, lines: list = ()) -> NotebookNode:
    ename, evalue = ename or "Error", evalue or ""
    traceback = [*map(str, lines), f"{ename}: {evalue}" if evalue else ename]
    return new_output("error", ename=ename, evalue=evalue, traceback=traceback)


def shown(claims: list) -> list[NotebookNode]:
    """Outputs a student's process claims to have, as far as they are outputs."""
    outputs = []
    for claim in claims:
        kind = claim.get("output_type") if isinstance(claim, dict) else None
        if kind == "stream" and claim.get("name") in ("stdout", "stderr") and isinstance(claim.get("text"), str):
            outputs.append(new_output("stream", name=claim["name"], text=claim["text"]))
        elif kind in ("display_data", "execute_result") and isinstance(claim.get("data"), dict):
            data = {mime: text for mime, text in claim["data"].items() if isinstance(mime, str) and isinstance(text, str)}
            number = claim.get("execution_count") if kind == "execute_result" else None
            more = {"execution_count": number if isinstance(number, int) else None} if kind == "execute_result" else {}
            outputs.append(new_output(kind, data, **more))
    return outputs


def as_graded(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """A test cell's outputs: neighbouring prints joined; stderr as stdout, which costs nothing in nbgrader."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            output.name = "stdout"
            if joined and joined[-1].output_type == "stream":
                joined[-1].text += output.text
                continue
        joined.append(output)
    return joined
