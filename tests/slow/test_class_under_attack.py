"""A class in which many hand in what is damaged or hostile ends by itself, and every honest mark is right.

`make test` takes a small one, `make test-long` one with every kind of damage and every attack.
"""

import importlib
import re
from itertools import chain, cycle, islice

import nbformat
import pytest
import warm_commands
from attack_notebooks import ATTACKS, TARGET, attack_notebook, by_exercise
from conftest import run, with_long
from damaged_folders import DAMAGE
from processes import adopted, gone
from sample_class import ATTENTION, MULTIHEAD, points, without_pictures
from small_class import ASSIGNMENT, RIGHT, WRONG, grade, hand_in, log

ATTACKED = ATTENTION.split("/")[1]
# On resources: they take all that the limits allow.
GREEDY = {name for name in ATTACKS if hasattr(importlib.import_module(f"judge.attacks.{name}"), "LIMITS")}
LIMITS = "\nc.Sandbox.cell_seconds, c.Sandbox.clock_seconds, c.Sandbox.memory_mib = 1, 10, 512\n"
FULL = sum(points(MULTIHEAD).values())
HONEST = {"right": (RIGHT, FULL), "wrong": (RIGHT | WRONG, FULL - 9), "blank": ({}, 0)}
FEW, EVERY = (6, 8, 6), (140, len(DAMAGE), len(ATTACKS))


def spread(names, number: int) -> list[str]:
    """So many of them, evenly."""
    names = sorted(names)
    return [names[each * len(names) // number] for each in range(number)]


def handed_in(course, honest: int, damaged: int, hostile: int) -> None:
    """The class; the names say what is to become of each."""
    for number, (kind, (cells, _)) in enumerate(islice(cycle(HONEST.items()), honest)):
        hand_in(course, f"honest-{kind}-{number}", cells)
    greedy = min(hostile // 2, len(GREEDY))
    others = {*ATTACKS} - GREEDY
    attacks = {
        f"hostile-{name}": importlib.import_module(f"judge.attacks.{name}")
        for name in chain(spread(GREEDY, greedy), spread(others, hostile - greedy))
    }
    for student in [*(f"damaged-{name}" for name in spread(DAMAGE, damaged)), *attacks]:
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        if student in attacks:
            nbformat.write(without_pictures(attack_notebook(attacks[student])), folder / f"{ATTACKED}.ipynb")
        else:
            DAMAGE[student.removeprefix("damaged-")](folder)


@pytest.mark.parametrize("size", with_long([FEW, EVERY], EVERY), ids=str)
def test_a_class_under_attack_ends_by_itself_and_honest_marks_are_right(damaged_course, size):
    course = damaged_course
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(LIMITS)
    handed_in(course, *size)
    warm_commands.started("gradebox")  # stays until the tests end

    with adopted() as left:
        said = grade(course, workers=2)
        assert gone(left), left()

    records = log(course)
    assert len(records) == sum(size) and records.keys() == {path.name for path in (course / "submitted").iterdir()}
    for student, record in records.items():
        kind, what, _ = (*student.split("-", 2), "")[:3]
        if kind == "honest":
            assert (record["state"], record["score"]) == ("graded", HONEST[what][1]), student
        elif record["state"] == "refused":
            assert record["reason"] and student in said
            assert kind == "hostile" or what == "refused", student
        elif kind == "damaged":
            state = "graded after repair" if what == "mended" else "graded"
            assert (record["state"], record["score"]) == (state, FULL), student
        else:
            marks = {name: earned or 0 for name, earned in record["marks"][ATTACKED].items()}  # by hand: none yet
            assert by_exercise(marks)[TARGET] == 0, student

    run("gradebox", "report", ASSIGNMENT, cwd=course)
    page = (course / "feedback" / f"{ASSIGNMENT}.html").read_text()
    named = {*re.findall(r"<li>([\w-]+)", page.partition('<h3 id="stopped">')[2].partition("<h3")[0])}
    stopped = {student for student, record in records.items() if any("was stopped" in line for line in record["log"])}
    assert stopped and stopped <= named
