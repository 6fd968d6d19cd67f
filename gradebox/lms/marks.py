"""What the gradebook says about an assignment, as far as an LMS wants to know it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from nbgrader.api import Gradebook, MissingEntry

from gradebox.course import CourseError, exercise_of, records


@dataclass(frozen=True)
class Graded:
    """One student's mark. Points are less the late penalty, and never below nothing, as nbgrader has them."""

    student: str
    points: Decimal
    penalty: Decimal = Decimal()
    waits: bool = False  # some of it for a grade by hand
    exercises: dict[str, Decimal] = field(default_factory=dict)
    comments: str = ""  # of a person
    first: str = ""
    last: str = ""
    email: str = ""
    when: datetime | None = None  # UTC
    keys: dict[str, str] = field(default_factory=dict)  # as an LMS has them


def graded_class(gradebook: Gradebook, assignment: str) -> tuple[dict[str, Graded], Decimal]:
    """Everybody who was graded, and the points there are. Raises CourseError if nobody was."""
    try:
        row = gradebook.find_assignment(assignment)
    except MissingEntry as error:
        raise CourseError(
            f"The gradebook does not know '{assignment}': run 'gradebox release {assignment}'."
        ) from error
    notebooks = [each.name for each in row.notebooks]
    by_student: dict[str, list] = {}
    for (student, notebook), record in records(gradebook, assignment).items():
        by_student.setdefault(student, []).append((notebook, record))
    if not by_student:
        raise CourseError(f"Nothing of '{assignment}' is graded yet: run 'gradebox autograde {assignment}'.")
    times = {each.student_id: each.timestamp for each in row.submissions}
    people = {each.id: each for each in gradebook.students if each.id in by_student}
    graded = {
        student: Graded(
            student,
            max(Decimal(), sum(exact(record.earned) for _, record in books)),
            sum(exact(record.late_penalty) for _, record in books),
            any(points.waits for _, record in books for points in record.points.values()),
            dict(exercises(books, len(notebooks) > 1)),
            "\n".join(text for _, record in books for text in record.comments.values()),
            people[student].first_name or "",
            people[student].last_name or "",
            people[student].email or "",
            times.get(student),
        )
        for student, books in sorted(by_student.items())
    }
    return graded, exact(row.max_score)


def exercises(books: list, several: bool) -> Iterator[tuple[str, Decimal]]:
    for notebook, record in sorted(books, key=lambda each: each[0]):
        parts: dict[str, Decimal] = {}
        for grade_id, points in record.points.items():
            exercise = exercise_of(grade_id)
            parts[exercise] = parts.get(exercise, Decimal()) + exact(points.earned)
        for exercise, points in parts.items():
            yield f"{notebook}: {exercise}" if several else exercise, points


def exact(points: float | None) -> Decimal:
    """A number of the gradebook's as people mean it: 0.1, not the nearest that a float can be."""
    return Decimal(repr(round(float(points or 0.0), 9)))
