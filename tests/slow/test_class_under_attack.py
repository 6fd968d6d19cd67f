"""A class in which many hand in what is damaged or hostile ends by itself, and every honest mark is right."""

import importlib
from itertools import cycle, islice

import nbformat
import pytest
from attack_notebooks import ATTACKS, TARGET, attack_notebook, by_exercise
from conftest import with_long
from damaged_work import FILE, MENDED, REFUSED, right
from sample_class import ATTENTION, MULTIHEAD, points, without_pictures
from small_class import ASSIGNMENT, RIGHT, WRONG, grade, hand_in, log

ATTACKED = ATTENTION.split("/")[1]
ABOUT = {name: getattr(importlib.import_module(f"judge.attacks.{name}"), "LIMITS", {}) for name in ATTACKS}
# On resources: most of them take all that the limits allow. One that uses up the clock needs a clock of its own.
GREEDY = [name for name, limits in ABOUT.items() if limits and "clock_seconds" not in limits]
LIMITS = "\nc.Sandbox.cell_seconds, c.Sandbox.clock_seconds, c.Sandbox.memory_mib = 1, 10, 512\n"
FULL = sum(points(MULTIHEAD).values())
HONEST = {"right": (RIGHT, FULL), "wrong": (RIGHT | WRONG, FULL - 9), "blank": ({}, 0)}


def handed_in(course, honest: int, damaged: int, hostile: int) -> None:
    """The class; the names say what is to become of each."""
    for number, (kind, (cells, _)) in enumerate(islice(cycle(HONEST.items()), honest)):
        hand_in(course, f"honest-{number}-{kind}", cells)
    spoiled = {f"mended-{name}": (file, damage(right())) for name, (damage, _, file) in MENDED.items()}
    spoiled |= {f"refused-{name}": (FILE, data) for name, (data, _) in REFUSED.items()}
    step = max(1, len(spoiled) // damaged)
    for number, (name, (file, data)) in enumerate(islice(cycle([*spoiled.items()][::step]), damaged)):
        folder = course / "submitted" / f"damaged-{number}-{name}" / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / file).write_bytes(data)
    others = [name for name, limits in ABOUT.items() if not limits]
    for number, pair in enumerate(islice(zip(cycle(GREEDY), cycle(others), strict=False), hostile // 2)):
        for name in pair:
            attack = importlib.import_module(f"judge.attacks.{name}")
            folder = course / "submitted" / f"hostile-{number}-{name}" / ASSIGNMENT
            folder.mkdir(parents=True)
            nbformat.write(without_pictures(attack_notebook(attack)), folder / f"{ATTACKED}.ipynb")


@pytest.mark.parametrize("size", with_long([(6, 4, 4), (140, 60, 100)], (140, 60, 100)), ids=str)
def test_a_class_under_attack_ends_by_itself_and_honest_marks_are_right(course, size):
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(LIMITS)
    handed_in(course, *size)

    said = grade(course, workers=2)

    records = log(course)
    assert len(records) == sum(size) and records.keys() == {path.name for path in (course / "submitted").iterdir()}
    for student, record in records.items():
        kind, _, what = student.split("-", 2)
        if kind == "honest":
            assert (record["state"], record["score"]) == ("graded", HONEST[what][1]), student
        elif kind == "damaged" and what.startswith("mended"):
            assert (record["state"], record["score"]) == ("graded after repair", FULL) and record["repairs"], student
        elif kind == "damaged":
            assert record["state"] == "refused" and record["reason"] and student in said
        elif record["state"] != "refused":
            marks = {name: earned or 0 for name, earned in record["marks"][ATTACKED].items()}  # by hand: none yet
            assert by_exercise(marks)[TARGET] == 0, student
        else:
            assert record["reason"] and student in said
