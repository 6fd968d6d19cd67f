"""What became of every file of a download, and of every student: told on the terminal, kept as a table."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table as ShownTable

from gradebox.course import cell_text, words
from gradebox.lms.people import NOBODY, SEVERAL

# What becomes of files that are collected ...
TAKEN, REPLACED, UNCHANGED, BESIDE = "taken", "taken, newer", "unchanged", "beside the notebook"
OLDER, COPY, STRANGER, NO_NOTEBOOK = "older attempt", "another copy", "another notebook", "not a notebook"
LEFT, NOT_USED, LOST, KEPT, EMPTY = "left out", "not used", "cannot be read", "kept as it was", "no notebook at all"
ABSENT = "handed in nothing"
# ... and of marks and pages that are handed out.
WRITTEN, SAME, HIGHER, WAITS = "written", "there already", "higher there", "waits for a grade by hand"
OTHER_WORDS, OVER, NOT_THERE = "other words there", "over the maximum", "not in the table"
PAGE, NO_PAGE, NO_WAY = "page", "no page yet", "no way back"

OPEN = (NOBODY, SEVERAL, LOST, EMPTY, KEPT, NOT_THERE, OVER, NO_PAGE, NO_WAY)  # wait for the instructor
QUIET = (BESIDE, LEFT, ABSENT, WRITTEN, SAME, PAGE)  # told as a number
USUAL = (TAKEN, REPLACED, UNCHANGED)  # too, unless there is something to say
MOST_ROWS = 100  # on the terminal; all are in the table
MOST_WHAT = 500  # characters
WIDEST = 90  # characters of a file's name or of what is said before it goes on in the next line


@dataclass(frozen=True)
class Row:
    """One file, or one student, and what became of it."""

    kind: str
    file: str = ""
    student: str = ""
    what: str = ""


def as_csv(rows: Iterable[Row]) -> bytes:
    """All of it, as a table that every spreadsheet opens and none computes."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["kind", "student", "file", "what"])
    for row in rows:
        sheet.writerow(map(cell_text, (row.kind, row.student, row.file, row.what)))
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def summary(rows: Iterable[Row]) -> str:
    """How many of each kind, in a line."""
    counted = Counter(row.kind for row in rows)
    kinds = sorted(counted, key=lambda kind: (kind in OPEN, kind not in (*USUAL, WRITTEN, PAGE)))
    return ", ".join(f"{counted[kind]} {kind}" for kind in kinds)


def to_look_at(rows: Iterable[Row], where: str) -> ShownTable | None:
    """What an instructor may want to see; what is open first."""
    odd = [row for row in rows if row.kind not in QUIET and (row.kind not in USUAL or row.what)]
    odd.sort(key=lambda row: row.kind not in OPEN)
    if not odd:
        return None
    table = ShownTable(show_header=True)
    table.add_column("what became of it", no_wrap=True)
    table.add_column("student", no_wrap=True)
    table.add_column("file", overflow="fold", max_width=WIDEST)
    table.add_column("why, and what to do", overflow="fold", max_width=WIDEST)
    for row in odd[:MOST_ROWS]:
        table.add_row(row.kind, words(row.student), words(row.file, MOST_WHAT), words(row.what, MOST_WHAT))
    if len(odd) > MOST_ROWS:
        table.caption = f"and {len(odd) - MOST_ROWS} more{where}"
    return table
