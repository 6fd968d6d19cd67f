"""What the failing cases of an answer have in common, and where in the arrays it is wrong: plain words, no numbers.

A statement is made only if it holds for every case of the exercise. Said less is better than said wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradebox.exercises.comparing import as_array, same

if TYPE_CHECKING:
    from gradebox.exercises.exercise import Case

# By the number of axes.
AXES = {1: ("entry",), 2: ("row", "column"), 3: ("channel", "row", "column"), 4: ("image", "channel", "row", "column")}
PARITY = ("even", "odd")
Wrong = list[tuple[np.ndarray, np.ndarray]]  # answers of the right shape, each with the truth


def in_which_cases(right: Sequence["Case"], wrong: Sequence["Case"]) -> str:
    """What tells the cases that are right from those that are not, as a sentence; empty if nothing does."""
    if not right or not wrong:
        return ""
    traits = right[0].traits
    for name, holds in traits.items():
        if separates(holds, right, wrong):
            return f"Your answer is right for {name} only."
        if separates(holds, wrong, right):
            return f"Your answer is right for all but {name}."
    for (one, holds), (other, also) in combinations(traits.items(), 2):
        if separates(lambda case, holds=holds, also=also: holds(case) and also(case), right, wrong):
            return f"Your answer is right for {one} with {other} only."
    return ""


def separates(holds: Callable[["Case"], bool], these: Sequence["Case"], others: Sequence["Case"]) -> bool:
    return all(map(holds, these)) and not any(map(holds, others))


def in_which_places(pairs: Sequence[tuple[Any, Any]], atol: float) -> str:
    """What the wrong answers have in common beside the truth, as a sentence; empty if nothing.

    pairs -- each wrong answer with the truth
    """
    for results, sentence in EMPTY:
        if pairs and all(any(lacks(*each) for each in results(*pair)) for pair in pairs):
            return sentence
    arrays = [(as_array(one), as_array(other)) for pair in pairs for one, other in one_by_one(*pair)]
    if not arrays or any(one is None or other is None or one.dtype.kind not in "fiub" for one, other in arrays):
        return ""
    if all(one.shape != other.shape for one, other in arrays):
        return in_size(arrays)
    if any(one.shape != other.shape for one, other in arrays):
        return ""
    arrays = [(one.astype(float), other.astype(float)) for one, other in arrays]
    return next(statements(arrays, atol), "")


def lacks(answer: Any, truth: Any) -> bool:
    """Whether there is nothing in an answer where there should be something."""

    def is_empty(value: Any) -> bool:
        found = as_array(value)
        return found.size == 0 if found is not None else isinstance(value, (list, tuple)) and not value

    return is_empty(answer) and not is_empty(truth)


def one_by_one(answer: Any, truth: Any) -> Iterator[tuple[Any, Any]]:
    """An answer with the truth, or the results in it one by one where there are several."""
    if isinstance(answer, (list, tuple)) and isinstance(truth, (list, tuple)) and len(answer) == len(truth):
        for pair in zip(answer, truth, strict=True):
            yield from one_by_one(*pair)
    else:
        yield answer, truth


EMPTY = (
    (lambda answer, truth: [(answer, truth)], "It is empty: nothing was put into it."),
    (one_by_one, "One of the results is empty: nothing was put into it."),
)


def with_most_axes(arrays: Wrong) -> Wrong:
    """Where an answer is looked at flat, too, that says nothing of rows and columns."""
    most = max(other.ndim for _, other in arrays)
    return [(one, other) for one, other in arrays if other.ndim == most]


def in_size(arrays: Wrong) -> str:
    """Along which axes the answers are always too large or too small, and by how much where that is the same."""
    arrays = with_most_axes(arrays)
    if any(one.ndim != other.ndim or one.ndim not in AXES for one, other in arrays) or len(arrays) < 2:
        return ""
    gaps = np.array([np.subtract(one.shape, other.shape) for one, other in arrays]).T
    said = [amount(gap, axis) for gap, axis in zip(gaps, AXES[arrays[0][0].ndim], strict=True) if np.any(gap)]
    return f"Your result always has {' and '.join(said)}." if said and all(said) else ""


def amount(gaps: np.ndarray, axis: str) -> str:
    """How many too many or too few there are along an axis; empty if that differs in kind."""
    if not (np.all(gaps > 0) or np.all(gaps < 0)):
        return ""
    which = "many" if gaps[0] > 0 else "few"
    if np.all(gaps == gaps[0]):
        count = abs(int(gaps[0]))
        return f"{'one' if count == 1 else count} {axis}{'s' * (count > 1)} too {which}"
    return f"too {which} {axis}s"


def statements(arrays: Wrong, atol: float) -> Iterator[str]:
    for sentence, holds in VALUES:
        if all(holds(one, other, atol) for one, other in arrays):
            yield sentence
    if (factor := common(arrays, np.divide)) is not None:
        yield f"Every number is {factor:.4g} times what it should be."
    if common(arrays, np.subtract) is not None:
        yield "Every number is off by the same amount."
    yield from places([differing(one, other, atol) for one, other in with_most_axes(arrays)])


def differing(one: np.ndarray, other: np.ndarray, atol: float) -> np.ndarray:
    """Where the numbers are not the same, as a mask."""
    return ~np.isclose(one, other, rtol=atol, atol=atol, equal_nan=True)


def steady(one: np.ndarray, other: np.ndarray, atol: float) -> bool:
    return one.size > 1 and bool(np.all(one == one.flat[0])) and not np.all(other == other.flat[0])


def whole(one: np.ndarray, other: np.ndarray, atol: float) -> bool:
    """Whether what is wrong is a whole number, and the right one lies next to it."""
    wrong = differing(one, other, atol)
    return bool(np.all(one[wrong] == np.round(one[wrong])) and np.all(np.abs(one - other) < 1))


def reordered(one: np.ndarray, other: np.ndarray, atol: float) -> bool:
    return one.size > 3 and same(np.sort(one, axis=None), np.sort(other, axis=None), atol)


def turned(axis: int) -> Callable[[np.ndarray, np.ndarray, float], bool]:
    def holds(one: np.ndarray, other: np.ndarray, atol: float) -> bool:
        return one.ndim >= 2 and one.shape[axis] > 1 and same(np.flip(one, axis), other, atol)

    return holds


def shifted(axis: int, by: int) -> Callable[[np.ndarray, np.ndarray, float], bool]:
    """Whether what belongs at i stands at i + by along an axis; the two edges do not count."""

    def holds(one: np.ndarray, other: np.ndarray, atol: float) -> bool:
        if one.ndim < 2 or one.shape[axis] < 2:
            return False
        there, here = (slice(1, None), slice(None, -1)) if by > 0 else (slice(None, -1), slice(1, None))
        one, other = np.moveaxis(one, axis, 0)[there], np.moveaxis(other, axis, 0)[here]
        return bool(np.any(other)) and same(one, other, atol)

    return holds


VALUES: list[tuple[str, Callable[[np.ndarray, np.ndarray, float], bool]]] = [
    ("Only zeros came back.", lambda one, other, atol: one.size > 0 and not np.any(one)),
    ("All numbers of your result are the same.", steady),
    ("The signs are wrong, all else is right.", lambda one, other, atol: same(-one, other, atol)),
    ("Your result is right but for its fractions: something rounds, or holds whole numbers only.", whole),
    ("The rows come in reverse order.", turned(-2)),
    ("The columns come in reverse order.", turned(-1)),
    ("Everything stands one row too low.", shifted(-2, 1)),
    ("Everything stands one row too high.", shifted(-2, -1)),
    ("Everything stands one column too far to the right.", shifted(-1, 1)),
    ("Everything stands one column too far to the left.", shifted(-1, -1)),
    ("The right numbers are there, in the wrong order.", reordered),
]


def common(arrays: Wrong, compare: Callable) -> float | None:
    """The one number that all answers are larger by than the truth; None if there is none."""
    with np.errstate(all="ignore"):
        found = [compare(one, other)[other != 0] for one, other in arrays]
    every = np.concatenate(found)
    alike = every.size > 1 and np.all(np.isfinite(every)) and np.allclose(every, every[0], rtol=1e-6)
    zeros = compare is np.subtract or all(not np.any(one[other == 0]) for one, other in arrays)
    return float(every[0]) if alike and zeros else None


def places(masks: Sequence[np.ndarray]) -> Iterator[str]:
    """Where the wrong numbers stand."""
    if len({mask.ndim for mask in masks}) != 1 or masks[0].ndim not in AXES:
        return
    if all(mask.ndim > 1 and min(mask.shape[-2:]) > 2 for mask in masks):
        if within(masks, end) and all(mask[..., -1, :-1].any() and mask[..., :-1, -1].any() for mask in masks):
            yield "Only the last row and the last column are wrong."
        elif within(masks, edge) and not within(masks, end):
            yield "Your result is wrong at the edges only."
    if masks[0].ndim > 1:
        for row, column in product((0, 1), repeat=2):
            if all(mostly_at(mask, row, column) for mask in masks):
                where = f"{PARITY[row]} rows and {PARITY[column]} columns"
                yield f"Only what stands at {where} is wrong; the first row and the first column are number 0."
    for axis, name in enumerate(AXES[masks[0].ndim]):
        lines = [mask.any(axis=tuple(each for each in range(mask.ndim) if each != axis)) for mask in masks]
        # Where all is wrong, as in a single row, that contradicts nothing, and proves nothing.
        if not all(line.all() for line in lines):
            yield from (sentence.format(name) for sentence, wrong in LINES if all(map(wrong, lines)))


def within(masks: Sequence[np.ndarray], area: Callable[[tuple[int, ...]], np.ndarray]) -> bool:
    return all(not np.any(mask & ~area(mask.shape)) for mask in masks)


# Of the rows (columns, ...) which hold anything wrong.
LINES: list[tuple[str, Callable[[np.ndarray], bool]]] = [
    ("Only the first {} is right.", lambda line: not line[0] and bool(line[1:].all())),
    ("Only the first {} is wrong.", lambda line: line[0] and not line[1:].any()),
    ("Only the last {} is wrong.", lambda line: line[-1] and not line[:-1].any()),
    ("Whatever is wrong stands in the first two {}s.", lambda line: not line[2:].any()),
    ("Whatever is wrong stands in the last two {}s.", lambda line: not line[:-2].any()),
    ("Only the last {} is right.", lambda line: not line[-1] and bool(line[:-1].all())),
    ("Every second {} is wrong.", lambda line: not line[::2].any() and bool(line[1::2].all())),
    ("Every second {} is wrong, from the first on.", lambda line: bool(line[::2].all()) and not line[1::2].any()),
]


def edge(shape: tuple[int, ...]) -> np.ndarray:
    """Mask of the first and last rows and columns."""
    mask = np.ones(shape, dtype=bool)
    mask[..., 1:-1, 1:-1] = False
    return mask


def mostly_at(mask: np.ndarray, row: int, column: int) -> bool:
    """Whether at least half of every second row and column is wrong, from this one on, and nothing else."""
    here = mask[..., row::2, column::2]
    return min(mask.shape[-2:]) > 1 and 2 * here.sum() >= here.size and here.sum() == mask.sum()


def end(shape: tuple[int, ...]) -> np.ndarray:
    """Mask of the last row and column."""
    mask = np.ones(shape, dtype=bool)
    mask[..., :-1, :-1] = False
    return mask
