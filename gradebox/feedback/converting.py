"""nbgrader's GenerateFeedback where we want less of it: one student by name, and no more files than a page needs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

EXCHANGES = ("timestamp.txt", "submission_secret.txt")  # `nbgrader release_feedback` finds the student by them


class FeedbackOfOne(GenerateFeedback):
    """The same for one student, whose id is a name; nbgrader takes it for a glob, and ``[a]`` for an ``a``."""

    def init_notebooks(self) -> None:
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        notebooks = sorted(map(str, Path(folder).glob("*.ipynb")))
        if not notebooks:
            raise NbGraderException(f"No notebooks in {folder}")
        self.assignments = {folder: notebooks}


def copy_beside(converter: GenerateFeedback, assignment: str, student: str, wanted: Sequence[str]) -> None:
    """Copy from autograded/ to feedback/ what nbgrader's exchange needs, and what the instructor wants (globs)."""
    source = Path(converter._format_source(assignment, student))
    target = Path(converter._format_dest(assignment, student))
    for path in {path for each in (*EXCHANGES, *wanted) for path in source.glob(each)}:
        if path.is_file() and path.suffix != ".ipynb":
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            shutil.copy(path, copy)
