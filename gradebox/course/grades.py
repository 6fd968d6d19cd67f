"""What the gradebook knows about graded notebooks: points, comments, penalties; read in few queries for a class."""

import hashlib
from dataclasses import dataclass, field

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)


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

    @property
    def written(self) -> str:
        return "\N{EN DASH}" if self.waits and not self.earned else f"{self.earned:.4g}"

    def __str__(self) -> str:
        return f"{self.written} / {self.possible:.4g}"


@dataclass
class Record:
    """One graded notebook in the gradebook."""

    late_penalty: float = 0.0
    points: dict[str, Points] = field(default_factory=dict)  # grade_id -> points, of cells the student removed too
    comments: dict[str, str] = field(default_factory=dict)  # grade_id -> what a person wrote
    remarks: dict[str, str] = field(default_factory=dict)  # grade_id -> what nbgrader wrote ("No response.")

    @property
    def earned(self) -> float:
        return sum(points.earned for points in self.points.values()) - self.late_penalty

    @property
    def possible(self) -> float:
        return sum(points.possible for points in self.points.values())

    def fingerprint(self, *options: object) -> str:
        """Changes whenever what a page says about marks does."""
        parts = [self.late_penalty, *(sorted(part.items()) for part in (self.points, self.comments, self.remarks))]
        return hashlib.sha256(repr((*parts, *options)).encode()).hexdigest()[:16]


def records(gradebook: Gradebook, assignment: str, **only: str) -> dict[tuple[str, str], Record]:
    """Records of an assignment by student and notebook name.

    only -- student and notebook, to read that one record
    """

    def rows(what: type, *columns):
        names = (SubmittedAssignment.student_id, Notebook.name)
        query = gradebook.db.query(*names, *columns).select_from(what)
        if what is not SubmittedNotebook:
            query = query.join(BaseCell, what.cell_id == BaseCell.id)
            query = query.join(SubmittedNotebook, what.notebook_id == SubmittedNotebook.id)
        query = (
            query.join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .filter(Assignment.name == assignment)
        )
        if only:
            query = query.filter(SubmittedAssignment.student_id == only["student"], Notebook.name == only["notebook"])
        return query

    found = {
        (student, notebook): Record(late_penalty or 0.0)
        for student, notebook, late_penalty in rows(SubmittedNotebook, SubmittedNotebook.late_submission_penalty)
    }
    grades = rows(Grade, BaseCell.name, Grade.score, Grade.max_score, Grade.needs_manual_grade)
    for student, notebook, name, score, most, waits in grades:
        found[student, notebook].points[name] = Points(score or 0.0, most or 0.0, bool(waits))
    for student, notebook, name, auto, manual in rows(
        Comment, BaseCell.name, Comment.auto_comment, Comment.manual_comment
    ):
        if manual or auto:
            record = found[student, notebook]
            (record.comments if manual else record.remarks)[name] = manual or auto
    return found
