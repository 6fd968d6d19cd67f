"""Feedback pages: one HTML file per graded notebook that needs nothing else, in place of nbconvert's template.

`Grades` reads the gradebook, `FeedbackPage` writes the page; nbgrader_config.py plugs both into GenerateFeedback, so
`nbgrader generate_feedback`, the formgrader and `gradebox feedback` make the same pages.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from traitlets import Bool, List, Unicode

from gradebox.course import Points, Record, exercise_of, lines, place, records, words
from gradebox.feedback import markup
from gradebox.feedback.converting import copy_beside
from gradebox.feedback.drawing import drawn
from gradebox.judge import MIME

PARTS = {"check": "check", "values": "hidden tests", "general": "hidden tests, other sizes"}
MAX_MESSAGE = 600  # characters shown of what a test says
HINT = "Hint:"  # begins the line of a message that names the mistake
UNANSWERED = "Not answered yet."
SPEAKS_FOR_ITSELF = ("AssertionError", "WrongAnswer", "Stopped")  # errors whose message is the whole story


class Grades(NbGraderPreprocessor):
    """Reads what the gradebook knows about the notebook into ``resources["nbgrader"]["record"]``.

    Stands where nbgrader's GetGrades stood, which asks for every cell by itself and not for what waits for a grader.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            only = {"student": about["student"], "notebook": about["notebook"]}
            about["record"] = records(gradebook, about["assignment"], **only)[about["student"], about["notebook"]]
        return nb, resources


@dataclass
class Shown:
    """A cell as the page shows it."""

    anchor: str
    kind: str  # text, given (code), yours, test, written
    name: str  # grade_id, if it has one
    source: str = ""
    outputs: list[Markup] = field(default_factory=list)
    points: Points | None = None
    message: str = ""  # the first error's
    hint: str = ""
    comment: str = ""
    by_hand: bool = False  # whether a person wrote the comment
    picture: Markup | None = None
    hides: bool = False  # whether lines of it are not shown


@dataclass
class Exercise:
    """A row of the summary: the graded cells of one exercise."""

    title: str
    cells: list[Shown]
    answer: Shown | None  # the solution cell

    @property
    def points(self) -> Points:
        parts = [cell.points for cell in self.cells]
        return Points(
            sum(part.earned for part in parts), sum(part.possible for part in parts), any(part.waits for part in parts)
        )

    @property
    def decisive(self) -> Shown:
        """The cell to look at: the answer if it does not even run, else the first that failed."""
        if self.answer is not None and self.answer.message and self.points.verdict in ("wrong", "partly"):
            return self.answer
        failed = [cell for cell in self.cells if cell.points.verdict in ("wrong", "partly")]
        return (failed or self.cells)[0]

    @property
    def happened(self) -> str:
        """One line."""
        cell, verdict = self.decisive, self.points.verdict
        if verdict == "right":
            return "Right."
        if cell.message == UNANSWERED:
            return UNANSWERED
        if cell is self.answer:
            return f"Your cell stops with {first_sentence(cell.message)}"
        if cell.message:
            return first_sentence(cell.message)
        if verdict == "waits":
            return "Waits for a grade by hand."
        if not cell.anchor:
            return "The graded cell is missing from the notebook."
        return "Graded by hand." if cell.kind == "written" else "The test did not pass."

    @property
    def hint(self) -> str:
        return next((cell.hint for cell in self.cells if cell.hint and cell.points.verdict != "right"), "")


class FeedbackPage(Exporter):
    """Writes a graded notebook as one HTML page: no network, no script, a summary on top."""

    export_from_notebook = None
    file_extension = ".html"
    output_mimetype = "text/html"

    show_hidden_tests = Bool(
        False,
        help="Show students the source of hidden tests, what they print and their tracebacks. "
        "Without it they see the message of a hidden test that failed, nothing else of it.",
    ).tag(config=True)
    files = List(
        Unicode(),
        help="Files beside the notebook that go along with the page, as globs ('plots/*.png'). The page needs none of "
        "them, and a student's own may be anything.",
    ).tag(config=True)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if isinstance(self.parent, GenerateFeedback):  # which copies all there is, and can be told nothing else
            self.parent.init_assignment = lambda assignment, student: copy_beside(
                self.parent, assignment, student, self.files
            )

    def from_notebook_node(self, nb, resources=None, **kwargs) -> tuple[str, ResourcesDict]:
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        about = resources.get("nbgrader", {})
        record = about.get("record", Record())
        cells = self.shown(nb, record)
        page = _environment.get_template("feedback.html.j2").render(
            title=title_of(nb) or about.get("notebook", "Notebook"),
            student=about.get("student", ""),
            assignment=about.get("assignment", ""),
            record=record,
            fingerprint=self.fingerprint(record),
            exercises=exercises(cells, record.points, exercise_headings(nb)),
            cells=cells,
            index=self.index(about),
        )
        return page, resources

    def index(self, about: dict) -> str:
        """Where the index of all pages is, seen from this one; nothing if the page is to lie nobody knows where."""
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is None or "student" not in about:
            return ""
        here = place(coursedir, coursedir.feedback_directory, about["student"], about["assignment"])
        return quote(os.path.relpath(Path(coursedir.root, coursedir.feedback_directory, "index.html"), here))

    def fingerprint(self, record: Record) -> str:
        """What stands in a page's head to tell whether it still says what the gradebook says."""
        return record.fingerprint(self.show_hidden_tests)

    def shown(self, nb: NotebookNode, record: Record) -> list[Shown]:
        """Every cell of the notebook, ready for the template."""
        level, cells = 2, []
        for number, cell in enumerate(nb.cells, 1):
            name, kind = str(cell.metadata.get("nbgrader", {}).get("grade_id", "")), kind_of(cell)
            view = Shown(f"cell-{number}", kind, name)
            if cell.cell_type == "code":
                source, view.hides = self.visible(cell) if kind == "test" else (cell.source, False)
                view.source = markup.code(source)
                self.add_outputs(view, cell)
            elif cell.cell_type == "markdown":
                view.source, level = markup.markdown(cell.source, cell.get("attachments"), level)
            else:
                view.source = markup.text(cell.source)
            if kind in ("test", "written"):
                view.points = record.points.get(name)
            if is_solution(cell) or is_task(cell):
                comment = record.comments.get(name, "")
                view.comment = markup.flat(markup.markdown(comment or record.remarks.get(name, ""))[0])
                view.by_hand = bool(comment)
            cells.append(view)
        return cells

    def visible(self, cell: NotebookNode) -> tuple[str, bool]:
        """A test's source without its hidden regions, and whether there were any."""
        marks = ClearHiddenTests(parent=self)
        if self.show_hidden_tests or marks.begin_test_delimeter not in cell.source:
            return cell.source, False
        lines, hidden = [], False
        for line in cell.source.splitlines():
            if marks.begin_test_delimeter in line or hidden:
                hidden = marks.end_test_delimeter not in line  # one that never ends hides the rest
            else:
                lines.append(line)
        return "\n".join(lines), True

    def add_outputs(self, view: Shown, cell: NotebookNode) -> None:
        """What the cell showed. Of hidden tests only the message: their prints and tracebacks tell their inputs."""
        if view.kind == "test" and nothing_yet(cell):
            view.message = UNANSWERED
        for output in cell.outputs:
            if output.output_type == "error":
                if not view.message:
                    view.message, view.hint = message_of(output)
                if view.kind != "test":
                    view.outputs.append(markup.text("\n".join(map(str, output.traceback)), "error"))
                elif not view.hides and len(output.traceback) > 1:
                    view.outputs.append(markup.text("\n".join(map(str, output.traceback[:-1])), "error"))
            elif view.hides:
                continue
            elif output.output_type == "stream":
                view.outputs.append(markup.text(str(output.text), output.name if output.name == "stderr" else "text"))
            elif MIME in output.data:
                view.picture = drawn(output.data[MIME]) if view.kind == "test" else None
            else:
                found = markup.rich(output.data, f"Picture {len(view.outputs) + 1} drawn by this cell")
                if found:
                    view.outputs.append(found)


def fingerprint_of(page: Path) -> str:
    """The fingerprint in the head of a page; nothing if it is not one of ours."""
    with page.open(encoding="utf-8", errors="replace") as file:
        found = re.search(r'<meta name="gradebox-marks" content="(\w+)">', file.read(1000))
    return found[1] if found else ""


def kind_of(cell: NotebookNode) -> str:
    if (is_solution(cell) and is_grade(cell)) or is_task(cell):
        return "written"
    if is_grade(cell):
        return "test" if cell.cell_type == "code" else "written"
    if cell.cell_type != "code":
        return "text"
    return "given" if is_locked(cell) else "yours"


def message_of(error: NotebookNode) -> tuple[str, str]:
    """What an error says, and the hint in its last line if there is one."""
    name, value = words(strip_ansi(str(error.ename))), lines(strip_ansi(str(error.evalue))).strip()
    said, _, hint = f"\n{value}".partition(f"\n{HINT}")
    said = said.strip()[:MAX_MESSAGE]
    if name == "NotImplementedError" and not said:
        return UNANSWERED, ""
    if name not in SPEAKS_FOR_ITSELF or not said:
        said = f"{name}: {said}" if said else f"{name}."
    return said, " ".join(hint.split())[:MAX_MESSAGE]


def nothing_yet(test: NotebookNode) -> bool:
    """Whether a test cell found no answer to look at: it ends in a zero that says in words what it is."""
    results = [output.data for output in test.get("outputs", []) if output.output_type == "execute_result"]
    return any("text/html" in data and data.get("text/plain") == "0.0" for data in results)


def first_sentence(message: str) -> str:
    """Up to the first full stop that ends a sentence, on one line."""
    line = " ".join(message.split())
    end = re.search(r"(?<=[.!?])\s+(?=[A-Z])", line)
    return line[: end.start()] if end else line


def title_of(nb: NotebookNode) -> str:
    """The notebook's first heading in a cell of the instructor's."""
    for cell in nb.cells:
        heading = re.search(r"^# +(.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if heading and is_locked(cell):
            return plain(heading[1])
    return ""


def exercise_headings(nb: NotebookNode) -> dict[str, str]:
    """Of every graded cell the instructor's heading above it, without what stands in brackets behind it."""
    heading, found = "", {}
    for cell in nb.cells:
        if cell.cell_type == "markdown" and is_locked(cell) and not is_grade(cell):
            lines = re.findall(r"^#{1,6} +(.+)$", cell.source, re.MULTILINE)
            heading = plain(re.sub(r"\s*\([^()]*\)\s*$", "", lines[-1][:200])) if lines else heading
        elif is_grade(cell) or is_task(cell):
            found[cell.metadata.nbgrader.grade_id] = heading
    return found


def plain(heading: str) -> str:
    return re.sub(r"[*`$]|\\\w+", "", heading[:200]).strip()


def exercises(cells: list[Shown], grades: dict[str, Points], headings: dict[str, str]) -> list[Exercise]:
    """The summary's rows, in the notebook's order; graded cells that are missing from it come last."""
    graded = {cell.name: cell for cell in cells if cell.points is not None}
    for name in sorted(grades.keys() - graded.keys()):
        graded[name] = Shown("", "test", name, points=grades[name])
    parts: dict[str, list[Shown]] = {}
    for name, cell in graded.items():
        parts.setdefault(exercise_of(name), []).append(cell)
    answers = {cell.name: cell for cell in cells if cell.kind == "yours" and cell.name}
    titles = {exercise: headings.get(members[0].name, "") for exercise, members in parts.items()}
    rows = []
    for exercise, members in parts.items():
        unique = list(titles.values()).count(titles[exercise]) == 1
        title = titles[exercise] if unique and titles[exercise] else exercise.replace("-", " ")
        rows.append(Exercise(title, members, answers.get(exercise)))
    return rows


def part_of(cell: Shown) -> str:
    """What a graded cell is to its exercise, in words."""
    if cell.kind == "written":
        return "answer"
    return PARTS.get(cell.name.rpartition("-")[2], "test")


def page_environment(package: str = "gradebox.feedback") -> Environment:
    """What renders pages: templates of a package, and the style sheet that all pages share."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("gradebox.feedback")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": lambda value: f"{value:.4g}", "part": part_of, "words": words}
    return environment


_environment = page_environment()
