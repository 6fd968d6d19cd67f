"""Notebooks with one of judge/attacks in the place of an answer, for the tests and the benchmark."""

import pkgutil

from judge import attacks
from nbformat.v4 import new_code_cell
from sample_class import ATTENTION, solutions, submission

from gradebox.course.source import exercise_of

TARGET = "self-attention"
ATTACKS = sorted(module.name for module in pkgutil.iter_modules(attacks.__path__))


def attack_notebook(attack):
    """12.1 with every exercise solved but the one the attack is on."""
    notebook = submission(ATTENTION, solutions(ATTENTION) | {TARGET: attack.SOLUTION})
    if hasattr(attack, "FIRST"):
        notebook.cells.insert(0, new_code_cell(attack.FIRST))
    if hasattr(attack, "LAST"):
        notebook.cells.append(new_code_cell(attack.LAST))
    return notebook


def by_exercise(marks: dict[str, float]) -> dict[str, float]:
    earned: dict[str, float] = {}
    for grade_id, points in marks.items():
        earned[exercise_of(grade_id)] = earned.get(exercise_of(grade_id), 0) + points
    return earned
