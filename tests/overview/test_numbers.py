"""The statistics are those of the textbooks, and say nothing of too few."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradebox.overview import numbers


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def a_class(students: int = 300, seed: int = 5) -> np.ndarray:
    """Points of an easy, a middling and a hard exercise, each of 4."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=students)
    return np.array([4.0 * (ability + rng.normal(size=students) > level) for level in (-1, 0, 1)]).T


POSSIBLE = np.array([4.0, 4.0, 4.0])


def test_items_are_what_pandas_and_scipy_say():
    points = a_class()
    frame = pd.DataFrame(points)
    items = numbers.analysed(points, POSSIBLE)
    for k, item in enumerate(items):
        rest = frame.drop(columns=k).sum(axis=1)
        known = stats.pearsonr(frame[k], rest)
        low, high = known.confidence_interval(0.95)
        assert item.students == 300
        assert item.mean == pytest.approx(frame[k].mean() / 4)
        assert (item.everything, item.nothing) == pytest.approx(((frame[k] == 4).mean(), (frame[k] == 0).mean()))
        assert (item.correlation, item.correlation_from, item.correlation_to) == pytest.approx((known[0], low, high))
        assert item.adds == pytest.approx(frame[k].cov(frame.sum(axis=1)) / frame.sum(axis=1).var())
        assert item.strongest > item.weakest
        assert item.warning == ""
    assert sum(item.adds for item in items) == pytest.approx(1)


def test_the_outer_groups_are_those_with_most_and_least_elsewhere_and_nobody_is_cut_off_by_the_order():
    rest = np.array([0, 0, 0, 1, 2, 3, 4, 5, 5, 5]) / 5
    shares = np.array([0.1, 0.2, 0.3, 1, 1, 0, 0, 0.7, 0.8, 0.9])
    order = np.random.default_rng(3).permutation(10)
    assert numbers.outer_groups(shares, rest) == pytest.approx((0.8, 0.2))
    assert numbers.outer_groups(shares[order], rest[order]) == pytest.approx((0.8, 0.2))


def test_alpha_of_the_same_exercise_twice_is_one_and_of_chance_near_nothing():
    rng = np.random.default_rng(4)
    column = rng.normal(size=200)
    assert numbers.alpha(np.array([column, column]).T) == pytest.approx(1)
    assert abs(numbers.alpha(rng.normal(size=(2000, 5)))) < 0.15
    assert numbers.alpha(column[:, None]) is None


@pytest.mark.parametrize(
    ("solved", "students", "warning"),
    [
        (0, 300, numbers.HARDLY_ANYBODY),
        (30, 300, numbers.HARDLY_ANYBODY),
        (0, 11, numbers.HARDLY_ANYBODY),
        (0, 10, ""),  # chance may do that where one in five can
        (60, 300, ""),
        (300, 300, numbers.NEARLY_EVERYBODY),
        (25, 25, numbers.NEARLY_EVERYBODY),
        (24, 24, ""),
        (270, 300, ""),
    ],
)
def test_an_exercise_for_nobody_or_everybody_is_noted_where_the_class_is_large_enough(solved, students, warning):
    mine = np.array([4.0] * solved + [0.0] * (students - solved))
    assert numbers.warning(mine, 4.0, np.full(students, 0.5)) == warning


@pytest.mark.parametrize(
    ("sign", "students", "warning"),
    [(-1, 300, numbers.STRONG_MISS_IT), (0, 300, numbers.TELLS_NOTHING), (1, 300, ""), (-1, 4, "")],
)
def test_an_exercise_that_strong_students_miss_is_noted_where_it_is_no_chance(sign, students, warning):
    rng = np.random.default_rng(6)
    ability = rng.normal(size=students)
    mine = 4.0 * (0.6 * sign * ability + 0.8 * rng.normal(size=students) > 0)
    assert numbers.warning(mine, 4.0, ability) == warning


@pytest.mark.parametrize("students", [8, 30, 300])
def test_a_good_exercise_is_hardly_ever_noted_however_small_the_class(students):
    noted = [
        item.warning
        for seed in range(100)
        for item in numbers.analysed(a_class(students, seed), POSSIBLE)
        if item.warning not in ("", numbers.HARDLY_ANYBODY, numbers.NEARLY_EVERYBODY)
    ]
    assert len(noted) <= 6  # of 300


def test_who_is_far_behind_is_far_from_the_class_not_merely_low():
    before = np.linspace(0.2, 1, 50)
    now = before - 0.15 + 0.02 * np.random.default_rng(7).normal(size=50)  # a harder assignment for all
    now[40], before[3] = 0.2, np.nan
    found = numbers.behind(now, before)
    assert [int(each) for each in np.flatnonzero(found)] == [40]
    assert not numbers.behind(now[36:45], before[36:45]).any()  # nine of them


def test_what_is_far_out_is_far_above_the_others_not_merely_the_largest():
    values = np.array([1.0, 1.1, 0.9, 1.2, 1.0, 0.8, 1.1, 1.3, np.nan, 9.0])
    assert numbers.far_out(values).tolist() == [False] * 9 + [True]
    assert not numbers.far_out(values[:9]).any()
    assert not numbers.far_out(np.array([1.0] * 20 + [1.5])).any()  # not even twice as much


@pytest.mark.parametrize(
    ("totals", "possible", "size"),
    [
        ([0, 3, 10], 10, 1),
        ([0, 3.5, 10], 10, 0.5),
        ([0, 3.5, 32], 32, 2),
        ([5, 5, 5], 5, 1),
        ([12.0], 10, 1),
        ([0.0], 0, 1),
    ],
)
def test_a_distribution_counts_everybody_once_in_steps_that_people_count_in(totals, possible, size):
    bars = numbers.bars(np.array(totals, float), possible)
    assert bars[0].end - bars[0].start == size
    assert len(bars) <= numbers.MOST_BARS + 1
    assert sum(bar.students for bar in bars) == len(totals)
    for total in totals:
        assert sum(bar.start <= total < bar.end and bar.students > 0 for bar in bars) == 1


@pytest.mark.parametrize("students", [0, 1, 2, 4])
def test_of_too_few_only_means_are_told(students):
    points = a_class()[:students]
    items = numbers.analysed(points, POSSIBLE)
    assert [item.students for item in items] == [students] * 3
    assert {item.correlation for item in items} | {item.adds for item in items} == {None}
    assert numbers.alpha(points) is None
    assert numbers.spread(points.sum(axis=1)) is None if not students else numbers.spread(points.sum(axis=1)).mean >= 0


def test_where_everybody_is_equal_nothing_tells_strong_from_weak():
    items = numbers.analysed(np.full((30, 3), 2.0), POSSIBLE)
    assert [(item.mean, item.correlation, item.strongest, item.adds) for item in items] == [(0.5, None, None, None)] * 3
