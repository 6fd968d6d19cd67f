"""Feedback pages: one HTML file per graded notebook that needs nothing else, in place of nbconvert's template.

`Grades` reads the gradebook, `FeedbackPage` writes the page; nbgrader_config.py plugs both into GenerateFeedback, so
`nbgrader generate_feedback`, the formgrader and `gradebox feedback` make the same pages.
"""

import re
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from sqlalchemy.orm import joinedload
from traitlets import Bool

from gradebox import markup
from gradebox.comparison import MIME
from gradebox.course import exercise_of
from gradebox.drawing import drawn

PARTS = {"check": "check", "values": "hidden tests", "general": "hidden tests, other sizes"}
MAX_MESSAGE = 600  # characters shown of what a test says
HINT = "Hint:"  # begins the line of a message that names the mistake
UNANSWERED = "Not answered yet."


class Grades(NbGraderPreprocessor):
    """Puts scores and comments into a notebook, as nbgrader's GetGrades does, in few queries.

    Adds to ``resources["nbgrader"]["grades"]`` every grade of the submission, also of cells the student has removed,
    and whether it waits for a grader.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            book = gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            query = gradebook.db.query
            grades = query(Grade).options(joinedload(Grade.cell)).filter(Grade.notebook_id == book.id).all()
            comments = query(Comment).options(joinedload(Comment.cell)).filter(Comment.notebook_id == book.id).all()
            about["grades"] = {
                grade.cell.name: Points(grade.score or 0.0, grade.cell.max_score or 0.0, bool(grade.needs_manual_grade))
                for grade in grades
            }
            said = {comment.cell.name: comment.comment for comment in comments}
            about["late_penalty"] = book.late_submission_penalty or 0
            about["score"] = book.score - about["late_penalty"]
            about["max_score"] = book.max_score
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in about["grades"] and (is_grade(cell) or is_task(cell)):
                points = about["grades"][name]
                cell.metadata.nbgrader.update(score=points.earned, points=points.possible)
            if name in said and (is_solution(cell) or is_task(cell)):
                cell.metadata.nbgrader["comment"] = said[name]
        return nb, resources


@dataclass(frozen=True)
class Points:
    """What a graded cell earned."""

    earned: float
    possible: float
    waits: bool = False  # for a grade by hand

    @property
    def verdict(self) -> str:
        if self.waits:
            return "waits"
        if self.earned >= self.possible:
            return "right"
        return "partly" if self.earned > 0 else "wrong"

    def __str__(self) -> str:
        return f"{self.earned:.4g} / {self.possible:.4g}"


@dataclass
class Shown:
    """A cell as the page shows it."""

    anchor: str
    kind: str  # text, given (code), yours, test, written
    name: str  # grade_id, if it has one
    source: Markup
    outputs: list[Markup] = field(default_factory=list)
    points: Points | None = None
    message: str = ""  # the first error's
    hint: str = ""
    comment: Markup | None = None
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

    def from_notebook_node(self, nb, resources=None, **kwargs) -> tuple[str, ResourcesDict]:
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        about = resources.get("nbgrader", {})
        grades = about.get("grades", {})
        cells = self.shown(nb, grades)
        headings = exercise_headings(nb)
        page = _environment.get_template("feedback.html.j2").render(
            title=title_of(nb) or about.get("notebook", "Notebook"),
            student=about.get("student", ""),
            assignment=about.get("assignment", ""),
            notebook=about.get("notebook", ""),
            score=about.get("score", 0.0),
            max_score=about.get("max_score", 0.0),
            late_penalty=about.get("late_penalty", 0),
            exercises=exercises(cells, grades, headings),
            comments=[cell for cell in cells if cell.comment],
            cells=cells,
        )
        return page, resources

    def shown(self, nb: NotebookNode, grades: dict[str, Points]) -> list[Shown]:
        """Every cell of the notebook, ready for the template."""
        level, cells = 2, []
        for number, cell in enumerate(nb.cells, 1):
            name = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            kind = kind_of(cell)
            if cell.cell_type == "code":
                source, hides = self.visible(cell) if kind == "test" else (cell.source, False)
                view = Shown(f"cell-{number}", kind, name, markup.code(source), hides=hides)
                self.add_outputs(view, cell)
            elif cell.cell_type == "markdown":
                html, level = markup.markdown(cell.source, cell.get("attachments"), level)
                view = Shown(f"cell-{number}", kind, name, html)
            else:
                view = Shown(f"cell-{number}", kind, name, markup.text(cell.source))
            if kind in ("test", "written"):
                view.points = grades.get(name)
            comment = cell.metadata.get("nbgrader", {}).get("comment")
            if comment:
                view.comment = markup.flat(markup.markdown(comment)[0])
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
    name, value = strip_ansi(str(error.ename)), strip_ansi(str(error.evalue)).strip()
    said, _, hint = f"\n{value}".partition(f"\n{HINT}")
    said = said.strip()[:MAX_MESSAGE]
    if name == "NotImplementedError" and not said:
        return UNANSWERED, ""
    if name not in ("AssertionError", "Stopped") or not said:
        said = f"{name}: {said}" if said else f"{name}."
    return said, " ".join(hint.split())[:MAX_MESSAGE]


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
            heading = plain(re.sub(r"\s*\([^()]*\)\s*$", "", lines[-1])) if lines else heading
        elif is_grade(cell) or is_task(cell):
            found[cell.metadata.nbgrader.grade_id] = heading
    return found


def plain(heading: str) -> str:
    return re.sub(r"[*`$]|\\\w+", "", heading).strip()


def exercises(cells: list[Shown], grades: dict[str, Points], headings: dict[str, str]) -> list[Exercise]:
    """The summary's rows, in the notebook's order; graded cells that are missing from it come last."""
    graded = {cell.name: cell for cell in cells if cell.points is not None}
    for name in sorted(grades.keys() - graded.keys()):
        graded[name] = Shown("", "test", name, Markup(), points=grades[name])
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


def _template_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gradebox"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": lambda value: f"{value:.4g}", "part": part_of}
    return environment


_environment = _template_environment()
