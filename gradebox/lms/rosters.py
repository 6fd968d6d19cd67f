"""Rosters: tables of students, nbgrader's own or an LMS's, and what the gradebook and earlier downloads know.

Several are put together: a row that shares a key with a student known so far is that student's. Times of handing in,
where a table has them (Moodle's worksheet, GitHub Classroom's grades), come along.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from dateutil.parser import ParserError, parse

from gradebox.course import CourseError, words
from gradebox.lms.known import KNOWN
from gradebox.lms.people import LIKE, People, Person, best_id, key
from gradebox.lms.tables import Table, read_table

COLUMNS = {
    "id": "id",
    "student id": "id",
    "student": "id",
    "login": "login",
    "username": "login",
    "user name": "login",
    "email": "email",
    "e mail": "email",
    "email address": "email",
    "sid": "sid",
    "student number": "sid",
    "lms user id": "lms",
    "github username": "github",
    "name": "name",
    "full name": "name",
    "first name": "first",
    "last name": "last",
    "group": "group",
}  # of a table that is no LMS's; `nbgrader db student import` takes the same
ISO = re.compile(r"\d{4}-\d\d-\d\d")
MONTH = re.compile(r"[a-z]{3}", re.IGNORECASE)
UNSAID = datetime(2000, 1, 1, 1, 1), datetime(2001, 2, 2, 2, 2)  # stand for what a time leaves out
NEVER_IN_AN_ID = ("/", "\\", "\0", "\n")


@dataclass
class Row:
    """A row of a roster."""

    where: str
    keys: dict[str, str] = field(default_factory=dict)  # as they are written there
    name: str = ""
    group: str = ""
    when: datetime | None = None


def people_of(rosters: Iterable[Path], known: Iterable[Person], zone: tzinfo) -> People:
    """Put together who the students are.

    known -- from elsewhere: the gradebook, earlier downloads

    Raises CourseError where rosters disagree.
    """
    everybody: dict[str, Person] = {}
    owners: dict[tuple[str, str], str] = {}
    tables = [rows_of(path, zone) for path in rosters]
    # Those first that say themselves what a student's id is.
    tables.sort(key=lambda rows: not all("id" in row.keys for row in rows))
    for person in known:
        add(everybody, owners, person, "the gradebook")
    for rows in tables:
        for row in rows:
            keys = frozenset((kind, key(value)) for kind, value in row.keys.items() if kind != "id")
            student = owner_of(owners, row) or best_id(row.keys.items())
            if not student:
                raise CourseError(f"{row.where} has nothing that is a student's id: give a roster with ids, too.")
            names, groups = frozenset(filter(None, [row.name])), frozenset(filter(None, [row.group]))
            add(everybody, owners, Person(student, keys, names, groups, row.when), row.where)
    return People(everybody)


def owner_of(owners: dict[tuple[str, str], str], row: Row) -> str:
    """Whose row it is by what is known so far; empty if nobody's. Raises CourseError if two people's."""
    explicit = row.keys.get("id")
    if explicit and ("id", key(explicit)) in owners:
        return owners["id", key(explicit)]
    found = {
        owners[like, key(value)]
        for kind, value in row.keys.items()
        for like in LIKE[kind]
        if (like, key(value)) in owners
    }
    if len(found) > 1 or (explicit and found):
        also = [explicit] if explicit else []
        raise CourseError(f"{row.where} is {' and '.join(sorted([*found, *also]))} at once: correct the roster.")
    return found.pop() if found else ""


def add(everybody: dict[str, Person], owners: dict, person: Person, where: str) -> None:
    if person.id.startswith(".") or any(each in person.id for each in NEVER_IN_AN_ID):
        raise CourseError(f"{where}: “{words(person.id)}” cannot be a student's id, which is the name of a folder.")
    for each in {("id", key(person.id)), *person.keys}:
        owner = owners.setdefault(each, person.id)
        if owner != person.id:
            raise CourseError(
                f"{where}: {owner} and {person.id} both have the {each[0]} {each[1]}: correct the roster."
            )
    old = everybody.get(person.id, person)
    everybody[person.id] = replace(
        person,
        keys=old.keys | person.keys,
        names=old.names | person.names,
        groups=old.groups | person.groups,
        when=person.when or old.when,
    )


def rows_of(path: Path, zone: tzinfo) -> list[Row]:
    """The students in a roster. Raises CourseError if it is none, or has somebody twice."""
    table = read_table(path)
    columns = next((found for lms in KNOWN.values() if (found := lms.columns(table)) is not None), None)
    if columns is None:
        columns = {place: COLUMNS[title] for place, title in enumerate(table.header) if title in COLUMNS}
    kinds = set(columns.values())
    if not kinds & LIKE.keys():
        raise CourseError(
            f"{path} has no column that says who is who: it needs id (nbgrader's), login, email, sid or lms_user_id, "
            f"and may have name, or first_name and last_name, and group (there: {', '.join(table.header)})."
        )
    rows = [row for number in range(1, len(table.rows)) if (row := row_of(table, number, columns, zone)).keys]
    refuse_twins(rows)
    return rows


def row_of(table: Table, number: int, columns: dict[int, str], zone: tzinfo) -> Row:
    cells: dict[str, str] = {}
    for place, kind in columns.items():
        text = unwrapped(table.text(number, place))
        if text and kind not in cells:
            cells[kind] = text
    row = Row(f"{table.file}, row {number + 1}", {kind: cells[kind] for kind in LIKE if kind in cells})
    if "pid" in row.keys:
        row.keys["pid"] = "".join(each for each in row.keys["pid"] if each.isdigit())
    row.name = cells.get("name") or f"{cells.get('last', '')}, {cells.get('first', '')}".strip(", ")
    row.group = cells.get("group", "")
    row.when = time_in(cells.get("when", ""), zone)
    return row


def unwrapped(text: str) -> str:
    """A cell without what keeps spreadsheets from reading it as something else: ``="0123"``, ``#123``."""
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1]
    return text.removeprefix("#").strip()


def time_in(text: str, zone: tzinfo) -> datetime | None:
    """A time as a table says it; nothing where words or the order of numbers leave it open."""
    if not ISO.match(text) and not MONTH.search(text):
        return None
    try:
        when, again = (parse(text, default=each) for each in UNSAID)
    except (ParserError, OverflowError):
        return None
    if when != again:  # a part of it was not said
        return None
    return when if when.tzinfo else when.replace(tzinfo=zone)


def refuse_twins(rows: list[Row]) -> None:
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        for kind, value in row.keys.items():
            seen[kind, key(value)].append(row.where)
    for (kind, value), where in seen.items():
        if len(where) > 1:
            others = where[1].partition(", ")[2]
            raise CourseError(f"{where[0]} and {others} both have the {kind} “{words(value)}”: correct the roster.")
