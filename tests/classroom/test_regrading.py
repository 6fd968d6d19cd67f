"""Grading again: whoever is out of date, and only them; what would change is said first; what a person gave stands."""

import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from regraded_class import (
    DUE,
    TESTED,
    WRITTEN,
    autograde,
    by_hand,
    changes,
    comment_of,
    edit,
    everything,
    extend,
    grade_of,
    graded,
    hand_in,
    log,
    penalty_of,
    release,
    set_due,
)

from gradebox.classroom.regrading import NOTHING


@pytest.fixture
def course(regraded_small, tmp_path) -> Path:
    """A course of one's own with a class that was graded."""
    return shutil.copytree(regraded_small, tmp_path / "course")


# --- what would change, and why --------------------------------------------------------------------------------------


def test_what_mended_tests_and_other_points_change_is_said_before_it_is_written_and_comes_true(course):
    by_hand(course, "ada", score=0.5, comment="Why twice?", extra=0.25)
    by_hand(course, "ada", "double-check", score=0.75)
    by_hand(course, "bob", "double-check", score=0.75)

    def change(cells, _):
        cells[TESTED].source = "assert double(-1) in (-2, -1)"
        cells[TESTED].metadata.nbgrader.points = 3
        cells[WRITTEN].metadata.nbgrader.points = 4

    edit(course, change)
    release(course)
    before, first = everything(course), log(course)["bob"]

    said = autograde(course, "--diff")

    assert everything(course) == before
    assert changes(said) == [
        ["ada", "hw1", TESTED, "2", "3", "points 2 → 3, test changed"],
        ["ada", "hw1", WRITTEN, "0.75", "0.75?", "points 1 → 4"],
        ["ada", "", "total", "3.5", "4.5", ""],
        ["bob", "hw1", TESTED, "0", "3", "points 2 → 3, test changed"],
        ["bob", "", "total", "0.75", "3.75", ""],
        ["cyd", "hw1", TESTED, "2", "3", "points 2 → 3, test changed"],
        ["cyd", "hw1", "late penalty", "3", "4", "follows the mark"],
        ["cyd", "", "total", "0", "0", ""],
    ]
    assert "The marks of 3 would change. 3 of 3 graded again; nothing was written." in said
    autograde(course)
    assert grade_of(course, "bob", TESTED) == (3, None, None, False)
    assert grade_of(course, "ada", "double-check") == (1, 0.75, None, False)
    assert grade_of(course, "bob", "double-check") == (0, 0.75, None, False)
    assert grade_of(course, "ada", WRITTEN) == (None, 0.5, 0.25, True) and comment_of(course, "ada") == "Why twice?"
    # And it is kept which tests gave which mark.
    bob = log(course)["bob"]
    (earlier,) = bob["history"]
    assert earlier["tests"] == first["tests"] != bob["tests"]
    assert earlier["marks"]["hw1"][TESTED] == 0 and bob["marks"]["hw1"][TESTED] == 3
    versions = [json.loads(line) for line in (course / "autograded" / "hw1.tests.jsonl").read_text().splitlines()]
    assert [version["tests"] for version in versions] == [first["tests"], bob["tests"]]
    old, new = (version["notebooks"]["hw1"]["cells"] for version in versions)
    assert {name for name in new if old[name] != new[name]} == {TESTED, WRITTEN}


def test_nothing_out_of_date_is_said_without_grading_anybody(course):
    before = everything(course)
    assert autograde(course, "--diff") == "hw1: Nothing would change. 0 of 3 graded again; nothing was written.\n"
    assert everything(course) == before


def test_first_work_other_work_and_refusals_are_told_apart(course):
    hand_in(course, "bob", "right")
    hand_in(course, "dan", "waits")
    (course / "submitted" / "cyd" / "hw1" / "hw1.ipynb").write_text("")
    extend(course, "cyd", timedelta(days=2))

    assert changes(autograde(course, "--diff")) == [
        ["bob", "hw1", "double-check", "0", "1", "submission changed"],
        ["bob", "hw1", TESTED, "0", "2", "submission changed"],
        ["bob", "", "total", "0", "3", ""],
        ["cyd", "", "", "", "refused", "an earlier grade stands; hw1.ipynb is empty: ask for the notebook again"],
        ["cyd", "hw1", "late penalty", "3", "0", "due date, extension or penalty settings changed"],
        ["dan", "", "total", NOTHING, "3?", "not graded before"],
    ]
    assert log(course).keys() == {"ada", "bob", "cyd"}


def test_what_was_graded_by_an_older_gradebox_is_not_explained_but_compared(course):
    path = course / "autograded" / "hw1.jsonl"
    new = ("submission", "tests", "engine", "history")
    records = [{key: value for key, value in record.items() if key not in new} for record in log(course).values()]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    (course / "autograded" / "hw1.tests.jsonl").unlink()
    assert graded(autograde(course)) == 0
    edit(course, lambda cells, _: cells[TESTED].update(source="assert double(-1) == -1"))
    release(course)

    extend(course, "cyd", timedelta(days=2))
    older = "not known: last graded by a gradebox that did not keep it"

    said = changes(autograde(course, "--diff"))

    assert [row for row in said if row[0] != "bob"] == [
        ["ada", "hw1", TESTED, "2", "0", older],
        ["ada", "", "total", "3", "1", ""],
        ["cyd", "hw1", TESTED, "2", "0", older],
        ["cyd", "hw1", "late penalty", "3", "0", "due date, extension or penalty settings changed"],
        ["cyd", "", "total", "0", "1", ""],
    ]


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_due_date_that_moved_is_followed_without_grading_again_and_for_those_it_concerns(course):
    assert penalty_of(course, "cyd") == 3
    before = log(course)
    set_due(course, DUE + timedelta(days=7))

    assert changes(autograde(course, "--diff")) == [
        ["cyd", "hw1", "late penalty", "3", "0", "due date, extension or penalty settings changed"]
    ]
    assert penalty_of(course, "cyd") == 3
    said = autograde(course)

    assert "Late penalty of cyd, hw1: 3 → 0" in said and graded(said) == 0
    assert penalty_of(course, "cyd") is None and log(course) == before
    assert "Late penalty" not in autograde(course)
    set_due(course, None)
    assert "Late penalty" not in autograde(course)


def test_an_extension_a_setting_and_a_persons_mark_are_followed(course):
    extend(course, "cyd", timedelta(hours=23))
    assert "Late penalty" not in autograde(course)
    by_hand(course, "cyd", "double-check", score=0.5)
    assert "Late penalty of cyd, hw1: 3 → 2.5" in autograde(course)
    extend(course, "cyd", timedelta(hours=25))
    assert "Late penalty of cyd, hw1: 2.5 → 0" in autograde(course)
    extend(course, "cyd", timedelta())
    (course / "submitted" / "cyd").rename(course / "cyd")  # who has no folder any more has marks all the same
    assert "Late penalty of cyd, hw1: 0 → 2.5" in autograde(course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("penalty_method = 'zero'", "penalty_method = 'none'"))
    assert "Late penalty of cyd, hw1: 2.5 → 0" in autograde(course)
    assert grade_of(course, "cyd", "double-check") == (1, 0.5, None, False)


# --- what a person gave ----------------------------------------------------------------------------------------------


def test_a_forced_run_lets_nothing_wait_that_a_person_graded(course):
    by_hand(course, "ada", score=0.5, comment="Why twice?", extra=0.25)
    by_hand(course, "bob", TESTED, score=1, comment="")
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = "select * from grade order by id", "select * from comment order by id"
        before = [database.execute(each).fetchall() for each in rows]
        assert changes(autograde(course, "--diff", "--force")) == []
        shutil.rmtree(course / "autograded" / "ada")
        assert graded(autograde(course, "--force")) == 3
        assert [database.execute(each).fetchall() for each in rows] == before


def test_work_that_came_after_a_person_had_graded_waits_where_it_is_new_and_keeps_the_marks(course):
    by_hand(course, "ada", WRITTEN, score=0.5, comment="Why twice?", extra=0.25)
    by_hand(course, "ada", TESTED, score=1.5)

    hand_in(course, "ada", "waits", why="Two is what double means.")
    autograde(course)
    assert grade_of(course, "ada", WRITTEN) == (None, 0.5, 0.25, True) and comment_of(course, "ada") == "Why twice?"
    assert grade_of(course, "ada", TESTED) == (2, 1.5, None, False)

    by_hand(course, "ada", WRITTEN, score=1, extra=0.25)
    hand_in(course, "ada", "waits", why="Two is what double means.", double="def double(x):\n    return x + x + 0")
    autograde(course)
    assert grade_of(course, "ada", WRITTEN) == (None, 1, 0.25, False) and comment_of(course, "ada") == "Why twice?"
    assert grade_of(course, "ada", TESTED) == (2, 1.5, None, True)


def test_a_student_without_a_folder_keeps_everything_and_one_taken_from_the_gradebook_comes_back_with_work(course):
    by_hand(course, "ada", score=0.5, comment="Why twice?")
    (course / "submitted" / "ada").rename(course / "ada")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "small") as gradebook:
        gradebook.remove_student("bob")

    assert graded(autograde(course)) == 1

    assert grade_of(course, "ada", WRITTEN) == (None, 0.5, None, False) and comment_of(course, "ada") == "Why twice?"
    assert grade_of(course, "bob", TESTED) == (0, None, None, False)
