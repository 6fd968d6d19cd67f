"""Whom of a class somebody should look at, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from gradebox.classroom import REFUSED, REPAIRED
from gradebox.overview import numbers
from gradebox.overview.gathered import Gathered, Handed

# How the log says it: what judge.session notes of a student's process, and what grading says of its tests.
STOPPED = ("stopped", "Not run:", "ran out of time", "was used up", "was asked for more", "came to its end")
TOGETHER = ("together with the student's code", "Graded without a sandbox")
Pages = Callable[[str], dict[str, str]]  # student -> addresses of feedback pages by notebook
WHY = {  # kind -> title, and what it means; in the order of the page
    "refused": ("Refused", "No notebook could be made of what they handed in. Ask them for it again."),
    "nothing": ("Earned nothing", "Handed in, and not one point of it, nor an answer that waits for some."),
    "behind": (
        "Far behind what they did before",
        f"At least {numbers.BEHIND_SHARE:.0%} of the points less than the class with the same earlier marks, and "
        f"{numbers.BEHIND:g} standard deviations. Before: {{before}}.",
    ),
    "lacks": ("A notebook is missing", "It earns nothing. Was it forgotten?"),
    "late": ("Late", "After the due date and their extension."),
    "stopped": ("Stopped", "Code that ran too long, took too much, or ended its process."),
    "together": ("Tests ran together with their code", "Which could have told these tests anything."),
    "repaired": ("Graded after repair", "Mended before it was graded; the feedback page says so, too."),
    "slow": ("Took far longer than the others", "Grading, all in all."),
    "large": ("Took far more memory than the others", "At most, while it was graded."),
    "absent": ("Handed in nothing", "In the gradebook, without a submission."),
}


@dataclass(frozen=True)
class Person:
    """Somebody, and what is said about them where they are named."""

    id: str
    name: str = ""
    what: str = ""
    pages: dict[str, str] = field(default_factory=dict)  # notebook -> address of the feedback page
    desks: dict[str, str] = field(default_factory=dict)  # notebook -> where the formgrader opens it

    @property
    def page(self) -> str:
        return next(iter(self.pages.values()), "")


@dataclass(frozen=True)
class Group:
    """Students that somebody should look at, for one reason."""

    kind: str
    title: str
    why: str
    students: int
    people: tuple[Person, ...]


class People:
    """Makes the persons of a class."""

    def __init__(self, known: Gathered, pages: Pages, formgrader: str):
        self.handed = {each.student: each for each in [*known.handed, *known.absent]}
        self.formgrader = formgrader
        self.pages = {student: pages(student) for student in self.handed}

    def person(self, student: str, what: str = "") -> Person:
        each = self.handed.get(student) or Handed(student)
        desks = {
            book: f"{self.formgrader}/submissions/{key}/" for book, key in each.desks.items() if book in each.books
        }
        return Person(student, each.name, what, self.pages.get(student, {}), desks)


def groups_of(
    known: Gathered, graded: list[Handed], possible: float, earlier: tuple[list[str], dict[str, float]], people: People
) -> Iterator[Group]:
    """Students to look at, by reason; what somebody has to do something about comes first."""
    for kind, said in (of_marks(known, graded, possible, earlier[1]) | of_the_log(known)).items():
        if said:
            title, why = WHY[kind]
            named = tuple(people.person(student, what) for student, what in said.items())
            yield Group(kind, title, why.format(before=", ".join(earlier[0])), len(said), named)


def of_marks(
    known: Gathered, graded: list[Handed], possible: float, before: dict[str, float]
) -> dict[str, dict[str, str]]:
    """Kind of group -> student -> what is said about them there."""
    return {
        "refused": {
            each.student: str(each.line.get("reason", "")) for each in known.handed if each.line.get("state") == REFUSED
        },
        "nothing": {each.student: "" for each in graded if possible and each.earned() <= 1e-9 and not each.waiting()},
        "behind": behind(graded, possible, before),
        "lacks": {each.student: ", ".join(each.missing) for each in graded if each.missing},
        "late": {each.student: lateness(each) for each in known.handed if each.late},
    }


def of_the_log(known: Gathered) -> dict[str, dict[str, str]]:
    lines = {each.student: each.line for each in known.handed}
    return {
        "stopped": noted(lines, stops),
        "together": noted(lines, together),
        "repaired": {who: repairs(line) for who, line in lines.items() if line.get("state") == REPAIRED},
        "slow": far_out(lines, "seconds", "s"),
        "large": far_out(lines, "memory_mib", "MiB"),
        "absent": {each.student: "" for each in known.absent},
    }


def noted(lines: dict[str, dict], what: Callable[[dict], list[str]]) -> dict[str, str]:
    return {student: "; ".join(said) for student, line in lines.items() if (said := what(line))}


def behind(graded: list[Handed], possible: float, before: dict[str, float]) -> dict[str, str]:
    if not possible:
        return {}
    # Of what is graded so far: what waits for a person is no fault of theirs.
    now = [
        (each.earned() + each.penalty()) / ready
        if (ready := possible - sum(each.waiting().values())) > 0
        else float("nan")
        for each in graded
    ]
    then = [before.get(each.student, float("nan")) for each in graded]
    flags = numbers.behind(np.array(now), np.array(then))
    found = [(share, old, each) for share, old, each, flag in zip(now, then, graded, flags, strict=True) if flag]
    found.sort(key=lambda row: (row[0] - row[1], row[2].student))
    return {each.student: f"{old:.0%} before, {share:.0%} now" for share, old, each in found}


def lateness(each: Handed) -> str:
    penalty = f", {each.penalty():.4g} points less" if each.penalty() else ""
    return f"{duration(each.late)} late{penalty}"


def duration(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2]) or "less than a minute"


def log_of(line: dict) -> list[str]:
    return [str(each) for each in line.get("log") or []]


def stops(line: dict) -> list[str]:
    """What the log says of code that had to be stopped, or that was not run for it."""
    return [each for each in log_of(line) if any(words in each for words in STOPPED)]


def together(line: dict) -> list[str]:
    return [each for each in log_of(line) if any(words in each for words in TOGETHER)]


def repairs(line: dict) -> str:
    return " ".join(str(repair) for said in (line.get("repairs") or {}).values() for repair in said)


def far_out(lines: dict[str, dict], what: str, unit: str) -> dict[str, str]:
    """Whose time or memory is far from the others', the farthest first."""
    values = np.array([float(line.get(what) or "nan") for line in lines.values()])
    flags = numbers.far_out(values)
    usual = float(np.nanmedian(values)) if flags.any() else 0.0
    found = sorted((-value, student) for value, student, flag in zip(values, lines, flags, strict=True) if flag)
    return {student: f"{-value:.3g} {unit}, the class {usual:.2g} {unit}" for value, student in found}
