"""nbgrader's gradebook, as one process writes it: a submission in one transaction."""

import itertools
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

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
from sqlalchemy import DateTime, bindparam, case, event, select, update
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from gradebox.course import CourseError

LOG_PAGES = 25_000  # of the write-ahead log, 4 KiB each, before it is worked into the gradebook
LOCKED_SECONDS = 120  # to wait for another program to let go of the gradebook
MOST_ID = 128  # characters of a student's id in the gradebook


@contextmanager
def open_gradebook(db_url: str, course_id: str) -> Iterator[Gradebook]:
    """nbgrader's gradebook, which has to be there. Raises CourseError if it is not, or cannot be reached."""
    try:
        url = make_url(db_url)
        if url.drivername.startswith("sqlite") and url.database and not Path(url.database).is_file():
            raise CourseError(f"There is no gradebook at {url.database}: run 'gradebox release' first, or check --db.")
        gradebook = Gradebook(db_url, course_id)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise CourseError(f"The gradebook cannot be opened: {first_line(error)}. Check --db (db_url).") from error
    with gradebook, quick_commits(gradebook.engine):
        yield gradebook


@contextmanager
def quick_commits(engine: Engine) -> Iterator[None]:
    """While we write, let SQLite keep a write-ahead log, and not wait for the disk: a commit takes a fifth of the time.

    If the power fails the last submissions may be missing, never half written, and the next run grades them again.
    Afterwards it is nbgrader's own way again. Where that cannot be (another program is at work, a network file system),
    nothing changes but the speed.
    """

    def set_mode(connection, mode: str) -> None:
        with suppress(sqlite3.OperationalError):
            if connection.execute(f"pragma journal_mode={mode}").fetchone() == ("wal",):
                connection.execute("pragma synchronous=normal")
                connection.execute(f"pragma wal_autocheckpoint={LOG_PAGES}")

    if engine.dialect.name != "sqlite":
        yield
        return
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: set_mode(connection, "wal"))
    try:
        yield
    finally:
        with engine.connect() as connection:
            set_mode(connection.connection.dbapi_connection, "delete")


def new_ids() -> Iterator[str]:
    """Ids as nbgrader's, but growing with time, so that the rows of a submission lie together in every index."""
    begin = f"{time.time_ns():016x}{secrets.token_hex(6)}"
    return (f"{begin}{number:04x}" for number in itertools.count())


def first_line(error: BaseException) -> str:
    """An error in a line; what SQLAlchemy adds about the statement is left out."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


@dataclass(frozen=True)
class Marked:
    """The machine's part of one submitted notebook's rows."""

    scores: dict[str, float | None]
    comments: dict[str, str | None]


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
        give_up = time.monotonic() + LOCKED_SECONDS
        again = True
        while True:
            try:
                with self.engine.begin() as connection:
                    key = self._save(connection, student, timestamp, marked, missing)
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
        marked = marked | {
            name: Marked(
                dict.fromkeys(self.notebooks[name].grades, 0.0) | dict.fromkeys(self.notebooks[name].tasks, 0.0), {}
            )
            for name in missing
        }
        key = self.submissions.get(student)
        if key is None:
            return self._add(connection, student, timestamp, marked, missing)
        self._change(connection, key, student, timestamp, marked, missing)
        return key

    def _add(self, connection, student, timestamp, marked, missing) -> str:
        """A first submission: all rows at once."""
        ids = new_ids()
        key = next(ids)
        stored = self.as_stored(timestamp) if self.as_stored else timestamp
        connection.exec_driver_sql(self.new[SubmittedAssignment], (key, self.id, student, stored))
        notebooks, grades, comments = [], [], []
        for name, cells in self.notebooks.items():
            found = marked.get(name, Marked({}, {}))
            book = next(ids)
            score = sum(points or 0.0 for points in found.scores.values())
            late = 0.0 if self.duedate is None or timestamp is None else (timestamp - self.duedate).total_seconds()
            penalty = self._penalty(student, score, late) if name in marked and name not in missing else None
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

    def _change(self, connection, key, student, timestamp, marked, missing) -> None:
        """One that is there already: the machine's columns only."""
        if timestamp is not None:
            mine = update(SubmittedAssignment).where(SubmittedAssignment.id == key)
            connection.execute(mine.values(timestamp=timestamp))
        rows = select(SubmittedNotebook.notebook_id, SubmittedNotebook.id).where(SubmittedNotebook.assignment_id == key)
        books = {key: value for key, value in connection.execute(rows)}
        grades, comments = [], []
        for name, found in marked.items():
            cells, book = self.notebooks[name], books[self.notebooks[name].id]
            for grade_id, points in found.scores.items():
                cell = cells.grades.get(grade_id) or cells.tasks[grade_id]
                by_hand = points is None
                grades.append(
                    {"book": book, "cell": cell, "points": points, "by_hand": by_hand, "gone": name in missing}
                )
            for grade_id, said in found.comments.items():
                comments.append({"book": book, "cell": cells.comments[grade_id], "said": said})
        if grades:
            connection.execute(CHANGE_GRADE, grades)
        if comments:
            connection.execute(CHANGE_COMMENT, comments)
        self._change_penalties(
            connection, key, student, {books[self.notebooks[name].id] for name in marked.keys() - missing}
        )

    def _change_penalties(self, connection, key, student, books: set[str]) -> None:
        times = select(SubmittedAssignment.timestamp, SubmittedAssignment.extension).where(
            SubmittedAssignment.id == key
        )
        timestamp, extension = connection.execute(times).one()
        late = 0.0
        if timestamp is not None and self.duedate is not None:
            late = (timestamp - (self.duedate + extension if extension else self.duedate)).total_seconds()
        rows = []
        for book in books:
            penalty = None
            if late > 0 and self.late is not None:
                score = connection.execute(
                    select(SubmittedNotebook.score).where(SubmittedNotebook.id == book)
                ).scalar_one()
                penalty = self._penalty(student, score, late)
            rows.append({"book": book, "penalty": penalty})
        if rows and self.late is not None:
            connection.execute(CHANGE_PENALTY, rows)

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
# nbgrader's SaveAutoGrades: what a person graded, and what a machine cannot grade, is for a person to look at (again).
CHANGE_GRADE = (
    update(Grade.__table__)
    .where(Grade.__table__.c.notebook_id == bindparam("book"), Grade.__table__.c.cell_id == bindparam("cell"))
    .values(
        auto_score=bindparam("points"),
        needs_manual_grade=case(
            (bindparam("gone") == True, False),  # noqa: E712  (SQL)
            (Grade.__table__.c.manual_score.is_not(None), True),
            else_=bindparam("by_hand"),
        ),
    )
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
