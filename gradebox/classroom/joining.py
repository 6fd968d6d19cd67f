"""An nbgrader course of any kind, and what gradebox would do with it: the lines it plugs in, and a first rehearsal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import InstantiateTests
from nbgrader.utils import is_locked
from rich.table import Table
from sqlalchemy.engine import make_url
from traitlets.config import Config

from gradebox.course import CourseError, read_notebook, source_assignments, source_notebooks, words
from gradebox.judge import (
    APART,
    AuthorError,
    Execute,
    Original,
    Proof,
    judged_here,
    points_of,
    released_texts,
    warm_judge,
)

CONFIG = "nbgrader_config.py"
PLUG = """
# Grading: students' code in a sandbox, tests apart from it. Without these lines nbgrader grades by itself.
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute as NbGraderExecute

from gradebox.execute import Execute

c.Autograde.autograde_preprocessors = [
    Execute if step is NbGraderExecute else step
    for step in c.Autograde.get("autograde_preprocessors")
    or Autograde.class_traits()["autograde_preprocessors"].default()
]
"""
WIDEST = 100  # characters of what is said before it goes on in the next line


def missing_lines(coursedir: CourseDirectory, config: Config) -> str:
    """What nbgrader_config.py lacks for gradebox; empty if nothing."""
    if any(issubclass(step, Execute) for step in Autograde(config=config).autograde_preprocessors):
        return ""
    path = Path(coursedir.root, CONFIG)
    known = "get_config()" in path.read_text() if path.exists() else False
    return PLUG if known else f"c = get_config()\n{PLUG}"


def add_lines(coursedir: CourseDirectory, lines: str) -> Path:
    """Write them at the end of the course's nbgrader_config.py, whole or not at all."""
    path = Path(coursedir.root, CONFIG)
    before = path.read_text() if path.exists() else ""
    new = path.with_name(f".{CONFIG}.new")
    new.write_text(f"{before.rstrip()}\n{lines}" if before.strip() else lines)
    if path.exists():
        new.chmod(path.stat().st_mode)
    new.rename(path)
    return path


@dataclass
class Rehearsed:
    """What came of rehearsing a notebook."""

    assignment: str
    notebook: str
    proof: Proof | None = None
    apart: int = 0  # tests
    refused: str = ""  # why nobody can be graded

    def said(self) -> list[str]:
        if self.proof is None:
            return [self.refused]
        return [*(f"{test}: {why}" for test, why in sorted(self.proof.why.items())), *self.proof.warnings]


def rehearsed_course(coursedir: CourseDirectory, config: Config) -> Iterator[Rehearsed]:
    """Rehearse every notebook of a course. Reads the gradebook, if there is one, and writes nothing.

    Raises CourseError if there is no notebook, SandboxError if there is no sandbox.
    """
    assignments = source_assignments(coursedir)
    if not assignments:
        raise CourseError(
            f"There is no course here: no notebook in {coursedir.source_directory}/ASSIGNMENT/ of {coursedir.root}. "
            "Run this in the folder that holds nbgrader_config.py, or make a course with 'nbgrader quickstart'."
        )
    for assignment in assignments:
        for path in source_notebooks(coursedir, assignment):
            yield rehearsed(path, assignment, coursedir, config)


def rehearsed(path: Path, assignment: str, coursedir: CourseDirectory, config: Config) -> Rehearsed:
    result = Rehearsed(assignment, path.stem)
    texts = texts_of(coursedir, assignment, path.stem)
    try:
        source = read_notebook(path)
        autotest = InstantiateTests(config=config).autotest_delimiter
        if not texts and any(autotest in cell.source for cell in source.cells if is_locked(cell)):
            raise CourseError("its tests are written out when it is released: release it first.")
        original = Original(path, Path(coursedir.root), config, texts)
        if not judged_here(config, original.source):
            result.proof = Proof([], APART, ["for another kernel than Python's: run as by stock nbgrader"])
            return result
        judge = warm_judge(original.settings, original.modules)
        result.proof = judge.rehearse(original.source, original.files, anew=False, stock=original.stock)
        result.apart = len(points_of(original.source).keys() - result.proof.plan.together)
    except (AuthorError, CourseError) as error:
        result.refused = f"cannot be graded: {error}"
    return result


def texts_of(coursedir: CourseDirectory, assignment: str, notebook: str) -> dict[str, str]:
    """The locked cells as the gradebook has them; nothing where there is no gradebook yet, and none is made."""
    url = make_url(coursedir.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return {}
    return released_texts(coursedir.db_url, assignment, notebook)


def course_table(course: list[Rehearsed]) -> Table:
    """Which tests of which notebooks run where, and what there is to say about it."""
    table = Table(title="How this course would be graded", title_justify="left", title_style="bold")
    table.add_column("assignment", no_wrap=True)
    table.add_column("notebook", no_wrap=True)
    table.add_column("apart", justify="right")
    table.add_column("together", justify="right")
    table.add_column("why, and what else there is to know", overflow="fold", max_width=WIDEST)
    for each in course:
        counts = ("", "") if each.proof is None else (str(each.apart), str(len(each.proof.plan.together)))
        table.add_row(words(each.assignment), words(each.notebook), *counts, "\n".join(map(words, each.said())))
    if any(each.proof and each.proof.plan.together for each in course):
        table.caption = (
            "Together: in the student's sandboxed process, where a student could tamper with it. c.Judge.together "
            "= 'refuse' grades no notebook that needs it."
        )
        table.caption_justify = "left"
    return table
