"""Grading one submission: a pure function of its files and the assignment, so that it can run on any machine.

    Submission (bytes)  →  repair  →  nbgrader's steps, with the judge in the place of its kernel  →  Outcome (text)

Nothing here reads the course folder or the gradebook; what is known of them comes in as an `Assignment`.
"""

import functools
import pickle
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader import preprocessors as stock
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from traitlets.config import Config

from gradebox.classroom.matching import sorted_out
from gradebox.classroom.reading import Reading, Refused
from gradebox.classroom.released import ReleasedNotebook
from gradebox.classroom.repair import restored
from gradebox.course import markdown_text
from gradebox.judge import (
    APART,
    AuthorError,
    CourseError,
    Execute,
    JudgeError,
    Proof,
    Stock,
    WarmJudge,
    executed,
    judged_here,
    settings_for,
    warm_judge,
)
from gradebox.sandbox import MIB

# What repair.restored, the writer, and the judge do instead. All else an instructor configures runs as it is.
REPLACED = (
    stock.DeduplicateIds,
    stock.OverwriteKernelspec,
    stock.OverwriteCells,
    stock.CheckCellMetadata,
    stock.SaveAutoGrades,
    stock.AssignLatePenalties,
)
MOST_NOTEBOOK_MIB = 256
MOST_REPAIR = 1000  # characters
EXECUTE = (stock.Execute, Execute)  # where the judge steps in, plugged in or not
JUDGE_ATTEMPTS = 2
OTHER_KERNEL = "for another kernel than Python's: run as by stock nbgrader, with your own rights and no sandbox"
GRADED, REPAIRED, REFUSED = "graded", "graded after repair", "refused"


@dataclass(frozen=True)
class Assignment:
    """All that grading a submission has to know."""

    name: str
    notebooks: tuple[ReleasedNotebook, ...]
    files: dict[str, bytes]  # of the instructor, beside the notebooks
    config: Config
    sanitize: tuple[type[NbGraderPreprocessor], ...]  # as configured, those in REPLACED left out
    autograde: tuple[type[NbGraderPreprocessor], ...]
    proofs: dict[str, Proof] = field(default_factory=dict)  # by notebook: one rehearsal's, for all workers
    many: bool = True  # submissions, so that it is worth preparing for them

    def packed(self) -> bytes:
        """As bytes, so that a worker unpacks it once and not with every submission."""
        return pickle.dumps(self)


@functools.lru_cache(maxsize=4)
def unpacked(assignment: bytes) -> Assignment:
    return pickle.loads(assignment)


@dataclass(frozen=True)
class Submission:
    """What one student handed in."""

    student: str
    notebooks: dict[str, bytes]  # by file name
    files: dict[str, bytes]  # what lies beside them, the instructor's files included
    when: datetime | None = None  # it was handed in, UTC without a zone
    remarks: list[str] = field(default_factory=list)  # for the instructor


@dataclass(frozen=True)
class GradedNotebook:
    text: str  # of the file
    scores: dict[str, float | None]  # grade_id -> the machine's points; None: for a person to grade
    comments: dict[str, str | None]  # grade_id -> what nbgrader says to an answer


@dataclass
class Outcome:
    """What became of a submission: exactly one of graded, graded after repair, refused."""

    student: str
    state: str = GRADED
    reason: str = ""  # why it was refused
    ours: bool = False  # refused through no fault of the submission: to be tried again
    notebooks: dict[str, GradedNotebook] = field(default_factory=dict)
    repairs: dict[str, list[str]] = field(default_factory=dict)  # by notebook
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory: int = 0  # bytes, the most that the student's process held
    cpu: dict[str, float] = field(default_factory=dict)  # seconds by part


def grade_submission(assignment: bytes, submission: Submission) -> Outcome:
    """Grade what one student handed in. Raises SandboxError or AuthorError, which concern the whole class.

    assignment -- an Assignment, packed
    """
    begin, busy = time.perf_counter(), time.process_time()
    outcome = Outcome(submission.student)
    try:
        _grade(unpacked(assignment), submission, outcome)
    except Refused as refusal:
        outcome = Outcome(submission.student, REFUSED, str(refusal), log=outcome.log)
    except JudgeError as error:
        reason = f"could not be judged, which is the grader's fault: {str(error).strip().splitlines()[-1]}"
        outcome = Outcome(submission.student, REFUSED, reason, ours=True, log=[*outcome.log, str(error)])
    outcome.cpu["worker"] = time.process_time() - busy
    outcome.seconds = time.perf_counter() - begin
    return outcome


def _grade(assignment: Assignment, submission: Submission, outcome: Outcome) -> None:
    for name, data in submission.notebooks.items():
        if len(data) > MOST_NOTEBOOK_MIB * MIB:
            size = f"{len(data) / MIB:.0f} MiB, over the {MOST_NOTEBOOK_MIB} there may be"
            raise Refused(f"{name} has {size}: ask for one without outputs")
    found, outcome.log = sorted_out(submission.notebooks, list(assignment.notebooks))
    for released in assignment.notebooks:
        if released.name in found:
            name, reading = found[released.name]
            if len(submission.notebooks[name]) > 10 * MIB:
                outcome.log.append(f"{name} had {len(submission.notebooks[name]) / MIB:.0f} MiB; outputs are not read")
            reading = restored(reading, released)
            if reading.repairs:
                outcome.state = REPAIRED
                outcome.repairs[released.name] = reading.repairs
            outcome.notebooks[released.name] = graded_notebook(assignment, released, reading, submission, outcome)


def graded_notebook(
    assignment: Assignment, released: ReleasedNotebook, reading: Reading, submission: Submission, outcome: Outcome
) -> GradedNotebook:
    """The steps of ``nbgrader autograde``, on a notebook in memory."""
    names = {"student": submission.student, "assignment": assignment.name, "notebook": released.name}
    resources = {"nbgrader": names, "metadata": {}}
    notebook = reading.notebook
    for step in ready(assignment, "sanitize"):
        notebook, resources = step(notebook, resources)
    for step in ready(assignment, "autograde"):
        if isinstance(step, EXECUTE):
            notebook = judged(assignment, released, notebook, submission, outcome)
        else:
            notebook, resources = step(notebook, resources)
    scores = {
        cell.metadata.nbgrader.grade_id: None if is_task(cell) else determine_grade(cell)[0]
        for cell in notebook.cells
        if is_grade(cell) or is_task(cell)
    }
    comments = {
        cell.metadata.nbgrader.grade_id: comment_on(cell)
        for cell in notebook.cells
        if is_solution(cell) or is_task(cell)
    }
    if reading.repairs:
        notebook.cells.insert(0, repairs_cell(reading.repairs, with_id=notebook.nbformat_minor >= 5))
    nbformat.validate(notebook)
    return GradedNotebook(nbformat.v4.writes(notebook) + "\n", scores, comments)


def ready(assignment: Assignment, which: str) -> Iterable[NbGraderPreprocessor]:
    """The configured steps, made anew for every notebook as nbgrader does."""
    for kind in getattr(assignment, which):
        step = kind(config=assignment.config)
        if step.enabled:
            yield step


def judged(
    assignment: Assignment,
    released: ReleasedNotebook,
    notebook: NotebookNode,
    submission: Submission,
    outcome: Outcome,
) -> NotebookNode:
    """Let the judge run it; once more with a new judge if this one is lost. Raises Refused or JudgeError."""
    if not judged_here(assignment.config, released.source):
        try:
            return executed(notebook, submission.files, assignment.config)
        except DeadKernelError as error:
            raise Refused(f"{released.name} ended the kernel it ran in") from error
    for attempt in range(JUDGE_ATTEMPTS):
        judge = judge_for(assignment, released)
        try:
            rehearsed(assignment, released, judge)  # if it is a new judge
            graded = judge.grade(notebook, released.source, submission.files)
            break
        except (JudgeError, BrokenPipeError) as error:
            if attempt == JUDGE_ATTEMPTS - 1:
                raise JudgeError(f"{released.name}: {error}") from error
            outcome.log.append(f"{released.name}: tried again after the judge failed ({str(error)[-200:]})")
    outcome.log += [f"{released.name}: {line}" for line in graded.log]
    outcome.memory = max(outcome.memory, int(graded.usage["student_memory"]))
    for part in ("judge", "student"):
        outcome.cpu[part] = outcome.cpu.get(part, 0.0) + graded.usage[f"{part}_cpu"]
    return graded.notebook


def comment_on(cell: NotebookNode) -> str | None:
    """What nbgrader's SaveAutoGrades says to an answer that is still the stub."""
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return "No response." if untouched and not is_task(cell) else None


def repairs_cell(repairs: list[str], with_id: bool) -> NotebookNode:
    """Tells the student, at the top of the graded notebook and so of the feedback, what was mended."""
    lines = [
        "**This notebook was mended before it was graded:**",
        "",
        *(f"- {markdown_text(each, MOST_REPAIR)}" for each in repairs),
    ]
    cell = new_markdown_cell("\n".join(lines), id="repairs")
    if not with_id:
        del cell["id"]
    return cell


def judge_for(assignment: Assignment, released: ReleasedNotebook) -> WarmJudge:
    return warm_judge(settings_for(assignment.config, released.source), released.modules)


def rehearsed(assignment: Assignment, released: ReleasedNotebook, judge: WarmJudge) -> Proof:
    stock = Stock(assignment.config, assignment.files, released.modules)
    proof = assignment.proofs.get(released.name)
    return judge.rehearse(released.source, assignment.files, assignment.many, stock, proof)


def start_judges(assignment: bytes) -> None:
    """Start the judges that the notebooks need. Raises SandboxError."""
    for released in unpacked(assignment).notebooks:
        if judged_here(unpacked(assignment).config, released.source):
            judge_for(unpacked(assignment), released)


def rehearse(assignment: bytes) -> dict[str, Proof]:
    """Let the judges grade the instructor's notebooks. Returns what that showed, by notebook.

    Raises SandboxError, or AuthorError with the notebook's name.
    """
    known = unpacked(assignment)
    proofs = {}
    for released in known.notebooks:
        try:
            if not judged_here(known.config, released.source):
                proofs[released.name] = Proof([], APART, [OTHER_KERNEL])
                continue
            proofs[released.name] = rehearsed(known, released, judge_for(known, released))
        except (AuthorError, CourseError) as error:
            raise type(error)(f"{known.name}/{released.name}.ipynb: {error}") from error
    return proofs
