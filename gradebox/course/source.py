"""Reading the course folder: which assignments and notebooks there are, and clear errors where something is off."""

from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade

from gradebox.judge import CourseError, read_notebook

__all__ = [
    "CourseError",
    "exercise_of",
    "exercises",
    "read_notebook",
    "source_assignments",
    "source_notebooks",
    "up_to_date",
]
GRADED_PARTS = ("check", "values", "general")


def exercise_of(grade_id: str) -> str:
    """The exercise a graded cell belongs to: ``conv-numpy-2-values`` -> ``conv-numpy-2``."""
    name, _, part = grade_id.rpartition("-")
    return name if part in GRADED_PARTS else grade_id


def source_notebooks(coursedir: CourseDirectory, assignment: str) -> list[Path]:
    """The instructor's notebooks of an assignment, in name order.

    Raises CourseError if there is no such assignment.
    """
    root = Path(coursedir.root)
    notebooks = sorted((root / coursedir.source_directory / assignment).glob("*.ipynb"))
    if not notebooks:
        known = ", ".join(source_assignments(coursedir)) or "none yet"
        raise CourseError(f"There is no assignment '{assignment}' in {coursedir.source_directory}/ (there: {known}).")
    return notebooks


def source_assignments(coursedir: CourseDirectory) -> list[str]:
    """Names of the folders in source/ that hold notebooks."""
    source = Path(coursedir.root) / coursedir.source_directory
    return sorted({notebook.parent.name for notebook in source.glob("*/*.ipynb")})


def exercises(notebook: NotebookNode) -> list[str]:
    """Names of a notebook's exercises, in the order a student meets them."""
    graded = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if is_grade(cell)]
    return list(dict.fromkeys(exercise_of(grade_id) for grade_id in graded))


def up_to_date(outputs: list[Path], inputs: list[Path]) -> bool:
    """Whether all outputs exist and none is older than any input, as make would say it."""
    if not all(path.exists() for path in outputs):
        return False
    oldest = min(path.stat().st_mtime for path in outputs)
    return all(path.stat().st_mtime <= oldest for path in inputs)
