"""A release's cells as rows of the gradebook, with what students have hanging on them: read, and changed."""

from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from gradebox.classroom.gradebook import new_ids
from gradebox.classroom.released import bare
from gradebox.course import CourseError, read_notebook

KINDS = {"GradeCell": GradeCell, "SolutionCell": SolutionCell, "TaskCell": TaskCell}
EARN = ("GradeCell", "TaskCell")


@dataclass
class Cell:
    """A cell of a release: its text, and its rows that students' grades and comments hang on."""

    name: str
    text: dict = field(default_factory=dict)  # the columns of source_cell: cell_type, locked, source, checksum
    kinds: dict[str, str] = field(default_factory=dict)  # GradeCell, SolutionCell, TaskCell -> id
    worth: dict[str, dict] = field(default_factory=dict)  # GradeCell, TaskCell -> columns: max_score, cell_type
    cell_id: str | None = None  # of the notebook format

    @property
    def looks(self) -> tuple:
        """What does not change with the name."""
        return self.text.get("cell_type"), *sorted(self.kinds), bare(self.text.get("source") or "")


@dataclass
class Book:
    """A notebook of a release."""

    name: str
    id: str
    kernelspec: str | None
    cells: dict[str, Cell] = field(default_factory=dict)


def read_books(connection: Connection, assignment: str) -> dict[str, Book]:
    """An assignment's notebooks as a gradebook has them, by name."""
    rows = (
        select(Notebook.name, Notebook.id, Notebook.kernelspec)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    books = {row.name: Book(*row) for row in connection.execute(rows)}
    by_id = {book.id: book for book in books.values()}

    def cell(notebook: str, name: str) -> Cell:
        return by_id[notebook].cells.setdefault(name, Cell(name))

    source, base = SourceCell.__table__, BaseCell.__table__
    for row in connection.execute(select(source).where(source.c.notebook_id.in_(by_id))).mappings():
        columns = "cell_type", "locked", "source", "checksum"
        cell(row["notebook_id"], row["name"]).text = {key: row[key] for key in columns}
    for row in connection.execute(select(base).where(base.c.notebook_id.in_(by_id))).mappings():
        cell(row["notebook_id"], row["name"]).kinds[row["type"]] = row["id"]
    for kind in EARN:
        table = KINDS[kind].__table__
        worth = {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}
        for book in books.values():
            for each in book.cells.values():
                if kind in each.kinds:
                    each.worth[kind] = {key: value for key, value in worth[each.kinds[kind]].items() if key != "id"}
    return books


def note_cell_ids(books: dict[str, Book], folder: Path) -> None:
    """Take the cells' ids from the released notebooks, where they are there to be read."""
    for book in books.values():
        try:
            cells = read_notebook(folder / f"{book.name}.ipynb").cells
        except CourseError:
            continue
        for cell in cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in book.cells:
                book.cells[name].cell_id = cell.get("id")


class Writer:
    """Changes an assignment's rows, in a transaction."""

    def __init__(self, connection: Connection, assignment: str):
        self.connection = connection
        self.assignment = assignment  # its id
        self.ids = new_ids()

    def run(self, statement, rows=None):
        return self.connection.execute(statement, rows) if rows is None or rows else None

    def change_book(self, before: Book, after: Book) -> None:
        columns = {"name": after.name, "kernelspec": after.kernelspec}
        self.run(update(Notebook).where(Notebook.id == before.id).values(columns))

    def add_book(self, book: Book) -> str:
        key = next(self.ids)
        columns = {"id": key, "name": book.name, "assignment_id": self.assignment, "kernelspec": book.kernelspec}
        self.run(insert(Notebook.__table__).values(columns))
        mine = select(SubmittedAssignment.id).where(SubmittedAssignment.assignment_id == self.assignment)
        rows = [
            {"id": next(self.ids), "assignment_id": each, "notebook_id": key, "flagged": False}
            for each in self.run(mine).scalars()
        ]
        self.run(insert(SubmittedNotebook.__table__), rows)
        return key

    def remove_book(self, book: Book) -> None:
        for cell in book.cells.values():
            self.change_cell(book.id, cell, None)
        self.run(delete(SubmittedNotebook.__table__).where(SubmittedNotebook.notebook_id == book.id))
        self.run(delete(Notebook.__table__).where(Notebook.id == book.id))

    def change_cell(self, book: str, cell: Cell, after: Cell | None) -> None:
        for kind, key in cell.kinds.items():
            if after is None or kind not in after.kinds:
                for table in (Grade.__table__, Comment.__table__):
                    self.run(delete(table).where(table.c.cell_id == key))
                for table in (KINDS[kind].__table__, BaseCell.__table__):
                    self.run(delete(table).where(table.c.id == key))
                continue
            base = BaseCell.__table__
            self.run(update(base).where(base.c.id == key).values(name=after.name))
            if kind in after.worth:
                table = KINDS[kind].__table__
                self.run(update(table).where(table.c.id == key).values(after.worth[kind]))
        source = SourceCell.__table__
        mine = (source.c.notebook_id == book) & (source.c.name == cell.name)
        if after is None:
            self.run(delete(source).where(mine))
            return
        self.run(update(source).where(mine).values({"name": after.name, **after.text}))
        for kind in after.kinds.keys() - cell.kinds.keys():
            self.add_kind(book, after, kind)

    def add_cell(self, book: str, cell: Cell) -> None:
        columns = {"id": next(self.ids), "name": cell.name, "notebook_id": book, **cell.text}
        self.run(insert(SourceCell.__table__).values(columns))
        for kind in cell.kinds:
            self.add_kind(book, cell, kind)

    def add_kind(self, book: str, cell: Cell, kind: str) -> None:
        """Rows for a cell that is new, and for everybody who has handed in, as nbgrader makes them."""
        key = next(self.ids)
        base = {"id": key, "name": cell.name, "notebook_id": book, "type": kind}
        self.run(insert(BaseCell.__table__).values(base))
        self.run(insert(KINDS[kind].__table__).values({"id": key, **cell.worth.get(kind, {})}))
        submitted = self.run(select(SubmittedNotebook.id).where(SubmittedNotebook.notebook_id == book)).scalars().all()
        rows = [{"id": next(self.ids), "cell_id": key, "notebook_id": each} for each in submitted]
        if kind in EARN:
            self.run(insert(Grade.__table__), [{**row, "needs_manual_grade": True} for row in rows])
        if kind != "GradeCell":
            self.run(insert(Comment.__table__), [{**row, "id": next(self.ids)} for row in rows])
