"""Canvas. Down: doejane_4321_98765_hw1.ipynb in a flat zip. Up: its gradebook's CSV, and a zip of the same names."""

import re
from collections.abc import Callable, Sequence

from gradebox.course import CourseError
from gradebox.lms.interface import Aside, Lms, Piece, Sheet, Who, chosen_column
from gradebox.lms.tables import Table, number, plain

# The name is the sortable one with only its letters and digits. The file's own name may hold anything, numbers too.
FILE = re.compile(
    r"(?P<name>[^/]*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<attachment>\d+)(?:_(?P<file>[^/]+)|(?P<ending>\.[^/.]+))"
)
TYPED = re.compile(r"(?P<name>[^/]*?)_(?:LATE_)?\d+_(?:text|link)\.html")
ANONYMOUS = re.compile(r"(?:LATE_)?anon_[^_/]+_.+")
COLUMNS = {
    "student": "name",
    "id": "lms",
    "sis user id": "sid",
    "sis login id": "login",
    "lastname": "last",
    "firstname": "first",
}
ABOUT_STUDENTS = {*COLUMNS, "integration id", "root account", "section"}
TITLE = re.compile(r"(?P<title>.+?)\s*\((?P<id>\d+)\)")


class Canvas(Lms):
    name = "canvas"
    title = "Canvas"
    takes_pages = True
    takes_marks = True
    uploads = "Canvas: Grades, Import, and choose it. Rows that have not changed do not show in its preview."
    page_uploads = (
        "Canvas: the assignment, Upload Submissions, once only (every upload adds a comment). Students see a page "
        "under their own file's name; who has handed in again meanwhile gets none."
    )

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        found: dict[str, Piece | Aside] = {}
        for name in names:
            if ANONYMOUS.fullmatch(name):
                found[name] = Aside("anonymous: let Canvas show the names and download it again", open=True)
            elif TYPED.fullmatch(name):
                found[name] = Aside("typed into Canvas, and no file")
            elif one := FILE.fullmatch(name):
                who = Who((("lms", one["user"]),), one["name"])
                file = one["file"] or f"{one['name']}{one['ending']}"
                found[name] = Piece((who,), file, late=bool(one["late"]), order=int(one["attachment"]))
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        if not ({"id", "section"} < set(table.header) and {"student", "lastname"} & set(table.header)):
            return None
        return {number: COLUMNS[title] for number, title in enumerate(table.header) if title in COLUMNS}

    def sheet(self, table: Table, wanted: str) -> Sheet:
        columns = self.columns(table)
        if columns is None:
            raise CourseError(f"{table.file} is no gradebook of Canvas's (Grades, Export): Student, ID, ..., Section.")
        titles = {
            place: cell.text
            for place, cell in enumerate(table.rows[0])
            if TITLE.fullmatch(cell.text.strip()) and plain(cell.text) not in ABOUT_STUDENTS
        }
        column = one_of(titles, wanted, table.file)
        most, rows = None, []
        for row in range(1, len(table.rows)):
            if "points possible" in plain(table.text(row, 0)):
                if "read only" in plain(table.text(row, column)):
                    raise CourseError(f"{table.file}: Canvas lets nobody write into “{titles[column]}”.")
                most = number(table.text(row, column))
            elif who := who_of(table, row, columns):
                rows.append((row, who))
        return Sheet(column, rows, None if most is None else float(most))

    def page(self, origin: str, notebook: str, keys: dict[str, str]) -> str:
        found = FILE.fullmatch(origin.rpartition("/")[2])
        return f"{origin[origin.rfind('/') + 1 :][: found.end('attachment')]}_{notebook}.html" if found else ""


def one_of(titles: dict[int, str], wanted: str, file: str) -> int:
    """The column of an assignment: by its whole title, by Canvas's number, or by the title without that."""
    for group in (0, "id"):
        found = [place for place, title in titles.items() if TITLE.fullmatch(title.strip())[group] == wanted.strip()]
        if len(found) == 1:
            return found[0]
    bare = {place: TITLE.fullmatch(title.strip())["title"] for place, title in titles.items()}
    try:
        return chosen_column(bare, wanted, file)
    except CourseError:
        return chosen_column(titles, wanted, file)  # whose words have the numbers, too


def who_of(table: Table, row: int, columns: dict[int, str]) -> Who | None:
    """Whose row it is; None if it is nobody's, like those above the students and the one that Canvas tests with."""
    cells = {kind: table.text(row, place) for place, kind in columns.items()}
    name = cells.get("name") or f"{cells.get('last', '')}, {cells.get('first', '')}"
    keys = tuple((kind, cells[kind]) for kind in ("lms", "login", "sid") if cells.get(kind))
    return Who(keys, name) if keys else None
