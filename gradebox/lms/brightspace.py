"""Brightspace (D2L). Down: 397063-2557369 - Jane Doe - Mar 1, 2024 926 PM/hw1.ipynb, a folder for each attempt.
Up: CSV with OrgDefinedId, Username, a column of points and End-of-Line Indicator, and a zip of such folders."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from gradebox.course import CourseError
from gradebox.lms.interface import Aside, Lms, Piece, Sheet, Who, chosen_column
from gradebox.lms.marks import Graded
from gradebox.lms.sheets import Rows, score
from gradebox.lms.tables import Table

PART = r"(?:(?! - )[^/])*?"
FILE = re.compile(
    rf"(?P<folder>(?P<number>\d+)-\d+ - (?P<name>[^/]+?) - (?P<when>{PART}\b\d{{4}}\b{PART}))(?:/| - )(?P<file>[^/].*)",
    re.DOTALL,
)
TIME = re.compile(r"(?P<month>\w{3})\w* (?P<day>\d{1,2}), (?P<year>\d{4}) (?P<clock>\d{3,4}) (?P<half>[AP]M)")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
COLUMNS = {
    "orgdefinedid": "sid",
    "username": "login",
    "last name": "last",
    "first name": "first",
    "email": "email",
}
TITLE = re.compile(r"(?P<title>.+?) Points Grade(?:\s*<[^>]*?MaxPoints:(?P<most>\d+(?:\.\d+)?)[^>]*>)?", re.IGNORECASE)


class Brightspace(Lms):
    name = "brightspace"
    title = "Brightspace"
    takes_pages = True
    takes_marks = True
    may_be_made = True
    uploads = "Brightspace: Grades, Enter Grades, Import. It caps what is over the maximum."
    page_uploads = "Brightspace: the assignment, Add Feedback Files; the folders keep their names."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        parts = {name: one for name in names if (one := FILE.fullmatch(name))}
        people: dict[str, set[str]] = {}
        for one in parts.values():
            people.setdefault(one["number"], set()).add(one["name"])
        found: dict[str, Piece | Aside] = {}
        for name, one in parts.items():
            keys = (("lms", one["number"]),) if len(people[one["number"]]) == 1 else ()
            found[name] = Piece((Who(keys, one["name"]),), one["file"], one["folder"], time_of(one["when"]))
        if found and "index.html" in names:
            found["index.html"] = Aside("Brightspace's own list")
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        if "end of line indicator" not in table.header or not {"orgdefinedid", "username"} & set(table.header):
            return None
        return {place: COLUMNS[title] for place, title in enumerate(table.header) if title in COLUMNS}

    def sheet(self, table: Table, wanted: str) -> Sheet:
        columns = self.columns(table)
        if columns is None:
            raise CourseError(f"{table.file} is no table of Brightspace's (Grades, Enter Grades, Export).")
        known = {place: one for place, cell in enumerate(table.rows[0]) if (one := TITLE.fullmatch(cell.text.strip()))}
        column = chosen_column({place: one["title"] for place, one in known.items()}, wanted, table.file)
        rows = []
        for row in range(1, len(table.rows)):
            cells = {kind: table.text(row, place).removeprefix("#") for place, kind in columns.items()}
            keys = tuple((kind, cells[kind]) for kind in ("login", "sid", "email") if cells.get(kind))
            name = f"{cells['last']}, {cells['first']}" if cells.get("last") and cells.get("first") else ""
            rows.append((row, Who(keys, name)))
        most = known[column]["most"]
        return Sheet(column, rows, float(most) if most else None)

    def made(self, title: str, graded: Sequence[Graded], provisional: bool) -> Rows:
        rows = [["Username", f"{title} Points Grade", "End-of-Line Indicator"]]
        marked = [(each.student, score(each, provisional)) for each in graded]
        return rows + [[student, points, "#"] for student, points in marked if points is not None]

    def page(self, origin: str, notebook: str, keys: dict[str, str]) -> str:
        found = FILE.search(origin)
        return f"{found['folder']}/{notebook}.html" if found else ""


def time_of(text: str) -> datetime | None:
    """``Mar 1, 2024 926 PM``, which has no colon; nothing where it is said in another language."""
    found = TIME.fullmatch(text.strip())
    if not found or found["month"].lower() not in MONTHS:
        return None
    hour, minute = divmod(int(found["clock"]), 100)
    hour = hour % 12 + (12 if found["half"] == "PM" else 0)
    try:
        return datetime(int(found["year"]), MONTHS.index(found["month"].lower()) + 1, int(found["day"]), hour, minute)
    except ValueError:
        return None
