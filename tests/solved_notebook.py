"""A notebook solved by the instructor but for some cells, and what gradebox makes of it."""

from functools import cache

from nbformat import NotebookNode
from sample_class import COURSE, solutions, source, submission, without_pictures
from traitlets.config import PyFileConfigLoader

from gradebox.course.source import exercise_of
from gradebox.judge.execute import warm_judge
from gradebox.judge.grade import Graded
from gradebox.judge.modules import course_modules
from gradebox.sandbox.walls import Sandbox


def grade(notebook: str, cells: dict[str, str]) -> Graded:
    """What gradebox makes of the release with these cells, all others as the instructor has them."""
    return graded_with(notebook, tuple(cells.items()))


@cache
def graded_with(notebook: str, cells: tuple[tuple[str, str], ...]) -> Graded:
    return judged(notebook, submission(notebook, solutions(notebook) | dict(cells)))


def judged(notebook: str, handed_in: NotebookNode) -> Graded:
    """What gradebox makes of what was handed in for a notebook."""
    original = source(notebook)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(COURSE)).load_config()
    judge = warm_judge(Sandbox(config=config).settings_for(original), course_modules(COURSE, original))
    return judge.grade(without_pictures(handed_in), original)


def messages(graded: Graded, exercise: str) -> dict[str, str]:
    """What the test cells of an exercise say that failed: grade_id -> message."""
    return {
        cell.metadata.nbgrader.grade_id: output.evalue
        for cell in graded.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
        and exercise_of(cell.metadata.get("nbgrader", {}).get("grade_id", "")) == exercise
    }
