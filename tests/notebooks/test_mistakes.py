"""The proof: every known mistake, handed in as a student would, loses what it should and gets its diagnosis."""

import copy
import re
from collections import Counter

import numpy as np
import pytest
from catalogue import EXERCISES, NOTEBOOK_OF, as_written, cell_of
from conftest import with_long
from nbgrader.utils import is_grade
from sample_class import ATTENTION, LAB, PRACTICE, source, written_in
from solved_notebook import grade, messages

from gradebox.checks import PARTS, Case, Exercise, Mistake, WrongAnswer, made
from gradebox.course.hints import with_hints
from gradebox.course.source import exercise_of
from gradebox.exercises.diagnosing import tells

by_exercise = pytest.mark.parametrize(
    ("notebook", "exercise"), [pytest.param(*found, id=found[1].name) for found in EXERCISES]
)
HANDED_IN = 3  # mistakes of an exercise that `make test` hands in; `make test-long` all
by_mistake = pytest.mark.parametrize(
    ("notebook", "exercise", "mistake"),
    [
        pytest.param(
            notebook,
            exercise,
            mistake,
            id=f"{exercise.name}:{mistake.name}",
            marks=[pytest.mark.long] if number >= HANDED_IN else [],
        )
        for notebook, exercise in EXERCISES
        for number, mistake in enumerate(exercise.mistakes)
        if notebook != LAB  # thirteen exercises: test_lab.py hands in a mistake of each at a time
    ],
)
PAIRS = 6  # of an exercise that `make test` proves; `make test-long` all


@by_exercise
def test_oracle_cases_and_mistakes_do_not_contradict_each_other(notebook, exercise):
    assert exercise.problems() == []


@by_mistake
def test_mistake_costs_its_own_hidden_points_and_gets_its_own_diagnosis(notebook, exercise, mistake):
    written = as_written(notebook, exercise, mistake)
    graded = grade(notebook, {cell_of(exercise): written})

    most = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in source(notebook).cells
        if cell.metadata.nbgrader.grade_id in graded.marks
    }
    cells = written_in(notebook)
    lost = {
        name
        for name, points in graded.marks.items()
        if points < most[name]
        # An exercise written into the same cell may suffer too; those in other cells may not.
        and (exercise_of(name) == exercise.name or cells[exercise_of(name)] != cells[exercise.name])
    }
    hidden = {f"{exercise.name}-{part}" for part in mistake.costs}
    assert lost - {f"{exercise.name}-check"} == hidden, written
    for cell, message in messages(graded, exercise.name).items():
        if cell in hidden:
            assert mistake.diagnosis in message
        others = [other for other in exercise.mistakes if other is not mistake and other.diagnosis in message]
        # On the notebook's own few numbers two mistakes can give the same.
        assert not others or cell.endswith("-check"), f"{cell} names {others[0].name}: {message}"


def told(exercise: Exercise, mistake: Mistake, part: str) -> str | None:
    """The hint that a mistake gets on the cases of a part; None if it passes."""
    for case in exercise.cases(part)[:1]:
        try:
            with np.errstate(all="ignore"):
                exercise.check(part, mistake.code(*case.args) if exercise.ask is made else mistake.code)
        except WrongAnswer as wrong:
            return str(wrong).partition("\nHint: ")[2]
    return None


@by_exercise
def test_every_mistake_is_told_its_own_sentence_and_none_other(notebook, exercise):
    for mistake in exercise.mistakes:
        hints = {part: told(exercise, mistake, part) for part in PARTS}
        assert {part for part, hint in hints.items() if hint is not None} == {*mistake.costs}, mistake.name
        assert all(mistake.diagnosis in hints[part] for part in mistake.costs), (mistake.name, hints)


def sample(notebook: str, exercise: Exercise) -> list[Mistake]:
    return exercise.derived[:: len(exercise.derived) // (1 if notebook == LAB else PAIRS) + 1]


@by_exercise
@pytest.mark.parametrize("chosen", with_long(["some", "all"], "all"))
def test_two_slips_at_once_are_told_both_or_what_comes_to_the_same(notebook, exercise, chosen):
    pairs = exercise.derived if chosen == "all" else sample(notebook, exercise)
    for pair in pairs:
        for part in PARTS:
            hint = told(exercise, pair, part)
            if hint is None or pair.diagnosis in hint:
                continue
            cases = exercise.cases(part)
            same = [
                known
                for known in (*exercise.mistakes, *exercise.derived)
                if all(exercise.agree(exercise.mistaken(known, case), exercise.mistaken(pair, case)) for case in cases)
            ]
            empty = not tells(exercise.mistaken(pair, case) for case in cases)
            assert empty or any(known.diagnosis in hint for known in same), f"{pair.name}, {part}: {hint}"


@pytest.mark.parametrize("notebook", NOTEBOOK_OF.values())
def test_hints_of_the_visible_checks_are_what_the_catalogue_gives(notebook):
    """Run 'gradebox hints' after a change of mistakes/."""
    as_it_is = copy.deepcopy(source(notebook))
    assert with_hints(as_it_is, [exercise for where, exercise in EXERCISES if where == notebook]) == []


@by_exercise
def test_diagnoses_are_sentences_and_no_two_are_the_same(notebook, exercise):
    sentences = [mistake.diagnosis for mistake in exercise.mistakes]

    assert not [text for text, times in Counter(sentences).items() if times > 1]
    assert all(re.fullmatch(r"[A-Z`].{20,200}[.?]", sentence) for sentence in sentences)


def test_every_exercise_with_hidden_tests_has_its_mistakes():
    known = {(notebook, exercise.name): exercise for notebook, exercise in EXERCISES}
    for notebook in NOTEBOOK_OF.values():
        hidden = {cell.id for cell in source(notebook).cells if is_grade(cell) and "HIDDEN TESTS" in cell.source}
        for exercise in sorted({exercise_of(name) for name in hidden}):
            enough = 5 if "10_4" in notebook else 6 if notebook == PRACTICE else 8
            assert len(known[notebook, exercise].mistakes) >= enough, exercise


def test_outputs_of_lists_made_up_for_them_earn_nothing():
    written = "all_values = all_x_prime = [np.ones((D, 1))] * N"

    graded = grade(ATTENTION, {"x-prime": written})

    assert {name: mark for name, mark in graded.marks.items() if name.startswith("x-prime")} == {
        "x-prime-check": 0,
        "x-prime-values": 0,
        "x-prime-general": 0,
    }


# --- the author's slips ----------------------------------------------------------------------------------------


def doubling(**options) -> Exercise:
    return Exercise(
        "doubling",
        lambda x: 2 * x,
        values=[Case("three numbers", np.arange(3.0))],
        general=[Case("no numbers", np.zeros(0))],
        **options,
    )


def test_an_oracle_that_raises_is_the_authors_mistake():
    exercise = Exercise("doubling", lambda x: x["a"], values=[Case("three", np.arange(3.0))], general=[])

    assert exercise.problems() == [
        "doubling: the oracle raises IndexError: only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) "
        "and integer or boolean arrays are valid indices (three)"
    ]


def test_a_mistake_that_is_right_everywhere_is_the_authors_mistake():
    exercise = doubling()
    exercise.mistake("Added, not multiplied: that is the same here.")(lambda x: x + x)

    assert any("is right on the cases of 'values'" in problem for problem in exercise.problems())


def test_two_mistakes_that_no_case_tells_apart_are_the_authors_mistake():
    exercise = doubling()

    @exercise.mistake("One.", costs=["values"])
    def plus_one(x):
        return x + 1

    @exercise.mistake("Two.", costs=["values"])
    def one_plus(x):
        return 1 + x

    assert exercise.problems() == ["doubling: no case tells plus-one from one-plus"]
