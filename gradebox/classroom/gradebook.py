"""nbgrader's gradebook, as one process writes it: a submission in one transaction."""

import itertools
import math
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import DateTime, bindparam, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from gradebox.classroom.opening import first_line
from gradebox.classroom.standing import Book, Marked, Standing
from gradebox.course import CourseError

LOCKED_SECONDS = 120  # to wait for another program to let go of the gradebook
MOST_ID = 128  # characters of a student's id in the gradebook


def new_ids() -> Iterator[str]:
    """Ids as nbgrader's, but growing with time, so that the rows of a submission lie together in every index."""
    begin = f"{time.time_ns():016x}{secrets.token_hex(6)}"
    return (f"{begin}{number:04x}" for number in itertools.count())


@dataclass
class Cells:
    """A notebook's rows of the release: ids by grade_id."""

    id: str
    kernelspec: str | None
    grades: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    sources: dict[str, SimpleNamespace] = field(default_factory=dict)  # cell_type, locked, source, checksum


@dataclass(frozen=True)
class Late:
    """What handing in late has cost, and what it costs by today's dates and settings."""

    student: str
    notebook: str
    book: str  # its id
    before: float | None
    now: float | None


class AssignmentRecords:
    """Reads and writes one assignment's rows. Everything but a submission's own rows is read once.

    Raises CourseError if the assignment was not released into this gradebook.
    """

    def __init__(self, gradebook: Gradebook, assignment: str, late: AssignLatePenalties | None):
        self.engine = gradebook.engine
        self.new = {table: new_rows(table, columns, self.engine) for table, columns in NEW.items()}
        self.as_stored = DateTime().dialect_impl(self.engine.dialect).bind_processor(self.engine.dialect)
        self.name = assignment
        self.late = late
        with self.engine.connect() as connection:
            found = connection.execute(
                select(Assignment.id, Assignment.duedate).where(Assignment.name == assignment)
            ).first()
            if found is None:
                raise CourseError(
                    f"The gradebook does not know '{assignment}': run 'gradebox release {assignment}' first."
                )
            self.id, self.duedate = found
            self.notebooks = self._read_cells(connection)
        self.refresh()

    def _read_cells(self, connection: Connection) -> dict[str, Cells]:
        rows = select(Notebook.id, Notebook.name, Notebook.kernelspec).where(Notebook.assignment_id == self.id)
        notebooks = {name: Cells(key, kernelspec) for key, name, kernelspec in connection.execute(rows)}
        by_id = {cells.id: cells for cells in notebooks.values()}
        base, grade, task = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
        rows = (
            select(base.c.id, base.c.name, base.c.notebook_id, base.c.type, grade.c.max_score, task.c.max_score)
            .outerjoin(grade, grade.c.id == base.c.id)
            .outerjoin(task, task.c.id == base.c.id)
            .where(base.c.notebook_id.in_(by_id))
        )
        for key, name, notebook, kind, points, task_points in connection.execute(rows):
            cells = by_id[notebook]
            if kind == "GradeCell":
                cells.grades[name], cells.points[name] = key, points
            elif kind == "TaskCell":
                cells.tasks[name], cells.points[name] = key, task_points
            if kind in ("SolutionCell", "TaskCell"):
                cells.comments[name] = key
        columns = SourceCell.notebook_id, SourceCell.name, SourceCell.cell_type, SourceCell.locked, SourceCell.source
        for row in connection.execute(select(*columns, SourceCell.checksum).where(SourceCell.notebook_id.in_(by_id))):
            by_id[row.notebook_id].sources[row.name] = SimpleNamespace(**row._mapping)
        return notebooks

    def refresh(self) -> None:
        """Read who is there already."""
        mine = SubmittedAssignment.student_id, SubmittedAssignment.id, SubmittedAssignment.timestamp
        rows = select(*mine).where(SubmittedAssignment.assignment_id == self.id)
        with self.engine.connect() as connection:
            self.students = set(connection.execute(select(Student.id)).scalars())
            found = connection.execute(rows).all()
        self.submissions = {student: key for student, key, _ in found}
        self.times = {student: timestamp for student, _, timestamp in found}

    # --- writing ----------------------------------------------------------------------------------------------

    def save(
        self,
        student: str,
        timestamp: datetime | None,
        marked: dict[str, Marked],
        missing: set[str],
        tell: Callable[[str], None],
    ) -> None:
        """One submission, in one transaction. What a person has graded stays as it is.

        marked  -- by notebook
        missing -- notebooks that were not handed in, which earn nothing

        Raises CourseError if the gradebook cannot be written.
        """
        again = True
        while True:
            try:
                key = self._patiently(
                    lambda connection: self._save(connection, student, timestamp, marked, missing), tell
                )
                self.students.add(student)
                self.submissions[student] = key
                return
            except IntegrityError as error:  # somebody else has just added the same student or submission
                if not again:
                    raise CourseError(
                        f"The gradebook refuses the marks of '{student}': {first_line(error)}."
                    ) from error
                again = False
                self.refresh()

    def _patiently(self, write: Callable[[Connection], Any], tell: Callable[[str], None]) -> Any:
        """In one transaction, as soon as no other program holds the gradebook."""
        give_up = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                with self.engine.begin() as connection:
                    return write(connection)
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > give_up:
                    raise CourseError(
                        f"The gradebook cannot be written: {first_line(error)}. Mend that and run this again; what "
                        "is graded stays graded."
                    ) from error
                tell("The gradebook is locked by another program; waiting for it ...")

    def _save(
        self,
        connection: Connection,
        student: str,
        timestamp: datetime | None,
        marked: dict[str, Marked],
        missing: set[str],
    ) -> str:
        if student not in self.students:
            connection.exec_driver_sql(self.new[Student], (student,))
        marked = marked | self._nothing(missing)
        key = self.submissions.get(student)
        if key is None:
            return self._add(connection, student, timestamp, marked)
        self._change(connection, key, student, timestamp, marked)
        return key

    def _nothing(self, missing: set[str]) -> dict[str, Marked]:
        """What notebooks earn that were not handed in."""
        cells = {name: self.notebooks[name].grades | self.notebooks[name].tasks for name in missing}
        return {name: Marked(dict.fromkeys(each, 0.0), {}, gone=True) for name, each in cells.items()}

    def _add(self, connection, student, timestamp, marked) -> str:
        """A first submission: all rows at once."""
        ids = new_ids()
        key = next(ids)
        stored = self.as_stored(timestamp) if self.as_stored else timestamp
        connection.exec_driver_sql(self.new[SubmittedAssignment], (key, self.id, student, stored))
        notebooks, grades, comments = [], [], []
        for name, cells in self.notebooks.items():
            found = marked.get(name, Marked({}, {}, gone=True))
            book = next(ids)
            score = sum(points or 0.0 for points in found.scores.values())
            penalty = None if found.gone else self._penalty(student, score, self._seconds_late(timestamp, None))
            notebooks.append((book, key, cells.id, penalty, False))
            for grade_id, cell in (cells.grades | cells.tasks).items():
                points = found.scores.get(grade_id)
                grades.append((next(ids), cell, book, points, points is None))
            for grade_id, cell in cells.comments.items():
                comments.append((next(ids), cell, book, found.comments.get(grade_id)))
        for table, rows in ((SubmittedNotebook, notebooks), (Grade, grades), (Comment, comments)):
            if rows:
                connection.exec_driver_sql(self.new[table], rows)
        return key

    def _change(self, connection, key, student, timestamp, marked) -> None:
        """One that is there already: the machine's columns only."""
        if timestamp is not None:
            mine = update(SubmittedAssignment).where(SubmittedAssignment.id == key)
            connection.execute(mine.values(timestamp=timestamp))
        _, after = self._again(connection, key, student, timestamp, marked)
        grades, comments, penalties = [], [], []
        for name, found in marked.items():
            cells, book = self.notebooks[name], after[name]
            for grade_id in found.scores:
                cell, new = cells.grades.get(grade_id) or cells.tasks[grade_id], book.grades[grade_id]
                grades.append({"book": book.id, "cell": cell, "points": new.auto, "waits": new.waits})
            for grade_id, said in found.comments.items():
                comments.append({"book": book.id, "cell": cells.comments[grade_id], "said": said})
            if self.late is not None and not found.gone:
                penalties.append({"book": book.id, "penalty": book.penalty})
        for statement, rows in ((CHANGE_GRADE, grades), (CHANGE_COMMENT, comments), (CHANGE_PENALTY, penalties)):
            if rows:
                connection.execute(statement, rows)

    # --- what would be written ----------------------------------------------------------------------------------

    def again(
        self, student: str, timestamp: datetime | None, marked: dict[str, Marked], missing: set[str]
    ) -> tuple[dict[str, Book], dict[str, Book]]:
        """A submission's rows as they are (none, if it is the first) and as `save` would leave them, by notebook."""
        with self.engine.connect() as connection:
            key = self.submissions.get(student)
            return self._again(connection, key, student, timestamp, marked | self._nothing(missing))

    def _again(self, connection, key, student, timestamp, marked) -> tuple[dict[str, Book], dict[str, Book]]:
        before, extension = self._books(connection, key), None
        if key is not None:
            columns = SubmittedAssignment.timestamp, SubmittedAssignment.extension
            stored, extension = connection.execute(select(*columns).where(SubmittedAssignment.id == key)).one()
            timestamp = timestamp or stored
        late = self._seconds_late(timestamp, extension)
        after = dict(before)
        for name, found in marked.items():
            book = found.over(before.get(name) or Book("", None, {}))
            if self.late is not None and not found.gone:
                book = replace(book, penalty=self._penalty(student, book.score, late))
            after[name] = book
        return before, after

    def _books(self, connection: Connection, key: str | None) -> dict[str, Book]:
        names = {cells.id: name for name, cells in self.notebooks.items()}
        cells = {key: name for each in self.notebooks.values() for name, key in (each.grades | each.tasks).items()}
        found: dict[str, Book] = {}
        for book, notebook, penalty, cell, *standing in connection.execute(BOOKS, {"key": key}):
            mine = found.setdefault(names[notebook], Book(book, penalty, {}))
            if cell is not None:
                mine.grades[cells[cell]] = Standing(*standing)
        return found

    # --- handing in late ----------------------------------------------------------------------------------------

    def stale_penalties(self, wanted: Callable[[str, str], bool]) -> list[Late]:
        """Penalties that today's dates, extensions, marks and settings would not give.

        wanted -- whether to look at a student's notebook
        """
        if self.late is None:
            return []
        names = {cells.id: name for name, cells in self.notebooks.items()}
        late = SubmittedNotebook.late_submission_penalty != 0
        if self.duedate is not None:
            late |= (SubmittedAssignment.timestamp > self.duedate) | SubmittedAssignment.extension.is_not(None)
        rows = (
            select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.extension,
                SubmittedNotebook.notebook_id,
                SubmittedNotebook.id,
                SubmittedNotebook.late_submission_penalty,
                SubmittedNotebook.score,
            )
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == self.id)
            .where(late)
            .order_by(SubmittedAssignment.student_id)
        )
        stale = []
        with self.engine.connect() as connection:
            for student, timestamp, extension, notebook, book, before, score in connection.execute(rows):
                if wanted(student, names[notebook]):
                    now = self._penalty(student, score, self._seconds_late(timestamp, extension))
                    if not math.isclose(now or 0.0, before or 0.0, abs_tol=1e-9):
                        stale.append(Late(student, names[notebook], book, before, now))
        return stale

    def change_penalties(self, stale: list[Late], tell: Callable[[str], None]) -> None:
        """All or none. Raises CourseError if the gradebook cannot be written."""
        rows = [{"book": each.book, "penalty": each.now} for each in stale]
        self._patiently(lambda connection: connection.execute(CHANGE_PENALTY, rows), tell)

    def _seconds_late(self, timestamp: datetime | None, extension: timedelta | None) -> float:
        if timestamp is None or self.duedate is None:
            return 0.0
        return (timestamp - self.duedate - (extension or timedelta())).total_seconds()

    def _penalty(self, student: str, score: float, seconds_late: float) -> float | None:
        """As nbgrader's AssignLatePenalties: its plugin, and its limits of 0 and the score."""
        if self.late is None or seconds_late <= 0:
            return None
        penalty = self.late.plugin_inst.late_submission_penalty(student, score, seconds_late)
        return None if penalty is None else self.late._check_late_penalty(SimpleNamespace(score=score), penalty)


# Statements are made once: putting one together takes longer than running it.
NEW = {
    Student: ("id",),
    SubmittedAssignment: ("id", "assignment_id", "student_id", "timestamp"),
    SubmittedNotebook: ("id", "assignment_id", "notebook_id", "late_submission_penalty", "flagged"),
    Grade: ("id", "cell_id", "notebook_id", "auto_score", "needs_manual_grade"),
    Comment: ("id", "cell_id", "notebook_id", "auto_comment"),
}
BOOKS = (
    select(
        SubmittedNotebook.id,
        SubmittedNotebook.notebook_id,
        SubmittedNotebook.late_submission_penalty,
        Grade.cell_id,
        Grade.auto_score,
        Grade.manual_score,
        Grade.extra_credit,
        Grade.needs_manual_grade,
    )
    .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
    .where(SubmittedNotebook.assignment_id == bindparam("key"))
)
CHANGE_GRADE = (
    update(Grade.__table__)
    .where(Grade.__table__.c.notebook_id == bindparam("book"), Grade.__table__.c.cell_id == bindparam("cell"))
    .values(auto_score=bindparam("points"), needs_manual_grade=bindparam("waits"))
)
CHANGE_COMMENT = (
    update(Comment.__table__)
    .where(Comment.__table__.c.notebook_id == bindparam("book"), Comment.__table__.c.cell_id == bindparam("cell"))
    .values(auto_comment=bindparam("said"))
)
CHANGE_PENALTY = (
    update(SubmittedNotebook.__table__)
    .where(SubmittedNotebook.__table__.c.id == bindparam("book"))
    .values(late_submission_penalty=bindparam("penalty"))
)


def new_rows(table: type, columns: Sequence[str], engine: Engine) -> str:
    """A statement that adds rows, in the words of the database's driver: most of SQLAlchemy's own time is saved."""
    place = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({', '.join(place for _ in columns)})"
