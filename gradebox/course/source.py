"""Reading the course folder: which assignments and notebooks there are, and clear errors where something is off."""

import glob
import os
import re
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade

from gradebox.judge import CourseError, read_notebook

__all__ = [
    "CourseError",
    "exercise_of",
    "exercises",
    "found",
    "place",
    "read_notebook",
    "source_assignments",
    "source_notebooks",
    "up_to_date",
]
STUDENT, ASSIGNMENT = "xSTUDENTx", "xASSIGNMENTx"  # stand for names in a path
GRADED_PARTS = ("check", "values", "general")


def exercise_of(grade_id: str) -> str:
    """The exercise a graded cell belongs to: ``conv-numpy-2-values`` -> ``conv-numpy-2``."""
    name, _, part = grade_id.rpartition("-")
    return name if part in GRADED_PARTS else grade_id


def place(coursedir: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    """The folder of an assignment in a step (``coursedir.source_directory``), wherever the course has it."""
    return Path(os.path.normpath(coursedir.format_path(step, student, assignment)))


def found(
    coursedir: CourseDirectory, step: str, student: str | None, assignment: str | None, name: str
) -> list[tuple[str, str, Path]]:
    """Student, assignment and path of the files of a step; None is any, ``name`` a glob."""
    folder = str(place(coursedir, step, STUDENT if student is None else student, assignment or ASSIGNMENT))
    pattern, wanted = re.escape(folder), glob.escape(folder)
    for stand_in, group in ((STUDENT, "student"), (ASSIGNMENT, "assignment")):
        pattern = pattern.replace(stand_in, f"(?P<{group}>[^/]+)", 1).replace(stand_in, f"(?P={group})")
        wanted = wanted.replace(stand_in, "*")
    paths = [Path(path) for path in sorted(glob.glob(os.path.join(wanted, name)))]
    matches = [(re.fullmatch(pattern, str(path.parent)), path) for path in paths]
    known = {"student": student, "assignment": assignment}
    about = [(known | match.groupdict(), path) for match, path in matches if match]
    return [(each["student"], each["assignment"], path) for each, path in about]


def source_notebooks(coursedir: CourseDirectory, assignment: str) -> list[Path]:
    """The instructor's notebooks of an assignment, in name order.

    Raises CourseError if there is no such assignment.
    """
    notebooks = sorted(place(coursedir, coursedir.source_directory, ".", assignment).glob("*.ipynb"))
    if not notebooks:
        known = ", ".join(source_assignments(coursedir)) or "none yet"
        raise CourseError(f"There is no assignment '{assignment}' in {coursedir.source_directory}/ (there: {known}).")
    return notebooks


def source_assignments(coursedir: CourseDirectory) -> list[str]:
    """Names of the folders in source/ that hold notebooks."""
    return sorted({name for _, name, _ in found(coursedir, coursedir.source_directory, ".", None, "*.ipynb")})


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
