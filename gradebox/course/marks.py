"""The marks of a class, read from nbgrader's gradebook and shown as tables."""

from collections import defaultdict
from dataclasses import dataclass

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Grade, Gradebook, GradeCell, Notebook, Student, SubmittedAssignment, SubmittedNotebook
from rich.table import Table

from gradebox.course.source import exercise_of
from gradebox.course.words import words


@dataclass(frozen=True)
class Mark:
    """Points for one exercise (or a sum of exercises)."""

    points: float = 0.0
    possible: float = 0.0
    by_hand: bool = False  # some of it waits for a grade by hand

    def __add__(self, other: "Mark") -> "Mark":
        return Mark(self.points + other.points, self.possible + other.possible, self.by_hand or other.by_hand)

    def __str__(self) -> str:
        return f"{self.points:g}{'?' if self.by_hand else ''}"


Marks = dict[str, dict[str, dict[str, Mark]]]


def read_marks(gradebook: Gradebook, assignment: str) -> Marks:
    """All marks of an assignment as ``marks[notebook][student][exercise]``, in one query."""
    rows = (
        gradebook.db.query(
            Notebook.name, Student.id, GradeCell.name, Grade.score, GradeCell.max_score, Grade.needs_manual_grade
        )
        .select_from(Grade)
        .join(GradeCell, Grade.cell_id == GradeCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(AssignmentRow, SubmittedAssignment.assignment_id == AssignmentRow.id)
        .filter(AssignmentRow.name == assignment)
        .order_by(Notebook.name, Student.id)
    )
    marks: Marks = defaultdict(lambda: defaultdict(lambda: defaultdict(Mark)))
    for notebook, student, grade_id, points, possible, by_hand in rows:
        marks[notebook][student][exercise_of(grade_id)] += Mark(points, possible, bool(by_hand))
    return marks


def total(marks: dict[str, Mark]) -> Mark:
    return sum(marks.values(), Mark())


def notebook_table(title: str, students: dict[str, dict[str, Mark]], exercises: list[str]) -> Table:
    """One row per student, one column per exercise and the total; the head gives what can be had."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("student", no_wrap=True)
    possible = next(iter(students.values()))
    for exercise in exercises:
        heading = exercise.replace("-", "\n")
        table.add_column(f"{heading}\n/{possible[exercise].possible:g}", justify="right", vertical="bottom")
    table.add_column(f"total\n/{total(possible).possible:g}", justify="right", style="bold")
    for student, marks in students.items():
        table.add_row(words(student), *(str(marks[exercise]) for exercise in exercises), str(total(marks)))
    return table
