"""Courses of the kinds that others have: every mark is the one that stock nbgrader gives.

Stock nbgrader grades each course with nothing plugged in; we grade it with the plug alone, by `nbgrader autograde` and
by `gradebox autograde`. What a test prints to stderr costs nothing here and all of its points there: these courses are
quiet.
"""

import importlib
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from conftest import made_once, run, with_long
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from peers.courses import RIGHT, SOLVED
from traitlets.config import PyFileConfigLoader

KINDS = sorted(path.stem for path in Path(__file__).with_name("courses").glob("[a-z]*.py"))
COURSES = {
    name: course for kind in KINDS for name, course in importlib.import_module(f"peers.courses.{kind}").COURSES.items()
}
SAMPLE = {"replaced_names", "not_everything"}  # enough for `make test`
PLUG = """
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute as NbGraderExecute
from gradebox.execute import Execute
c.Autograde.autograde_preprocessors = [Execute if p is NbGraderExecute else p for p in Autograde.class_traits()["autograde_preprocessors"].default()]
"""  # noqa: E501  (one line, as the README's readers paste it)

each_course = pytest.mark.parametrize("name", with_long(COURSES, *COURSES.keys() - SAMPLE))


def coursedir_of(course: Path) -> CourseDirectory:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    return CourseDirectory(config=config)


def answered(released: nbformat.NotebookNode, source: nbformat.NotebookNode, answers: dict) -> nbformat.NotebookNode:
    """A release with these answers in it."""
    instructors = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        answer = answers.get(name, cell.source)
        cell.source = instructors[name].source if answer is RIGHT else answer
    return released


def hand_in(name: str, course: Path) -> None:
    folders, assignment = coursedir_of(course), COURSES[name].assignment
    source, release = (
        Path(folders.format_path(step, ".", assignment))
        for step in (folders.source_directory, folders.release_directory)
    )
    for student, (_, answers) in COURSES[name].handed_in.items():
        target = Path(folders.format_path(folders.submitted_directory, student, assignment))
        shutil.copytree(source if answers == SOLVED else release, target)
        for path in () if answers == SOLVED else target.glob("*.ipynb"):
            book, original = (nbformat.read(each, as_version=4) for each in (path, source / path.name))
            nbformat.write(answered(book, original, answers), path)


def marks(course: Path) -> dict[tuple[str, str, str], float | None]:
    """(student, notebook, cell) -> what the grader alone gives."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            (submission.student.id, book.name, grade.cell.name): grade.auto_score
            for assignment in gradebook.assignments
            for submission in assignment.submissions
            for book in submission.notebooks
            for grade in book.grades
        }


def said(log: str) -> str:
    """What went wrong, of all that a command told."""
    lines = map(str.strip, log.splitlines())
    reasons = [line for line in lines if re.match(r"[\w.]*Error: |gradebox autograde: ", line)]
    return "\n".join(dict.fromkeys(reasons)) or log


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A course that everybody has handed in to; only to be read."""

    def of(name: str) -> Path:
        def make(folder: Path) -> None:
            course = folder / "course"
            course.mkdir()
            COURSES[name].build(course)
            run("nbgrader", "generate_assignment", COURSES[name].assignment, cwd=course)
            hand_in(name, course)

        if COURSES[name].needs:
            pytest.importorskip(COURSES[name].needs)
        return made_once(f"peers-{name}", make, tmp_path_factory) / "course"

    return of


@pytest.fixture(scope="module")
def stock_marks(handed_in, tmp_path_factory):
    """What stock nbgrader gives."""

    def of(name: str) -> dict:
        def make(folder: Path) -> None:
            shutil.copytree(handed_in(name), folder, dirs_exist_ok=True)
            run("nbgrader", "autograde", COURSES[name].assignment, cwd=folder)

        return marks(made_once(f"peers-{name}-stock", make, tmp_path_factory))

    return of


@pytest.mark.long
@pytest.mark.parametrize("name", COURSES)
def test_stock_nbgrader_tells_the_hand_ins_apart(stock_marks, name):
    earned: dict[str, float] = {}
    for (student, _, _), points in stock_marks(name).items():
        earned[student] = earned.get(student, 0) + (points or 0)

    assert earned == {student: points for student, (points, _) in COURSES[name].handed_in.items()}


@pytest.mark.parametrize("command", with_long(["nbgrader", "gradebox"], "nbgrader"))
@each_course
def test_every_mark_is_the_one_that_stock_nbgrader_gives(stock_marks, handed_in, tmp_path, name, command):
    stock = stock_marks(name)
    course = tmp_path / "course"
    shutil.copytree(handed_in(name), course)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(PLUG)

    result = run(command, "autograde", COURSES[name].assignment, cwd=course, check=False)
    assert result.returncode == 0, said(result.stderr)

    ours = marks(course)
    differ = [
        f"{' / '.join(cell)}: stock {stock.get(cell)}, ours {ours.get(cell)}"
        for cell in sorted(stock.keys() | ours.keys())
        if stock.get(cell) != ours.get(cell)
    ]
    assert not differ, "\n".join(differ)
