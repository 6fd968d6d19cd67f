"""Which answers are more alike than the class's own: what two share is weighed by how few others share it.

A fingerprint counts as many bits as it is surprising to find in somebody's answer. Two answers are alike if they share
most of the bits that both have together, if that stands out from what either shares with the rest of the class (of
fifty who answer in the same way nobody stands out), and if it is enough, in all exercises together, to be no chance.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradebox.alike.winnowing import fingerprints

# Found with tests/alike_class.py; docs/similar.md has what comes of them.
FEW = 5  # who may be as near as a pair is to itself: larger groups share a common way, not a secret
LEAST_SHARE = 0.5  # of the bits that two answers have together
STANDS_OUT = 0.3  # by how much more than with the FEW-th next of the class
ALONE = 0.7  # the share in a pair's only exercise: in two they are seldom alike by chance
LEAST_BITS = 45.0  # that a pair shares, in all exercises in which it is alike; and so many more for each time
BITS_MORE = 3.4  # that the number of pairs doubles: among more, more are alike by chance


@dataclass(frozen=True)
class Answer:
    """What one student wrote into one solution cell."""

    student: str
    text: str
    code: bool = True  # or prose


@dataclass(frozen=True)
class Part:
    """An exercise in which two answers are alike."""

    exercise: str
    share: float  # of what is in either answer and not in everybody's, 0 to 1
    bits: float
    texts: tuple[str, str]
    lines: tuple[frozenset[int], frozenset[int]]  # where what they share stands in each text, from 0


@dataclass(frozen=True)
class Pair:
    """Two students with answers that are alike, and where: the most alike first."""

    students: tuple[str, str]
    parts: tuple[Part, ...]

    @property
    def bits(self) -> float:
        return sum(part.bits for part in self.parts)


def alike(exercises: dict[str, tuple[list[Answer], list[Answer]]]) -> list[Pair]:
    """The pairs that are worth a look, those first who share most.

    exercises -- by name: the class's answers, one a student, and what everybody may have (the stub, the solution)
    """
    found: dict[tuple[str, str], list[Part]] = {}
    for exercise, (answers, known) in exercises.items():
        for students, part in _alike_in(exercise, answers, known):
            found.setdefault(students, []).append(part)
    pairs = [
        Pair(students, tuple(sorted(parts, key=lambda part: (-part.bits, part.exercise))))
        for students, parts in found.items()
    ]
    students = len({answer.student for answers, _ in exercises.values() for answer in answers})
    least = LEAST_BITS + BITS_MORE * math.log2(max(1, math.comb(students, 2)))
    wanted = [pair for pair in pairs if pair.bits >= least and (len(pair.parts) > 1 or pair.parts[0].share >= ALONE)]
    return sorted(wanted, key=lambda pair: (-pair.bits, pair.students))


def _alike_in(exercise: str, answers: list[Answer], known: list[Answer]) -> Iterator[tuple[tuple[str, str], Part]]:
    everybodys = {mark for answer in known for mark in fingerprints(answer.text, answer.code)}
    marks = [fingerprints(answer.text, answer.code) for answer in answers]
    tried = [number for number, lines in enumerate(marks) if lines.keys() - everybodys]
    answers, marks = [answers[number] for number in tried], [marks[number] for number in tried]
    if len(answers) < 2:
        return
    columns = {mark: place for place, mark in enumerate({mark for lines in marks for mark in lines} - everybodys)}
    has = np.zeros((len(answers), len(columns)), np.float32)
    for row, lines in zip(has, marks, strict=True):
        row[[columns[mark] for mark in lines if mark in columns]] = 1
    weights = bits(has.sum(0), len(answers))
    shared = (has * weights) @ has.T
    own = shared.diagonal()
    share = shared / np.maximum(own[:, None] + own - shared, 1e-6)
    np.fill_diagonal(share, 0)
    usual = np.sort(share)[:, -1 - FEW] if len(answers) > FEW else np.zeros(len(answers))
    wanted = (share >= LEAST_SHARE) & (share - np.maximum(usual[:, None], usual) >= STANDS_OUT)
    for one, other in np.argwhere(np.triu(wanted)):
        both = [mark for mark in marks[one].keys() & marks[other].keys() if mark in columns]
        lines = tuple(frozenset(line for mark in both for line in marks[each][mark]) for each in (one, other))
        texts = answers[one].text, answers[other].text
        part = Part(
            exercise, float(share[one, other]), surprise(has, weights, one, other, answers[one].code), texts, lines
        )
        yield (answers[one].student, answers[other].student), part


def bits(having: np.ndarray, tried: int) -> np.ndarray:
    """How surprising it is that two have a fingerprint, by how many of the others who tried have it, too."""
    return np.log2((tried - 1) / np.maximum(having - 1.5, 0.5)).astype(np.float32)


def surprise(has: np.ndarray, weights: np.ndarray, one: int, other: int, code: bool) -> float:
    """Bits in what two share. In code, fingerprints of the very same students are one choice, however long its text is:
    of an uncommon way to go, the next line is no surprise. A choice of so many counts as 1 + log2 of that. In prose
    every other word is a choice.
    """
    both = np.flatnonzero(has[one] * has[other])
    if not code:
        return float(weights[both].sum())
    _, first, times = np.unique(has[:, both], axis=1, return_index=True, return_counts=True)
    return float(weights[both[first]] @ (1 + np.log2(times)))


def groups(pairs: list[Pair]) -> list[list[str]]:
    """Who is linked by pairs to whom, in groups of three and more, the largest first."""
    group = {student: {student} for pair in pairs for student in pair.students}
    for pair in pairs:
        one, other = (group[student] for student in pair.students)
        if one is not other:
            one |= other
            group.update(dict.fromkeys(other, one))
    unique = {id(members): sorted(members) for members in group.values() if len(members) > 2}
    return sorted(unique.values(), key=lambda members: (-len(members), members))
