"""The class page as data: what is counted, who is named, and what there is to do. The page and the files show this.

Whoever is named is a `Person`, so that leaving all of them out leaves out all names (`without_names`).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from gradebox.classroom import UNKNOWN
from gradebox.overview import numbers
from gradebox.overview.gathered import Gathered, Handed, Key
from gradebox.overview.groups import Group, Pages, People, Person, groups_of

SMALL = 5  # students, whose numbers may tell who is who
TWO_TOLD = 2  # students, before a sentence that is not the course's own is shown without names


@dataclass(frozen=True)
class ExerciseRow:
    """An exercise: what it is worth, and what it shows."""

    notebook: str
    exercise: str
    possible: float
    share: float | None  # of all points
    waiting: int  # students who wait for a grade by hand here; nothing is told of it until none does
    item: numbers.Item


@dataclass(frozen=True)
class Mistake:
    """What students were told about an exercise."""

    notebook: str
    exercise: str
    sentence: str
    students: int
    people: tuple[Person, ...]


@dataclass(frozen=True)
class ByHand:
    """What waits for a grade by hand in an exercise."""

    notebook: str
    exercise: str
    points: float
    answers: int
    desk: str  # where the formgrader lists them
    people: tuple[Person, ...]


@dataclass(frozen=True)
class StudentRow:
    """One student's points and what they are noted for."""

    person: Person
    total: float | None
    exercises: tuple[float | None, ...]
    waits: tuple[int, ...]  # places among the exercises that wait for a grade by hand
    kinds: tuple[str, ...]  # of the groups they are in, and "waits"


@dataclass(frozen=True)
class Report:
    """All of it. ``notes`` are sentences about what could not be told."""

    assignment: str
    named: bool
    handed_in: int
    graded: int
    possible: float
    provisional: bool  # some points wait for a grade by hand
    spread: numbers.Spread | None
    bars: tuple[numbers.Bar, ...]
    alpha: float | None
    earlier: tuple[str, ...]  # assignments that this one is compared with
    exercises: tuple[ExerciseRow, ...]
    mistakes: tuple[Mistake, ...]
    by_hand: tuple[ByHand, ...]
    groups: tuple[Group, ...]
    students: tuple[StudentRow, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict:
        return asdict(self)


NOBODY: tuple[Person, ...] = ()


def report_of(known: Gathered, earlier: tuple[list[str], dict[str, float]], pages: Pages, formgrader: str) -> Report:
    """The report, with names.

    earlier    -- names of earlier assignments, and each student's share of their points
    pages      -- gives a student's feedback pages
    formgrader -- its address
    """
    graded = [each for each in known.handed if each.graded]
    totals = np.array([each.earned() for each in graded])
    possible = sum(exercise.possible for exercise in known.exercises)
    people = People(known, pages, formgrader)
    waiting = tuple(by_hand(known, people, formgrader))
    exercises, alpha = exercise_rows(known, graded)
    groups = tuple(groups_of(known, graded, possible, earlier, people))
    return Report(
        assignment=known.assignment,
        named=True,
        handed_in=len(known.handed),
        graded=len(graded),
        possible=possible,
        provisional=bool(waiting),
        spread=numbers.spread(totals),
        bars=tuple(numbers.bars(totals, possible)) if len(graded) else (),
        alpha=alpha,
        earlier=tuple(earlier[0]),
        exercises=exercises,
        mistakes=tuple(mistakes_of(known, people)),
        by_hand=waiting,
        groups=groups,
        students=tuple(student_rows(known, groups, people)),
        notes=tuple(notes_on(known, graded, earlier)),
    )


def exercise_rows(known: Gathered, graded: list[Handed]) -> tuple[tuple[ExerciseRow, ...], float | None]:
    """All exercises, those analysed that are worth points and that no answer to waits; and the alpha of these."""
    waiting = count_waiting(graded)
    told = [exercise for exercise in known.exercises if exercise.possible > 0 and not waiting.get(exercise.key)]
    points = np.array(
        [[np.nan if (p := each.points(exercise.key)) is None else p for exercise in told] for each in graded], float
    ).reshape(len(graded), len(told))
    items = numbers.analysed(points, np.array([exercise.possible for exercise in told]))
    shown = {exercise.key: item for exercise, item in zip(told, items, strict=True)}
    whole = sum(exercise.possible for exercise in known.exercises)
    rows = [
        ExerciseRow(
            *(exercise.notebook, exercise.name, exercise.possible, exercise.possible / whole if whole else None),
            *(waiting.get(exercise.key, 0), shown.get(exercise.key, numbers.Item(0))),
        )
        for exercise in known.exercises
    ]
    return tuple(rows), numbers.alpha(points)


def count_waiting(graded: list[Handed]) -> dict[Key, int]:
    counted: dict[Key, int] = {}
    for each in graded:
        for key in each.waiting():
            counted[key] = counted.get(key, 0) + 1
    return counted


def mistakes_of(known: Gathered, people: People) -> Iterator[Mistake]:
    """In the order of the exercises, of each the commonest first."""
    for exercise in known.exercises:
        told = known.mistakes.get(exercise.notebook, {})
        mine = [(sentence, who) for (name, sentence), who in told.items() if name == exercise.name]
        for sentence, who in sorted(mine, key=lambda each: (-len(each[1]), each[0])):
            named = tuple(people.person(student) for student in sorted(who))
            yield Mistake(exercise.notebook, exercise.name, sentence, len(who), named)


def by_hand(known: Gathered, people: People, formgrader: str) -> Iterator[ByHand]:
    for exercise in known.exercises:
        waits = {each.student: each.waiting() for each in known.handed}
        who = {student: mine[exercise.key] for student, mine in waits.items() if exercise.key in mine}
        if who:
            desk = f"{formgrader}/gradebook/{known.assignment}/{exercise.notebook}"
            points = max(who.values())
            yield ByHand(exercise.notebook, exercise.name, points, len(who), desk, tuple(map(people.person, who)))


# --- everybody, and what could not be told --------------------------------------------------------------------------


def student_rows(known: Gathered, groups: tuple[Group, ...], people: People) -> Iterator[StudentRow]:
    kinds: dict[str, list[str]] = {}
    for group in groups:
        for person in group.people:
            kinds.setdefault(person.id, []).append(group.kind)
    for each in [*known.handed, *known.absent]:
        mine = (["waits"] if each.waiting() else []) + kinds.get(each.student, [])
        points = tuple(each.points(exercise.key) for exercise in known.exercises)
        waits = tuple(place for place, exercise in enumerate(known.exercises) if exercise.key in each.waiting())
        total = each.earned() if each.graded else None
        yield StudentRow(people.person(each.student), total, points, waits, tuple(mine))


def notes_on(known: Gathered, graded: list[Handed], earlier: tuple[list[str], dict[str, float]]) -> Iterator[str]:
    if not graded:
        yield f"Nothing of {known.assignment} is graded yet: run 'gradebox autograde {known.assignment}'."
        return
    if not known.exercises:
        yield "There are no graded cells in these notebooks, so there is nothing to count."
    for notebook in known.notebooks:
        if known.exercises and not any(exercise.notebook == notebook for exercise in known.exercises):
            yield f"{notebook} has no graded cells."
    if len(graded) < numbers.FEW_FOR_CORRELATION:
        yield f"Of so few ({len(graded)}) nothing can be told about how well exercises tell strong from weak."
    elif numbers.equal(np.array([each.earned() for each in graded])):
        yield "Everybody has the same total, so nothing tells strong from weak."
    compared = sum(each.student in earlier[1] for each in graded)
    if earlier[0] and compared < numbers.FEW_FOR_EARLIER:
        yield f"Too few ({compared}) have earlier marks to say who is far behind: {numbers.FEW_FOR_EARLIER} are needed."
    if not known.logged:
        yield "There is no log of 'gradebox autograde': what was repaired, refused or stopped is not known, nor time."
    elif any("memory_mib" not in each.line for each in graded):
        yield "Some were graded by an earlier version or by nbgrader itself: not all of time and repairs is known."
    if known.unreadable:
        yield f"Graded notebooks that cannot be read, so their mistakes are missing: {len(known.unreadable)}."


def without_names(report: Report, known: Gathered) -> Report:
    """The same for showing it in class: counts of people instead of people, and no words that only one was told."""

    def may_be_shown(mistake: Mistake) -> bool:
        return mistake.sentence in (*known.known, UNKNOWN) or mistake.students >= TWO_TOLD

    return replace(
        report,
        named=False,
        mistakes=tuple(replace(each, people=NOBODY) for each in report.mistakes if may_be_shown(each)),
        by_hand=tuple(replace(each, people=NOBODY) for each in report.by_hand),
        groups=tuple(replace(each, people=NOBODY) for each in report.groups),
        students=(),
    )
