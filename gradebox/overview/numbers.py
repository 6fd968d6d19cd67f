"""The statistics of a class: pure functions of arrays, without a look at anybody's name.

Points are an array (students, exercises); NaN stands where a student handed in no such notebook. Whatever cannot be
said of so few students, or of such equal ones, is None.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

Z95 = NormalDist().inv_cdf(0.975)
ONE_SIDED = NormalDist().inv_cdf(0.95)
FEW_FOR_CORRELATION = 5  # students, of whom a correlation with its limits can be told
FEW_FOR_EARLIER = 10  # students with earlier marks, of whom it can be said who is far behind
FEW_FOR_OUTLIERS = 8  # students, of whom the quartiles mean something
UPPER, LOWER = 0.73, 0.27  # the usual strongest and weakest 27 % (Kelley 1939)
HARD, EASY = 0.20, 0.90  # surely fewer than one in five earn anything; surely more than nine in ten earn everything
POOR = 0.20  # a correlation that is surely lower tells strong from weak too poorly (Ebel 1972)
BEHIND = 2.0  # standard deviations below what the earlier marks let expect
BEHIND_SHARE = 0.2  # and this part of all points
FAR_OUT = 3.0  # quartile distances above the upper quartile (Tukey's outer fence)
MOST_BARS = 20  # of a distribution

HARDLY_ANYBODY = "Hardly anybody earns a point here. Is it too hard, or is its test or its text wrong?"
NEARLY_EVERYBODY = "Nearly everybody has everything here. It says little about who has understood."
STRONG_MISS_IT = "Who is strong elsewhere misses this one more often than others. Its test or its text may be wrong."
TELLS_NOTHING = "Strong students do hardly better here than weak ones. Look whether its test asks what it should."


@dataclass(frozen=True)
class Spread:
    """How the totals are distributed."""

    students: int
    mean: float
    deviation: float
    lowest: float
    quarter: float
    median: float
    three_quarters: float
    highest: float


@dataclass(frozen=True)
class Bar:
    """One step of a distribution: ``start`` <= points < ``end``; the last one ends beyond what can be had."""

    start: float
    end: float
    students: int

    def __str__(self) -> str:
        last = self.end - (1 if self.end - self.start >= 1 else 0)
        return f"{self.start:.4g}" if last <= self.start else f"{self.start:.4g} to {last:.4g}"


@dataclass(frozen=True)
class Item:
    """What an exercise shows of the class. Shares and correlations are fractions of 1."""

    students: int  # who handed it in
    mean: float | None = None  # share of its points that was earned: its difficulty
    everything: float | None = None  # share of the students
    partly: float | None = None
    nothing: float | None = None
    correlation: float | None = None  # with the rest of the points: its discrimination
    correlation_from: float | None = None  # 95 % limits
    correlation_to: float | None = None
    strongest: float | None = None  # share of its points that the strongest 27 % earn
    weakest: float | None = None
    adds: float | None = None  # its share of what sets the totals apart
    alpha_without: float | None = None  # reliability of the rest
    warning: str = ""


def spread(totals: np.ndarray) -> Spread | None:
    """None of nobody."""
    if not len(totals):
        return None
    low, first, median, third, high = (float(value) for value in np.quantile(totals, [0, 0.25, 0.5, 0.75, 1]))
    return Spread(len(totals), float(np.mean(totals)), float(np.std(totals)), low, first, median, third, high)


def bars(totals: np.ndarray, possible: float) -> list[Bar]:
    """The distribution in steps that people count in; all of what can be had is a step of its own."""
    top = max([possible, *totals.tolist()])
    halves = [] if np.all(totals == np.round(totals)) else [0.5]
    sizes = halves + [step * 10.0**power for power in range(9) for step in (1, 2, 5)]
    size = next(size for size in sizes if top / size <= MOST_BARS)
    places = np.floor(totals / size + 1e-9).astype(int)
    counts = np.bincount(places, minlength=math.floor(top / size + 1e-9) + 1)
    return [Bar(round(k * size, 6), round((k + 1) * size, 6), int(count)) for k, count in enumerate(counts)]


def analysed(points: np.ndarray, possible: np.ndarray) -> list[Item]:
    """Every exercise: how hard it is, how well it tells strong from weak, what it adds, and what is odd about it.

    points   -- (students, exercises)
    possible -- (exercises,), none of them 0
    """
    adds = shares_of_spread(points)
    return [item(points, possible, k, adds[k]) for k in range(len(possible))]


def item(points: np.ndarray, possible: np.ndarray, k: int, adds: float | None) -> Item:
    there = ~np.isnan(points[:, k])
    mine, most = points[there, k], float(possible[k])
    if not len(mine):
        return Item(0)
    rest = rest_of(points[there], possible, k)
    everything, nothing = float(np.mean(mine >= most - 1e-9)), float(np.mean(mine <= 1e-9))
    correlation, low, high = correlated(mine, rest)
    strongest, weakest = outer_groups(mine / most, rest)
    return Item(
        students=len(mine),
        mean=float(np.mean(mine)) / most,
        everything=everything,
        partly=max(0.0, 1 - everything - nothing),
        nothing=nothing,
        correlation=correlation,
        correlation_from=low,
        correlation_to=high,
        strongest=strongest,
        weakest=weakest,
        adds=adds,
        alpha_without=alpha(np.delete(points, k, axis=1)),
        warning=warning(mine, most, rest),
    )


def rest_of(points: np.ndarray, possible: np.ndarray, k: int) -> np.ndarray:
    """Of every student the share of all other points that are graded; NaN where there are none."""
    others = np.delete(points, k, axis=1)
    there = np.where(np.isnan(others), 0.0, np.delete(possible, k))
    whole = there.sum(axis=1)
    return np.divide(np.nansum(others, axis=1), whole, out=np.full(len(points), np.nan), where=whole > 0)


def correlated(mine: np.ndarray, rest: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Pearson's correlation and its 95 % limits (Fisher)."""
    mine, rest = mine[~np.isnan(rest)], rest[~np.isnan(rest)]
    if len(mine) < FEW_FOR_CORRELATION or equal(mine) or equal(rest):
        return None, None, None
    a, b = mine - mine.mean(), rest - rest.mean()
    r = float(np.clip(a @ b / math.sqrt((a @ a) * (b @ b)), -1, 1))
    return r, *limits(r, len(mine), Z95)


def limits(r: float, students: int, z: float) -> tuple[float, float]:
    far = math.atanh(max(-0.999999, min(0.999999, r)))
    width = z / math.sqrt(students - 3)
    return math.tanh(far - width), math.tanh(far + width)


def equal(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-9)


def outer_groups(shares: np.ndarray, rest: np.ndarray) -> tuple[float | None, float | None]:
    """Mean share of the strongest and of the weakest 27 % by the rest of the points; who has as much as the last of
    a group is in it."""
    shares, rest = shares[~np.isnan(rest)], rest[~np.isnan(rest)]
    if len(shares) < FEW_FOR_CORRELATION or equal(rest):
        return None, None
    high, low = np.quantile(rest, [UPPER, LOWER])
    return float(np.mean(shares[rest >= high - 1e-9])), float(np.mean(shares[rest <= low + 1e-9]))


def whole_rows(points: np.ndarray) -> np.ndarray:
    """Those who handed in everything."""
    return points[~np.isnan(points).any(axis=1)]


def shares_of_spread(points: np.ndarray) -> list[float | None]:
    """Of every exercise its covariance with the total, of the total's variance: together they are 1."""
    whole = whole_rows(points)
    if len(whole) < FEW_FOR_CORRELATION or equal(totals := whole.sum(axis=1)):
        return [None] * points.shape[1]
    away = totals - totals.mean()
    return [float(share) for share in (whole - whole.mean(axis=0)).T @ away / (away @ away)]


def alpha(points: np.ndarray) -> float | None:
    """Cronbach's alpha: how far the exercises measure one thing."""
    whole = whole_rows(points)
    students, exercises = whole.shape
    if students < FEW_FOR_CORRELATION or exercises < 2 or equal(whole.sum(axis=1)):
        return None
    parts, total = whole.var(axis=0, ddof=1).sum(), whole.sum(axis=1).var(ddof=1)
    return float(exercises / (exercises - 1) * (1 - parts / total))


def warning(mine: np.ndarray, most: float, rest: np.ndarray) -> str:
    """What is odd about an exercise; nothing where chance may make a class of this size look so (1 in 20 times)."""
    students = len(mine)
    if wilson(int(np.sum(mine > 1e-9)), students)[1] < HARD:
        return HARDLY_ANYBODY
    if wilson(int(np.sum(mine >= most - 1e-9)), students)[0] > EASY:
        return NEARLY_EVERYBODY
    correlation = correlated(mine, rest)[0]
    if correlation is None:
        return ""
    highest = limits(correlation, int(np.sum(~np.isnan(rest))), ONE_SIDED)[1]
    return STRONG_MISS_IT if highest < 0 else TELLS_NOTHING if highest < POOR else ""


def wilson(count: int, students: int) -> tuple[float, float]:
    """Lowest and highest share that a count is compatible with, each with 95 % (Wilson's score limits)."""
    z = ONE_SIDED
    share, n = count / students, students
    middle, width = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - width) / (1 + z * z / n), (middle + width) / (1 + z * z / n)


def behind(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Who is far behind what the earlier marks let expect of them, as the class goes: (students,) of bool.

    now, before -- shares of the points; NaN in before: no earlier marks
    """
    found = np.zeros(len(now), bool)
    known = ~np.isnan(before) & ~np.isnan(now)
    if known.sum() < FEW_FOR_EARLIER:
        return found
    x, y = before[known], now[known]
    slope = 0.0 if equal(x) else float(np.mean((x - x.mean()) * (y - y.mean())) / np.var(x))
    gap = y - y.mean() - slope * (x - x.mean())
    found[known] = (gap < -BEHIND * gap.std()) & (gap < -BEHIND_SHARE)
    return found


def far_out(values: np.ndarray) -> np.ndarray:
    """Which values are far above the others: beyond Tukey's outer fence and over twice the median. NaN is none."""
    known = values[~np.isnan(values)]
    if len(known) < FEW_FOR_OUTLIERS:
        return np.zeros(len(values), bool)
    first, median, third = np.quantile(known, [0.25, 0.5, 0.75])
    return np.nan_to_num(values, nan=-np.inf) > max(third + FAR_OUT * (third - first), 2 * median)
