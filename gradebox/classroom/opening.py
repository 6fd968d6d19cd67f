"""Opening nbgrader's gradebook, and how it is written while we do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gradebox.course import CourseError

LOG_PAGES = 25_000  # of the write-ahead log, 4 KiB each, before it is worked into the gradebook


@contextmanager
def open_gradebook(db_url: str, course_id: str, only_read: bool = False) -> Iterator[Gradebook]:
    """nbgrader's gradebook, which has to be there. Raises CourseError if it is not, or cannot be reached."""
    try:
        url = make_url(db_url)
        if url.drivername.startswith("sqlite") and url.database and not Path(url.database).is_file():
            raise CourseError(f"There is no gradebook at {url.database}: run 'gradebox release' first, or check --db.")
        gradebook = Gradebook(db_url, course_id)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise CourseError(f"The gradebook cannot be opened: {first_line(error)}. Check --db (db_url).") from error
    with gradebook, nullcontext() if only_read else quick_commits(gradebook.engine):
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


def first_line(error: BaseException) -> str:
    """An error in a line; what SQLAlchemy adds about the statement is left out."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
