"""Moodle. Down: Jane Doe_1234567_assignsubmission_file_/hw1.ipynb. Up: its worksheet, and a zip of such folders.

The number is one student's in this one assignment; the worksheet, in the site's language, has it beside the name.
"""

import re
from collections.abc import Callable, Sequence

from gradebox.course import CourseError
from gradebox.lms.interface import Aside, Lms, Piece, Sheet, Who
from gradebox.lms.tables import Table, number

# Moodle puts blanks for underscores in names. With folders or flat, with the last underscore or without.
FILE = re.compile(
    r"(?P<name>[^/]*?)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_?/|_)(?P<file>.+)", re.DOTALL
)
NO_NUMBER = re.compile(r"[^/]*_assignsubmission_[a-z]+(?:_?/|_).+", re.DOTALL)
IDENTIFIER = re.compile(r"(?P<word>\D{5,}?) ?(?P<number>\d+)")  # "Participant 1234567", in the site's language
FEWEST_COLUMNS = 6
# Titles in the languages that were seen or are well known; an e-mail address is known by its @.
TITLES = {
    "sid": {"id number", "id nummer", "numéro d identification", "número de id", "codice identificativo"},
    "login": {"username", "anmeldename", "nom d utilisateur", "nombre de usuario", "gebruikersnaam"},
    "group": {"group", "groups", "gruppe", "groupe", "grupo", "gruppo", "groep"},
    "when": {"last modified submission", "zuletzt geändert abgabe"},
}
MAXIMUM = {
    *("maximum grade", "bestwertung", "note maximale", "calificación máxima", "valutazione massima", "maximum cijfer"),
    *("scale", "skala", "barème", "escala", "scala", "schaal"),
}


class Moodle(Lms):
    name = "moodle"
    title = "Moodle"
    takes_pages = True
    takes_marks = True
    uploads = (
        "Moodle: the assignment, Upload grading worksheet, before any feedback files; otherwise tick “allow updating "
        "records that have been modified more recently”. Marks that are locked, or graded by a rubric, are skipped "
        "without a word."
    )
    page_uploads = "Moodle: the assignment, Upload multiple feedback files in a zip, after the marks."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        found: dict[str, Piece | Aside] = {}
        for name in names:
            if one := FILE.fullmatch(name):
                if one["plugin"] == "file":
                    found[name] = Piece((person(one["name"], one["number"]),), one["file"])
                else:
                    found[name] = Aside("typed into Moodle, and no file")
            elif NO_NUMBER.fullmatch(name):
                found[name] = Aside(
                    "of a team without a number: put its members into a group and download it again", True
                )
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        numbered = [IDENTIFIER.fullmatch(table.text(row, 0)) for row in range(1, len(table.rows))]
        same = {found["word"] for found in numbered if found}
        if not all(numbered) or len(same) != 1 or len(table.header) < FEWEST_COLUMNS:
            return None
        columns = {0: "pid", 1: "name"}
        for place, title in enumerate(table.header):
            cells = [cell for row in range(1, len(table.rows)) if (cell := table.text(row, place))]
            if cells and all("@" in cell and " " not in cell for cell in cells):
                columns[place] = "email"
            for kind, titles in TITLES.items():
                if title in titles:
                    columns[place] = kind
        return columns

    def sheet(self, table: Table, wanted: str) -> Sheet:
        columns = self.columns(table)
        if columns is None:
            raise CourseError(f"{table.file} is no grading worksheet of Moodle's (View all submissions, Download).")
        beside = maximum_of(table)
        if beside is None or beside < 2:
            raise CourseError(
                f"{table.file}: no column is known to be the maximum grade, which stands after the grade. Download it "
                "with Moodle in English."
            )
        rows = []
        for row in range(1, len(table.rows)):
            cells = {kind: table.text(row, place) for place, kind in columns.items()}
            keys = [("pid", IDENTIFIER.fullmatch(cells["pid"])["number"])]
            keys += [(kind, cells[kind]) for kind in ("email", "sid", "login") if cells.get(kind)]
            rows.append((row, Who(tuple(keys), cells.get("name", ""))))
        known = {number(table.text(row, beside)) for row, _ in rows}
        if None in known:
            raise CourseError(f"{table.file} is graded by the words of a scale, not by points: grade it in Moodle.")
        return Sheet(beside - 1, rows, float(max(known)), beside)

    def page(self, origin: str, notebook: str, keys: dict[str, str]) -> str:
        found = FILE.search(origin)
        if not found or "pid" not in keys:  # of a team; Moodle would take its number for a student's
            return ""
        return f"{found['name']}_{keys['pid']}_assignsubmission_file_/{notebook}.html"


def person(name: str, number: str) -> Who:
    """Some sites put ``username_`` before the name."""
    login, _, rest = name.partition("_")
    return Who((("pid", number), ("login", login)), rest) if rest else Who((("pid", number),), name)


def maximum_of(table: Table) -> int | None:
    """The column after the one that holds the grades."""
    return next((place for place, title in enumerate(table.header) if title in MAXIMUM), None)
