"""What an assignment asks for, as whoever sorts files sees it before anything is graded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import SubmittedAssignment
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select

from gradebox.classroom.assignment import released_assignment
from gradebox.classroom.gradebook import AssignmentRecords
from gradebox.classroom.matching import best_fit, likeness
from gradebox.classroom.reading import Refused, read_submitted
from gradebox.classroom.released import ReleasedNotebook

GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True)
class Fit:
    """A file as one of the assignment's notebooks."""

    notebook: str
    likeness: int  # of their names; see `matching.likeness`
    why_not: str = ""  # it is only called so, and cannot be read


@dataclass(frozen=True)
class Asked:
    """An assignment: its notebooks, which it knows again whatever they are called, and when it is due."""

    released: Sequence[ReleasedNotebook]
    due: datetime | None = None  # UTC, without a zone, as nbgrader keeps it
    extensions: dict[str, timedelta] = field(default_factory=dict)  # by student

    @property
    def notebooks(self) -> list[str]:
        return [each.name for each in self.released]

    def due_for(self, student: str) -> datetime | None:
        return self.due and self.due + self.extensions.get(student, timedelta())

    def fit(self, name: str, data: bytes) -> Fit | None:
        """Which of the notebooks a file is, by what is in it; None if none.

        A file that cannot be read is what it is called, if that is something.
        """
        names = {each.decode("utf-8", "replace") for each in GRADE_ID.findall(data)}
        if quick := self.by_grade_ids(names, data):
            return Fit(quick.name, likeness(name, quick))
        if names and not any(names & each.by_name.keys() for each in self.released):
            return None  # another assignment's, however alike its empty stubs are
        try:
            found = best_fit(name, read_submitted(data), list(self.released))
        except Refused as error:
            likely = max(self.released, key=lambda each: likeness(name, each))
            alone = len(self.released) == 1 and name.lower().endswith(".ipynb")
            fits = likeness(name, likely)
            return Fit(likely.name, fits, str(error)) if fits or alone else None
        return found and Fit(found.name, likeness(name, found))

    def by_grade_ids(self, names: set[str], data: bytes) -> ReleasedNotebook | None:
        """The one notebook whose graded cells are all there, by their names alone: most files need no closer look."""
        if not (data.lstrip()[:1] == b"{" and data.rstrip()[-1:] == b"}"):
            return None
        counts = [(each, {cell.name for cell in each.cells if cell.counts}) for each in self.released]
        there = [each for each, wanted in counts if wanted and wanted <= names]
        return there[0] if len(there) == 1 else None


def asked_for(coursedir: CourseDirectory, converter: Autograde, assignment: str, gradebook) -> Asked:
    """What an assignment asks for. Raises CourseError if it is not there, or was not released."""
    records = AssignmentRecords(gradebook, assignment, None)
    released = released_assignment(coursedir, converter, assignment, records.notebooks, {})
    rows = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .where(AssignmentRow.name == assignment, SubmittedAssignment.extension.is_not(None))
    )
    with records.engine.connect() as connection:
        extensions = {student: extension for student, extension in connection.execute(rows)}
    return Asked(released.notebooks, records.duedate, extensions)
