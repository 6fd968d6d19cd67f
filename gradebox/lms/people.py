"""Who is who: finds the student whom a download or a table names, or says why that is not certain.

Never a guess. A key (a number, a login, an address) counts where it is one person's; a name where it is one person's
and no key speaks against it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gradebox.lms.interface import Who

# Kinds of keys, and those of a roster that each may be compared with. A number of the LMS's own (lms, pid) and a name
# that somebody chose on GitHub say nothing about a student's id.
LIKE = {
    "id": ("id", "login", "sid", "email"),
    "login": ("login", "id", "email"),
    "email": ("email", "login", "id"),
    "sid": ("sid", "id"),
    "lms": ("lms",),
    "pid": ("pid",),
    "github": ("github",),
}
BEST = ("id", "login", "sid", "email", "github", "lms")  # to be somebody's id, where nobody says what that is
COLUMN = {"lms": "lms_user_id", "github": "github_username"}  # of a roster, where the kind has another name there
OTHER_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
NOBODY, SEVERAL = "nobody's", "two people's"


@dataclass(frozen=True)
class Person:
    """A student of the course."""

    id: str  # nbgrader's
    keys: frozenset[tuple[str, str]] = frozenset()  # as `key` writes them
    names: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    when: datetime | None = None  # handed in, where a table says so

    def has(self, kind: str) -> set[str]:
        return {value for each, value in self.keys if each == kind}


@dataclass(frozen=True)
class Found:
    """Whom something belongs to: one student, a group's, or none, and then why."""

    students: tuple[str, ...] = ()
    kind: str = ""  # NOBODY or SEVERAL
    why: str = ""  # it is that, or what there is to say all the same


@dataclass
class People:
    """The students of a course, found by what is known of them."""

    everybody: dict[str, Person]
    keys: dict[tuple[str, str], set[str]] = field(init=False)
    names: dict[str, set[str]] = field(init=False)
    groups: dict[str, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.keys, self.names, self.groups = defaultdict(set), defaultdict(set), defaultdict(set)
        for person in self.everybody.values():
            for each in {("id", key(person.id)), *person.keys}:
                self.keys[each].add(person.id)
            for each in person.names:
                for order in orders(each):
                    self.names[order].add(person.id)
            for each in person.groups:
                self.groups[glued(each)].add(person.id)

    def find(self, who: Who) -> Found:
        by_key = self.by_keys(who)
        if len(by_key) > 1:
            return Found(kind=SEVERAL, why=f"{who} is {listed(by_key)} by different keys")
        another = by_key and self.goes_by_another_name(who, by_key)
        group = self.groups.get(glued(who.name)) if who.name else None
        if group and (another or not by_key):
            return Found(tuple(sorted(group)))
        if another and "pid" in dict(who.keys):  # Moodle counts teams apart: theirs may be a student's number, too
            why = f"{who} has the number of {listed(by_key)}: if it is a team, give the roster a column group"
            return Found(kind=SEVERAL, why=why)
        if by_key:
            return Found(tuple(by_key), why=f"handed in as “{who.name}”" if another else "")
        by_name = {each for each in self.by_name(who.name) if not self.contradicts(who, self.everybody[each])}
        if len(by_name) == 1:
            return Found(tuple(by_name))
        if by_name:
            return Found(kind=SEVERAL, why=f"{who} may be {listed(by_name)}: {what_to_write(who)}")
        return Found(kind=NOBODY, why=f"{who} is no student that is known: {what_to_write(who)}")

    def by_keys(self, who: Who) -> set[str]:
        found = [self.keys.get((like, key(value)), set()) for kind, value in who.keys for like in LIKE[kind]]
        return set().union(*found)

    def by_name(self, name: str) -> set[str]:
        return set().union(*(self.names.get(order, set()) for order in orders(name)))

    def goes_by_another_name(self, who: Who, students: set[str]) -> bool:
        named = who.name and all(self.everybody[each].names for each in students)
        return bool(named) and not self.by_name(who.name) & students

    def contradicts(self, who: Who, person: Person) -> bool:
        """Whether a key that both have, and that is one person's, is not the same."""
        return any(person.has(kind) and key(value) not in person.has(kind) for kind, value in who.keys)


def key(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()


def glued(name: str) -> str:
    """A name without blanks, marks, accents and capitals: ``Søren O'Brien-Łoś`` is ``sorenobrienlos``."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(OTHER_LETTERS))
    return "".join(each for each in plain if each.isalnum())


def orders(name: str) -> set[str]:
    """A name glued in every order of first and last: ``Jane Mary Doe`` is also ``doejanemary``."""
    words = [each for word in re.split(r"[\s,]+", name) if (each := glued(word))]
    return {"".join(words[begin:] + words[:begin]) for begin in range(min(len(words), 8))}


def listed(students: Iterable[str]) -> str:
    return " or ".join(sorted(students))


def what_to_write(who: Who) -> str:
    """How the roster can settle it."""
    kinds = dict(who.keys)
    if "pid" in kinds:
        return "give this assignment's grading worksheet as --roster, too"
    if kinds:
        kind, value = next(iter(kinds.items()))
        return f"write {value} into the roster's column {COLUMN.get(kind, kind)}"
    return "write this name into the roster's column name"


def best_id(keys: Iterable[tuple[str, str]]) -> str:
    """What may be somebody's id, where nobody says what it is; empty if nothing is for good and one person's."""
    found = dict(keys)
    return next((found[kind] for kind in BEST if found.get(kind)), "")
