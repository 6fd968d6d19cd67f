"""The proof: every known mistake, handed in as a student would, loses what it should and gets its diagnosis."""

import ast
import importlib
import inspect
import re
import textwrap
from collections import Counter
from functools import cache

import numpy as np
import pytest
from nbgrader.utils import is_grade
from sample_class import (
    ATTENTION,
    CONVOLUTION,
    COURSE,
    LAB,
    MULTIHEAD,
    PRACTICE,
    RESAMPLING,
    solutions,
    source,
    submission,
    without_pictures,
    written_in,
)
from traitlets.config import PyFileConfigLoader

from gradebox.checks import Case, Exercise, Mistake, made
from gradebox.course.source import exercise_of
from gradebox.judge.execute import warm_judge
from gradebox.judge.grade import Graded
from gradebox.judge.modules import course_modules
from gradebox.sandbox.walls import Sandbox

NOTEBOOK_OF = {
    "convolution": CONVOLUTION,
    "resampling": RESAMPLING,
    "self_attention": ATTENTION,
    "multihead_self_attention": MULTIHEAD,
    "attention_layer": PRACTICE,
    "vision_transformer": LAB,
}


def exercises_of(module: str) -> list[Exercise]:
    members = vars(importlib.import_module(f"mistakes.{module}")).values()
    return [member for member in members if isinstance(member, Exercise)]


EXERCISES = [(notebook, exercise) for module, notebook in NOTEBOOK_OF.items() for exercise in exercises_of(module)]
by_exercise = pytest.mark.parametrize(
    ("notebook", "exercise"), [pytest.param(*found, id=found[1].name) for found in EXERCISES]
)
by_mistake = pytest.mark.parametrize(
    ("notebook", "exercise", "mistake"),
    [
        pytest.param(notebook, exercise, mistake, id=f"{exercise.name}:{mistake.name}")
        for notebook, exercise in EXERCISES
        for mistake in exercise.mistakes
        if notebook != LAB  # thirteen exercises: test_lab.py hands in a mistake of each at a time
    ],
)


def cell_of(exercise: Exercise) -> str:
    return exercise.cell or exercise.name


def as_written(notebook: str, exercise: Exercise, mistake: Mistake) -> str:
    """A mistake as it stands in a student's cell: under the name asked for; of a loop, the body alone."""
    text = textwrap.dedent(inspect.getsource(mistake.code))
    node = ast.parse(text).body[0]
    lines = text.splitlines()
    if exercise.ask is made:
        return textwrap.dedent("\n".join(lines[node.body[0].lineno - 1 : node.body[-1].lineno - 1]))
    defined = [part.name for part in ast.parse(solutions(notebook)[cell_of(exercise)]).body if hasattr(part, "name")]
    return re.sub(rf"\b{node.name}\b", defined[-1], "\n".join(lines[node.lineno - 1 :]))


def grade(notebook: str, cells: dict[str, str]) -> Graded:
    """What gradebox makes of the release with these cells, all others as the instructor has them."""
    return graded_with(notebook, tuple(cells.items()))


@cache
def graded_with(notebook: str, cells: tuple[tuple[str, str], ...]) -> Graded:
    original = source(notebook)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(COURSE)).load_config()
    judge = warm_judge(Sandbox(config=config).settings_for(original), course_modules(COURSE, original))
    return judge.grade(without_pictures(submission(notebook, solutions(notebook) | dict(cells))), original)


def messages(graded: Graded, exercise: str) -> dict[str, str]:
    """What the test cells of an exercise say that failed: grade_id -> message."""
    return {
        cell.metadata.nbgrader.grade_id: output.evalue
        for cell in graded.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
        and exercise_of(cell.metadata.get("nbgrader", {}).get("grade_id", "")) == exercise
    }


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
        assert not others, f"{cell} names {others[0].name}: {message}"


@pytest.mark.parametrize(
    ("notebook", "exercise"),
    # The practice exam and the lab have checks without hints.
    [pytest.param(*found, id=found[1].name) for found in EXERCISES if found[0] not in (PRACTICE, LAB)],
)
def test_visible_check_gives_the_same_diagnosis(notebook, exercise):
    recognised = 0
    for mistake in exercise.mistakes:
        graded = grade(notebook, {cell_of(exercise): as_written(notebook, exercise, mistake)})
        message = messages(graded, exercise.name).get(f"{exercise.name}-check", "")
        hint = message.partition("\nHint: ")[2]
        assert hint in ("", mistake.diagnosis), mistake.name
        recognised += bool(hint)
    assert recognised >= 2


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
