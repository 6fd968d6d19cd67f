"""What is known of a class: the gradebook, the log and the graded notebooks, put together by student."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_task
from sqlalchemy import false, func

from gradebox.classroom import Log, told
from gradebox.course import (
    Record,
    exercise_of,
    exercises_behind,
    found,
    read_notebook,
    records,
    source_notebooks,
)

Key = tuple[str, str]  # notebook, exercise


@dataclass(frozen=True)
class Exercise:
    """An exercise of the class's, in the order of the notebooks."""

    notebook: str
    name: str
    possible: float

    @property
    def key(self) -> Key:
        return self.notebook, self.name


@dataclass
class Handed:
    """One student's work on the assignment, as far as it is known."""

    student: str
    name: str = ""  # as people call them
    books: dict[str, Record] = field(default_factory=dict)  # of notebooks that were handed in
    missing: list[str] = field(default_factory=list)  # notebooks that were not
    desks: dict[str, str] = field(default_factory=dict)  # notebook -> the formgrader's id of it
    late: timedelta = timedelta()
    line: dict = field(default_factory=dict)  # of the log

    @property
    def graded(self) -> bool:
        return bool(self.books)

    def earned(self) -> float:
        """As nbgrader has it: less the penalty, and never below nothing."""
        return max(0.0, sum(book.earned for book in self.books.values()))

    def penalty(self) -> float:
        return sum(book.late_penalty for book in self.books.values())

    def points(self, key: Key) -> float | None:
        """What an exercise earned; None if its notebook was not handed in."""
        notebook, exercise = key
        if notebook not in self.books:
            return None
        grades = self.books[notebook].points.items()
        return sum(points.earned for name, points in grades if exercise_of(name) == exercise)

    def waiting(self) -> dict[Key, float]:
        """Exercises that wait for a grade by hand, and the points that there are."""
        waits: dict[Key, float] = {}
        for notebook, book in self.books.items():
            for name, points in book.points.items():
                if points.waits:
                    key = notebook, exercise_of(name)
                    waits[key] = waits.get(key, 0.0) + points.possible
        return waits


@dataclass
class Gathered:
    """An assignment's class."""

    assignment: str
    notebooks: list[str]
    exercises: list[Exercise]
    handed: list[Handed]  # by id
    absent: list[Handed]  # students of the gradebook that handed in nothing
    mistakes: dict[str, dict[Key, list[str]]] = field(default_factory=dict)  # notebook -> (exercise, sentence) -> who
    known: set[str] = field(default_factory=set)  # sentences of the catalogue
    unreadable: list[str] = field(default_factory=list)  # graded notebooks
    logged: bool = False  # whether `gradebox autograde` has ever graded it


def gathered(coursedir: CourseDirectory, gradebook: Gradebook, assignment: str) -> Gathered:
    """Everything but the mistakes, which take reading all notebooks. Raises CourseError if it is not in source/."""
    paths = source_notebooks(coursedir, assignment)
    log = Log(Path(coursedir.root, coursedir.autograded_directory, f"{assignment}.jsonl")).records
    known = records(gradebook, assignment)
    there = {
        (student, path.stem)
        for student, _, path in found(coursedir, coursedir.autograded_directory, None, assignment, "*.ipynb")
    }
    people = {each.id: name_of(each) for each in gradebook.students}
    handed = {student: Handed(student, people.get(student, "")) for student in sorted({s for s, _ in known} | {*log})}
    for (student, notebook), record in known.items():
        if (student, notebook) in there or any(points.earned or points.waits for points in record.points.values()):
            handed[student].books[notebook] = record
        elif record.points:
            handed[student].missing.append(notebook)
    for student, line in log.items():
        handed[student].line = line
    for student, notebook, key in submission_ids(gradebook, assignment):
        handed[student].desks[notebook] = key
    for student, late in lateness(gradebook, assignment):
        handed[student].late = late
    absent = [Handed(student, name) for student, name in sorted(people.items()) if student not in handed]
    exercises = list(exercises_in(paths, known))
    return Gathered(assignment, [path.stem for path in paths], exercises, [*handed.values()], absent, logged=bool(log))


def name_of(student) -> str:
    return ", ".join(filter(None, [student.last_name, student.first_name]))


def exercises_in(paths: list[Path], known: dict[tuple[str, str], Record]) -> Iterator[Exercise]:
    """In the order of the instructor's notebooks; last those that only the gradebook knows."""
    for path in paths:
        cells = read_notebook(path).cells
        possible: dict[str, float] = {
            cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.get("points", 0) or 0)
            for cell in cells
            if is_grade(cell) or is_task(cell)
        }
        graded = {
            name: points.possible
            for (_, notebook), record in known.items()
            if notebook == path.stem
            for name, points in record.points.items()
        }
        possible |= {name: graded[name] for name in sorted(graded, key=lambda name: (name not in possible, name))}
        sums: dict[str, float] = {}
        for name, points in possible.items():
            sums[exercise_of(name)] = sums.get(exercise_of(name), 0.0) + points
        for name, points in sums.items():
            yield Exercise(path.stem, name, points)


def submission_ids(gradebook: Gradebook, assignment: str):
    """Student, notebook and the id by which the formgrader opens it."""
    return (
        gradebook.db.query(SubmittedAssignment.student_id, Notebook.name, SubmittedNotebook.id)
        .select_from(SubmittedNotebook)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == assignment)
    )


def lateness(gradebook: Gradebook, assignment: str) -> Iterator[tuple[str, timedelta]]:
    """Who handed in after the due date and their extension, and how long."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
        )
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == assignment)
    )
    for student, when, extension, due in rows:
        if when and due and (late := when - due - (extension or timedelta())) > timedelta():
            yield student, late


def earlier(gradebook: Gradebook, assignment: str) -> tuple[list[str], dict[str, float]]:
    """Assignments before this one, by due date or else by name, and each student's mean share of their points.

    What waits for a grade by hand is left out.
    """
    assignments = {each.name: each for each in gradebook.assignments}
    if assignment not in assignments:
        return [], {}
    before = [each.name for each in assignments.values() if is_before(each, assignments[assignment])]
    rows = (
        gradebook.db.query(
            Assignment.name, SubmittedAssignment.student_id, func.sum(Grade.score), func.sum(Grade.max_score)
        )
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name.in_(before), Grade.needs_manual_grade == false())
        .group_by(Assignment.name, SubmittedAssignment.student_id)
    )
    shares: dict[str, list[float]] = {}
    used = set()
    for name, student, earned, possible in rows if before else ():
        if possible:
            used.add(name)
            shares.setdefault(student, []).append(earned / possible)
    return [name for name in before if name in used], {who: sum(all_) / len(all_) for who, all_ in shares.items()}


def is_before(one: Assignment, other: Assignment) -> bool:
    if one.duedate and other.duedate:
        return one.duedate < other.duedate
    return natural(one.name) < natural(other.name)


def natural(name: str) -> list:
    """hw9 before hw10."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]


def add_mistakes(coursedir: CourseDirectory, known: Gathered) -> None:
    """Who was told what, from the graded notebooks."""
    for path in source_notebooks(coursedir, known.assignment):
        behind = exercises_behind(Path(coursedir.root), read_notebook(path))
        sentences = [mistake.diagnosis for exercise in behind for mistake in exercise.mistakes]
        known.known.update(sentences)
        graded = found(coursedir, coursedir.autograded_directory, None, known.assignment, path.name)
        known.mistakes[path.stem] = told(readable(graded, known.unreadable), sentences)


def readable(graded: list, unreadable: list[str]) -> Iterator[tuple[str, NotebookNode]]:
    """Notebooks that grading wrote, which were proved to be ones then; whose is not any more is noted."""
    for student, _, path in graded:
        try:
            notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, AttributeError):  # not there, not JSON, no notebook
            unreadable.append(student)
        else:
            yield student, notebook
