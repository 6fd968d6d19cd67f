"""Cells that were added, removed or renamed since students were graded: the gradebook is made to hold the new ones, and
what students have in those that are still there: `gradebox release --migrate`.

nbgrader refuses such a release. Here it is built with a gradebook of its own, which is then compared with the course's.
A cell is the same as before if it has the same name or, under another name, the cell id that it had in the old
release, or a text that it had before and no other cell has. What a person gave for a cell that is gone is said before.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Base,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import ClearSolutions
from sqlalchemy import create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from traitlets.config import Config

from gradebox.classroom.cellrows import EARN, Book, Cell, Writer, note_cell_ids, read_books
from gradebox.classroom.opening import first_line
from gradebox.classroom.released import bare
from gradebox.course import CourseError, words

MOST_COMMENT = 2000  # characters that are shown


# --- which is which ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What becomes of the gradebook's cells."""

    books: list[tuple[Book | None, Book | None]]  # before and after; None: there is none
    cells: list[tuple[Book, Cell, Cell | None]]  # of notebooks that stay: before, and after (None: it is gone)
    added: list[tuple[Book, Cell]]  # with the notebook as it is after

    @property
    def needed(self) -> bool:
        """Whether nbgrader's own way would refuse it."""
        stay = [(before, after) for _, before, after in self.cells if after is not None]
        return bool(
            self.added
            or len(stay) < len(self.cells)
            or any(before is None or after is None or before.name != after.name for before, after in self.books)
            or any(before.name != after.name or before.kinds.keys() != after.kinds.keys() for before, after in stay)
        )

    @property
    def lost(self) -> list[tuple[str, str, str]]:
        """Rows that are gone with all that hangs on them: notebook, cell, id."""
        gone = [(book.name, cell.name, key) for book, cell, after in self.cells for key in gone_kinds(cell, after)]
        for before, after in self.books:
            if before is not None and after is None:
                gone += [(before.name, cell.name, key) for cell in before.cells.values() for key in cell.kinds.values()]
        return gone


def gone_kinds(cell: Cell, after: Cell | None) -> list[str]:
    return [key for kind, key in cell.kinds.items() if after is None or kind not in after.kinds]


def plan(before: dict[str, Book], after: dict[str, Book], config: Config) -> Plan:
    books = [(before[name], after[name]) for name in before.keys() & after.keys()]
    gone = {name: before[name] for name in sorted(before.keys() - after.keys())}
    for name in sorted(after.keys() - before.keys()):
        same = [each for each in gone.values() if each.cells.keys() == after[name].cells.keys()]
        old = gone.pop(same[0].name) if len(same) == 1 else None
        books.append((old, after[name]))
    books += [(each, None) for each in gone.values()]
    cells, added = [], []
    for old, new in books:
        if new is None:
            continue
        names = renamed(old, new, config) if old else {}
        if old:
            cells += [(old, cell, new.cells.get(names.get(cell.name, cell.name))) for cell in old.cells.values()]
        known = {names.get(name, name) for name in old.cells} if old else set()
        added += [(new, cell) for name, cell in new.cells.items() if name not in known]
    return Plan(books, cells, added)


def renamed(old: Book, new: Book, config: Config) -> dict[str, str]:
    """Cells that have another name, as far as their content tells: old name -> new name."""
    gone = [cell for name, cell in old.cells.items() if name not in new.cells]
    come = [cell for name, cell in new.cells.items() if name not in old.cells]
    texts = [Counter(cell.looks for cell in book.cells.values()) for book in (old, new)]
    clear = ClearSolutions(config=config)
    stubs = {"", *map(bare, (clear.text_stub, *clear.code_stub.values()))}  # of which there may be many

    def same(one: Cell, other: Cell) -> bool:
        *kind, text = one.looks
        if one.cell_id is not None and one.cell_id == other.cell_id:
            return kind == [*other.looks[:-1]]
        return one.looks == other.looks and text not in stubs and all(count[one.looks] == 1 for count in texts)

    pairs = [(one, other) for one in gone for other in come if same(one, other)]
    return {one.name: other.name for one, other in pairs}


# --- what is said ----------------------------------------------------------------------------------------------------


def told(connection: Connection, found: Plan) -> Iterator[str]:
    """Lines that say what becomes of what students have, and exactly what a person gave that cannot be kept."""
    if not found.needed:
        yield "No cell was added, removed or renamed."
        return
    for before, after in found.books:
        if before is None or after is None:
            yield f"notebook {'added' if before is None else 'removed'}: {words((after or before).name)}"
        elif before.name != after.name:
            yield f"notebook renamed: {words(before.name)} is {words(after.name)}"
    for book, cell, after in found.cells:
        what = f"{words(book.name)}, {words(cell.name)}"
        if after is None:
            yield f"removed: {what}"
        elif after.name != cell.name:
            yield f"renamed: {what} is {words(after.name)}; marks and comments stay"
        elif any(kind in EARN and kind not in after.kinds for kind in cell.kinds):
            yield f"no longer graded: {what}"
        elif any(kind in EARN and kind not in cell.kinds for kind in after.kinds):
            yield f"now graded: {what}"
    for book, cell in found.added:
        yield f"added: {words(book.name)}, {words(cell.name)}"
    lost = list(from_people(connection, found))
    marks = list(by_machine(connection, found))
    if marks:
        yield f"Not kept: {sum(marks)} of the machine's marks, for cells that are gone."
    yield f"Not kept of what people gave: {'nothing' if not lost else ''}".rstrip()
    yield from (f"    {line}" for line in lost)


def from_people(connection: Connection, found: Plan) -> Iterator[str]:
    """What a person gave that is lost, a line for each mark and comment."""
    for notebook, cell, key in found.lost:
        what = f"{words(notebook)}, {words(cell)}"
        for student, _, manual, extra in graded_rows(connection, key):
            said = [f"{manual:g} points" if manual is not None else "", f"{extra:g} extra credit" if extra else ""]
            if any(said):
                yield f"{words(student)}: {what}: {', '.join(filter(None, said))}"
        rows = (
            select(SubmittedAssignment.student_id, Comment.manual_comment)
            .join(SubmittedNotebook, Comment.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(Comment.cell_id == key, Comment.manual_comment.is_not(None), Comment.manual_comment != "")
            .order_by(SubmittedAssignment.student_id)
        )
        for student, comment in connection.execute(rows):
            yield f"{words(student)}: {what}: “{words(comment, MOST_COMMENT)}”"


def by_machine(connection: Connection, found: Plan) -> Iterator[int]:
    for *_, key in found.lost:
        yield sum(auto is not None for _, auto, *_ in graded_rows(connection, key))


def graded_rows(connection: Connection, cell: str) -> Iterable:
    return connection.execute(
        select(SubmittedAssignment.student_id, Grade.auto_score, Grade.manual_score, Grade.extra_credit)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(Grade.cell_id == cell)
        .order_by(SubmittedAssignment.student_id)
    ).all()


# --- doing it --------------------------------------------------------------------------------------------------------


def empty_gradebook(path: Path, assignment: str) -> None:
    """An SQLite gradebook for one release, in which nothing is but the assignment's name."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)  # nbgrader itself starts a program, to note a version for upgrades
    engine.dispose()
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_assignment(assignment)


def migrate(
    gradebook: Gradebook, assignment: str, built: Path, released: tuple[Path, Path], config: Config, without_copy: bool
) -> Iterator[str]:
    """Make the gradebook hold an assignment's new cells, in one transaction; yields what is said, before and after.

    built        -- an SQLite gradebook with the release that is to come, and nobody in it
    released     -- folders with the notebooks of the old release and of the new one
    without_copy -- also where people's marks are lost, and the database is one that is not copied

    Raises CourseError if the gradebook does not know the assignment, or cannot be written.
    """
    with Gradebook(f"sqlite:///{built}") as new, new.engine.connect() as connection:
        after = read_books(connection, assignment)
    try:
        with gradebook.engine.connect() as connection:
            found_id = connection.execute(select(Assignment.id).where(Assignment.name == assignment)).scalar()
            if found_id is None:
                raise CourseError(
                    f"The gradebook does not know '{assignment}': run 'gradebox release {assignment}' alone."
                )
            before = read_books(connection, assignment)
            for books, folder in zip((before, after), released, strict=True):
                note_cell_ids(books, folder)
            found = plan(before, after, config)
            yield from told(connection, found)
            loses = any(from_people(connection, found))
        copy = copied(gradebook, assignment) if found.needed else ""
        if copy:
            yield f"The gradebook as it was: {copy}"
        elif loses and not without_copy:
            raise CourseError(
                "Nothing was changed: what people gave would be lost, and this database is not copied. Make a copy of "
                "your own and say it again with --force."
            )
        with gradebook.engine.begin() as connection:
            carry_out(found, Writer(connection, found_id))
    except DBAPIError as error:
        raise CourseError(
            f"The gradebook cannot be written: {first_line(error)}. Nothing was changed in it."
        ) from error
    yield f"'gradebox autograde {assignment}' brings everybody up to date (--diff says what it would change)."


def carry_out(found: Plan, rows: Writer) -> None:
    books = {}  # ids of the notebooks that are there afterwards, by name
    for before, after in found.books:
        if after is None:
            rows.remove_book(before)
        elif before is None:
            books[after.name] = rows.add_book(after)
        else:
            books[after.name] = before.id
            rows.change_book(before, after)
    for book, cell, after in found.cells:
        rows.change_cell(book.id, cell, after)
    for book, cell in found.added:
        rows.add_cell(books[book.name], cell)


def copied(gradebook: Gradebook, assignment: str) -> str:
    """Copy a gradebook in SQLite beside itself. Returns where; nothing if it is in another database."""
    url = gradebook.engine.url
    if not url.drivername.startswith("sqlite"):
        return ""
    path = Path(url.database)
    copy = path.with_name(f"{path.name}.before-{assignment}-{datetime.now():%Y%m%d-%H%M%S}")
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
        shutil.copymode(path, copy)
        old.backup(new)
    return copy.name
