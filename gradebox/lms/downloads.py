"""A download, read: attempts by student, and what is to be told of all other files in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from gradebox.lms.archives import Entry, Unreadable, is_litter
from gradebox.lms.interface import Aside, Lms, Piece, Who
from gradebox.lms.known import recognised
from gradebox.lms.people import NOBODY, Found, People, Person, best_id, key
from gradebox.lms.report import LEFT, Row

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Attempt:
    """What a student handed in at a time, alone or in a group."""

    who: Who
    group: tuple[str, ...]
    when: datetime | None
    late: bool = False
    order: int = 0
    remark: str = ""  # on whose it is
    entries: list[tuple[Entry, str]] = field(default_factory=list)  # with the names that the student gave them

    @property
    def age(self) -> tuple[datetime, int]:
        return self.when or LONG_AGO, self.order


@dataclass
class Download:
    lms: Lms
    people: People
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    @property
    def absent(self) -> list[str]:
        return sorted(self.people.everybody.keys() - self.attempts.keys())


def read_download(entries: Iterable[Entry], people: People, zone: tzinfo, wanted: str = "") -> Download:
    """Find out whose download it is and who handed in what.

    people -- the course's; if there are none at all, the LMS's own ids are taken for students' ids
    zone   -- of times that do not say it
    wanted -- the name of the LMS, if that is not to be found out

    Raises CourseError if it is nobody's.
    """
    entries = list(entries)
    by_name = {entry.name: entry for entry in entries}
    lms, pieces = recognised(list(by_name), lambda name: text_of(by_name[name]), wanted)
    everybody = people if people.everybody else People(by_their_own_ids(pieces.values()))
    download = Download(lms, everybody)
    attempts: dict[tuple[str, str, Who], Attempt] = {}
    whose: dict[Who, Found] = {}
    for entry in entries:
        piece = pieces.get(entry.name)
        if is_litter(entry.name):
            download.rows.append(Row(LEFT, entry.name, what="left by a system or an editor"))
        elif piece is None:
            download.rows.append(Row(NOBODY, entry.name, what=f"not named as {lms.title} names files"))
        elif isinstance(piece, Aside):
            download.rows.append(Row(NOBODY if piece.open else LEFT, entry.name, what=piece.why))
        else:
            for who in piece.who:
                found = whose.get(who) or whose.setdefault(who, everybody.find(who))
                if found.kind:
                    download.rows.append(Row(found.kind, entry.name, what=found.why))
            add(attempts, entry, piece, whose, zone)
    for (student, _, _), attempt in attempts.items():
        download.attempts.setdefault(student, []).append(attempt)
    for student, several in download.attempts.items():
        table_says = everybody.everybody[student].when
        if len(several) == 1 and several[0].when is None:
            several[0].when = table_says
        several.sort(key=lambda each: each.age)
    return download


def add(attempts: dict, entry: Entry, piece: Piece, whose: dict[Who, Found], zone: tzinfo) -> None:
    """Add a file to the attempts of all who handed it in."""
    group = tuple(sorted({student for who in piece.who for student in whose[who].students}))
    for who in piece.who:
        for student in whose[who].students:
            attempt = attempts.get((student, piece.attempt, who))
            if attempt is None:
                when = piece.when if piece.when is None or piece.when.tzinfo else piece.when.replace(tzinfo=zone)
                attempt = Attempt(who, group, when, remark=whose[who].why)
                attempts[student, piece.attempt, who] = attempt
            attempt.late |= piece.late
            attempt.order = max(attempt.order, piece.order)
            attempt.entries.append((entry, piece.file))


def by_their_own_ids(pieces: Iterable[Piece | Aside]) -> dict[str, Person]:
    """Students by the ids that the LMS itself has for them, for a course that knows nobody yet."""
    people: dict[str, Person] = {}
    for piece in pieces:
        for who in piece.who if isinstance(piece, Piece) else ():
            student = best_id(who.keys)
            if student and not student.startswith(".") and "/" not in student:
                keys = frozenset((kind, key(value)) for kind, value in who.keys)
                people[student] = Person(student, keys, frozenset(filter(None, [who.name])))
    return people


def text_of(entry: Entry) -> str:
    """What stands in a file of the LMS's own; nothing if it cannot be read."""
    try:
        return entry.read().decode("utf-8-sig", "replace")
    except Unreadable:
        return ""
