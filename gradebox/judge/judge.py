"""Grades one notebook: which cell runs where, what is shown, which marks are earned.

    cell                               student's process        here
    locked, not graded                 runs                     runs, unseen, if a test is to come; not if called
                                                                ...-picture or ...-stand-in
    solution                           runs                     never; its names arrive as copies or handles
    added by the student               runs                     never, and exports nothing
    graded test, visible or hidden     never                    runs

What runs here is the instructor's own text, taken from the source notebook by grade_id, whatever the submission says.
A test earns its points only when it ran to its end here without an error.
"""

import ast
import contextlib
import functools
import io
import symtable
import sys
import time
import warnings
from dataclasses import dataclass, field
from enum import Enum
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import determine_grade, is_grade, is_locked, is_solution

from gradebox.judge.comparison import comparison
from gradebox.sandbox.student import (
    Handle,
    Student,
    StudentError,
    StudentGone,
    StudentTooSlow,
    WarmParent,
    number_of,
    student_error,
)

MAX_RESTARTS = 5
MAX_OUTPUTS = 1000  # of one cell
SLACK = 1000  # the student's side keeps to the limit too, and adds a word about it
NO_SANDBOX = "Graded without a sandbox"
PICTURE = "-picture"  # ends the grade_id of a cell that only draws, for eyes and not for tests
STAND_IN = "-stand-in"  # of one that replaces what is wrong on the student's side; its names stay the student's
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
    usage: dict[str, float] = field(default_factory=dict)  # CPU seconds and peak bytes of the two processes


def grade(
    submitted: NotebookNode, source: NotebookNode, parent: WarmParent, files: dict[str, bytes] | None = None
) -> Graded:
    """Grade a submitted notebook against the instructor's.

    submitted -- the student's notebook; its cells are known by their grade_id, its outputs are not looked at
    source    -- the instructor's notebook, with solutions and hidden tests
    parent    -- where students' processes come from
    files     -- what the notebook finds in its working directory: name -> content

    Returns a graded copy: every code cell has the outputs of this run. Tests run in the calling process, so give each
    call a process of its own if submissions must not see what an earlier one left (`gradebox.judge.warm` does).
    """
    notebook = from_dict(submitted)
    for cell in notebook.cells:
        cell.source = whole_characters(cell.source)
    instructors = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    session = Session(parent, files or {})
    bench = Bench(session)
    try:
        cells = stand_ins_last(roles(notebook, instructors), instructors)
        tests = sum(role is Role.TEST for _, role in cells)
        for cell, role in cells:
            if role is Role.TEST:
                cell.source = instructors[cell.metadata.nbgrader.grade_id].source
                cell.outputs, cell.execution_count = bench.test(cell.metadata.nbgrader.grade_id, cell.source), None
                tests -= 1
                continue
            name = grade_id_of(cell) or f"number {notebook.cells.index(cell) + 1}"
            text = instructors[name].source if role is Role.DEMO else cell.source
            here_too = role is Role.DEMO and tests and not name.endswith((PICTURE, STAND_IN))
            with bench.demonstration(name, text) if here_too else contextlib.nullcontext():
                cell.outputs, cell.execution_count = session.run(name, text)
            if role is Role.SOLUTION:
                bench.expect(prepared(name, instructors[name].source).binds)
        usage = session.usage()
    finally:
        session.close()
    earned = marks(notebook, instructors)
    if not parent.sandbox.enabled:
        notebook.cells.insert(0, new_markdown_cell(f"**{NO_SANDBOX}.**", id="no-sandbox"))
    return Graded(notebook, earned, session.log, usage)


def roles(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> list[tuple[NotebookNode, Role]]:
    """The code cells in order. Of several cells with one grade_id the last is the real one, as in nbgrader."""
    last = {grade_id_of(cell): cell for cell in notebook.cells}
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        grade_id = grade_id_of(cell)
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


def stand_ins_last(
    cells: list[tuple[NotebookNode, Role]], instructors: dict[str, NotebookNode]
) -> list[tuple[NotebookNode, Role]]:
    """The cells in the order to run them: the submission's, but no stand-in before the tests above it in the source.

    A stand-in is a locked cell that binds names which a solution cell above it binds: the right answer, for those who
    come after. Moved up by a student it would answer the tests.
    """
    above = tests_above_stand_ins(instructors)
    to_come = {grade_id_of(cell) for cell, role in cells if role is Role.TEST}
    order, waiting = [], []
    for cell, role in cells:
        (waiting if above.get(grade_id_of(cell), frozenset()) & to_come else order).append((cell, role))
        if role is Role.TEST:
            to_come.discard(grade_id_of(cell))
            order += [each for each in waiting if not above[grade_id_of(each[0])] & to_come]
            waiting = [each for each in waiting if above[grade_id_of(each[0])] & to_come]
    return order


def tests_above_stand_ins(instructors: dict[str, NotebookNode]) -> dict[str, frozenset[str]]:
    """grade_id of every stand-in -> those of the graded tests above it."""
    solved: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    above = {}
    for name, cell in instructors.items():
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            solved |= prepared(name, cell.source).binds
        elif is_grade(cell):
            tests |= {name}
        elif is_locked(cell) and prepared(name, cell.source).binds & solved:
            above[name] = tests
    return above


def grade_id_of(cell: NotebookNode) -> str | None:
    """The cell's grade_id, if its metadata, which the student may have written, holds one."""
    about = cell.metadata.get("nbgrader")
    grade_id = about.get("grade_id") if isinstance(about, dict) else None
    return grade_id if isinstance(grade_id, str) else None


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


@dataclass(frozen=True)
class Prepared:
    """An instructor's cell, ready to run."""

    body: CodeType
    last: CodeType | None  # the last line, if it is an expression
    binds: frozenset[str]  # global names: assignments, loops, functions, classes
    imports: frozenset[str]


@functools.lru_cache(maxsize=1000)
def prepared(name: str, source: str) -> Prepared:
    """Compile an instructor's cell. Kept: the rehearsal prepares for all the submissions that follow."""
    text = _transform(source)
    symbols = symtable.symtable(text, f"<{name}>", "exec").get_symbols()
    tree = ast.parse(text)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return Prepared(
        compile(tree, f"<{name}>", "exec"),
        compile(ast.Expression(last.value), f"<{name}>", "eval") if last else None,
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() and not symbol.is_imported()),
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_imported()),
    )


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

    def usage(self) -> dict[str, float]:
        """CPU seconds and peak memory of the student's process, of the last one if it had to be replaced."""
        used = self.student.used() if self.student is not None else {}
        return {f"student_{what}": used.get(what, 0) for what in ("cpu", "memory")}

    def run(self, name: str, source: str) -> tuple[list[NotebookNode], int | None]:
        """Run a cell on the student's side. Returns the outputs to show and the execution count."""
        self.age += 1
        try:
            result, claims = self.process().run(name, source)
            self.history.append((name, source))
            result = result if isinstance(result, dict) else {}
            outputs = self.shown(claims)
            if result.get("error") is not None:
                outputs.append(error_output(student_error(result["error"])))
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
        """All calls of one of the judge's cells together have the time of a cell, on the clock as for a sleeper."""
        student = self.process()
        student.deadline = min(self.deadline, time.monotonic() + 2 * student.cell_seconds)
        try:
            yield
        finally:
            student.deadline = self.deadline

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

    def expect(self, names: frozenset[str]) -> None:
        """From now on these names are the student's, until an instructor's cell binds them. Modules never cross."""
        self.expected |= names
        self.age = -1

    def fetch(self) -> None:
        """Bring the student's names up to date."""
        student = self.session.process()
        if self.age == self.session.age or not self.expected:
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
        if self.session.trouble > trouble:
            return
        try:
            with quiet(io.StringIO()), self.session.time_for_a_cell():
                self.execute(name, source)
        except (Exception, StudentGone, StudentTooSlow) as error:
            # On the other side the same cell failed for the same reason, and says so in the notebook.
            self.session.log.append(f"{name} (judge): {type(error).__name__}: {error}")

    def test(self, name: str, source: str) -> list[NotebookNode]:
        """Run a graded cell. The outputs hold an error unless it ran to its end."""
        outputs: list[NotebookNode] = []
        # Only what a function prints: a result would be read as partial credit.
        self.session.printed = lambda claims: outputs.extend(
            output
            for output in self.session.shown(claims)
            if output.output_type == "stream" and len(outputs) < MAX_OUTPUTS
        )
        trouble = self.session.trouble
        try:
            with quiet(_Collector(outputs)), self.session.time_for_a_cell():
                self.fetch()
                result = self.execute(name, source)
        except (StudentGone, StudentTooSlow) as stopped:
            self.session.note(name, stopped)
            outputs.append(error_output(stopped))
        except StudentError as error:
            outputs.append(error_output(error))
        except NameError as error:
            outputs.append(error_output(error, self.cannot.get(error.name, "")))
        except BaseException as error:  # a test that ends in any other way has not passed either
            outputs += [error_output(error), *comparison(name, source, error)]
        else:
            if self.session.trouble > trouble:
                outputs.append(error_output(StudentGone("The code under test had to be stopped.")))
            elif isinstance(result, (int, float)) and not isinstance(result, bool):
                data = {"text/plain": repr(result)}  # partial credit, as nbgrader reads it
                outputs.append(new_output("execute_result", data=data, metadata={}, execution_count=None))
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
        cell = prepared(name, source)
        self.expected -= cell.binds | cell.imports
        exec(cell.body, self.names)
        return eval(cell.last, self.names) if cell.last else None


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


def new_output(kind: str, **content) -> NotebookNode:
    """As nbformat's, without its check against the schema, which takes longer than most cells."""
    return from_dict({"output_type": kind, **content})


def error_output(error: BaseException, reason: str = "") -> NotebookNode:
    """An error as it is shown: what the student's code raised with its own lines, all else in a sentence."""
    if isinstance(error, StudentError):
        ename, evalue, *lines = map(whole_characters, (error.ename, error.evalue, *error.lines))
    elif isinstance(error, (StudentGone, StudentTooSlow)):
        ename, evalue, lines = "Stopped", str(error), []
    else:
        ename, evalue = type(error).__name__, ": ".join(filter(None, (str(error), reason)))
        lines = error.__cause__.lines if isinstance(error.__cause__, StudentError) else []
    return new_output(
        "error", ename=ename, evalue=evalue, traceback=[*lines, f"{ename}: {evalue}" if evalue else ename]
    )


def shown(claims: list, limit: int) -> list[NotebookNode]:
    """Outputs a student's process claims to have, as far as they are outputs, and up to a limit of bytes."""
    outputs = []
    for claim in claims[:MAX_OUTPUTS] if isinstance(claims, list) else []:
        output = claimed_output(claim) if isinstance(claim, dict) else None
        if output is not None:
            limit -= len(output.text) if "text" in output else sum(map(len, output.data.values()))
            if limit < -SLACK:
                outputs.append(
                    new_output("stream", name="stdout", text="[More output than is kept; the rest is left out.]\n")
                )
                break
            outputs.append(output)
    return outputs


def claimed_output(claim: dict) -> NotebookNode | None:
    kind, name = (claim[key] if type(claim.get(key)) is str else "" for key in ("output_type", "name"))
    text, data = claim.get("text"), claim.get("data")
    if kind == "stream" and name in ("stdout", "stderr") and type(text) is str:
        return new_output("stream", name=name, text=whole_characters(text))
    if kind in ("display_data", "execute_result") and type(data) is dict:
        strings = {mime: content for mime, content in data.items() if type(mime) is str and type(content) is str}
        data = {whole_characters(mime): whole_characters(content) for mime, content in strings.items()}
        more = {"execution_count": count_of(claim)} if kind == "execute_result" else {}
        return new_output(kind, data=data, metadata={}, **more)
    return None


def count_of(claim: dict) -> int | None:
    count = claim.get("execution_count")
    return count if type(count) is int and 0 <= count < 2**31 else None


def whole_characters(text: str) -> str:
    """Text that can be written: half of a surrogate pair has no place in UTF-8."""
    return text.encode("utf-8", "replace").decode()


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
