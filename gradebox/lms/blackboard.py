"""Blackboard. Down: Homework 1_jane_attempt_2024-03-01-12-00-00_hw1.ipynb, and a receipt in text for every attempt.
Up: the table that its Grade Center hands out, in UTF-16 with tabs or as CSV."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from gradebox.course import CourseError
from gradebox.lms.interface import Aside, Lms, Piece, Sheet, Who, chosen_column
from gradebox.lms.tables import Table

FILE = re.compile(
    r"(?P<before>[^/]+?)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|(?P<receipt>\.txt))", re.DOTALL
)
TIME = "%Y-%m-%d-%H-%M-%S"
NAMED = re.compile(r"^[^:\n]+:[^\n]*\((?P<login>[^()\n]+)\)\s*$", re.MULTILINE)  # "Name: Jane Doe (jane)", first line
RENAMED = re.compile(r"^[^\n:]*:[ \t]*(?P<original>[^\n]+)\n[^\n:]*:[ \t]*(?P<name>[^\n]+)$", re.MULTILINE)
COLUMNS = {"last name": "last", "first name": "first", "username": "login", "student id": "sid"}
TITLE = re.compile(r"(?P<title>.+?) \[[^\]]*?(?P<most>\d+(?:[.,]\d+)?)[^\]\d]*\](?:.*)\|(?P<id>\d+)")


class Blackboard(Lms):
    name = "blackboard"
    title = "Blackboard"
    takes_marks = True
    uploads = "Blackboard: Grade Center, Work Offline, Upload."
    page_uploads = "Blackboard takes no pages from files: this zip has a folder for each student."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        parts = {name: one for name in names if (one := FILE.fullmatch(name))}
        receipts = {one["before"] + one["when"]: text(name) for name, one in parts.items() if one["receipt"]}
        found: dict[str, Piece | Aside] = {}
        for name, one in parts.items():
            receipt = receipts.get(one["before"] + one["when"], "")
            if one["receipt"]:
                found[name] = Aside("Blackboard's receipt for an attempt")
                continue
            try:
                when = datetime.strptime(one["when"], TIME)
            except ValueError:
                when = None
            who = Who((("login", login_of(one["before"], receipt)),))
            found[name] = Piece((who,), original_name(one["file"], name, receipt), one["when"], when)
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        if not {"last name", "first name", "username"} <= set(table.header) or not any(
            map(TITLE.search, titles(table))
        ):
            return None
        return {place: COLUMNS[title] for place, title in enumerate(table.header) if title in COLUMNS}

    def sheet(self, table: Table, wanted: str) -> Sheet:
        columns = self.columns(table)
        if columns is None:
            raise CourseError(f"{table.file} is no table of Blackboard's Grade Center (Work Offline, Download).")
        known = {place: found for place, title in enumerate(titles(table)) if (found := TITLE.search(title))}
        column = chosen_column({place: found["title"] for place, found in known.items()}, wanted, table.file)
        rows = []
        for row in range(1, len(table.rows)):
            cells = {kind: table.text(row, place) for place, kind in columns.items()}
            keys = tuple((kind, cells[kind]) for kind in ("login", "sid") if cells.get(kind))
            rows.append((row, Who(keys, f"{cells.get('last', '')}, {cells.get('first', '')}")))
        return Sheet(column, rows, float(known[column]["most"].replace(",", ".")))


def titles(table: Table) -> list[str]:
    return [cell.text for cell in table.rows[0]]


def login_of(before: str, receipt: str) -> str:
    """Who it is in ``Assignment_login``: the receipt knows, where either part has an underscore."""
    found = NAMED.search(receipt.partition("\n")[0])
    if found and before.endswith(f"_{found['login']}"):
        return found["login"]
    return before.rpartition("_")[2]


def original_name(file: str, name: str, receipt: str) -> str:
    """What the student called a file, from the receipt's pairs of lines; else what Blackboard calls it."""
    for pair in RENAMED.finditer(receipt.replace("\r", "")):
        if pair["name"].strip() in (file, name):
            return pair["original"].strip()
    return file
