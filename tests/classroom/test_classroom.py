"""A whole class at once gives what ``nbgrader autograde`` gives one by one, and keeps a log of it."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from conftest import run
from nbgrader.api import Gradebook
from sample_class import SAMPLES, build, without_pictures
from small_class import ASSIGNMENT, NAME, RIGHT, WRONG, grade, graded_files, hand_in, log, rows

from gradebox.judge import execute
from gradebox.sandbox.walls import Sandbox


@pytest.fixture
def twin(course: Path, tmp_path: Path):
    """Grade a course with both: gives the course that nbgrader graded and the one that gradebox did."""

    def graded(*, again: bool = False) -> tuple[Path, Path]:
        other = tmp_path / "nbgrader"
        if not again:
            shutil.copytree(course, other)
        run("nbgrader", "autograde", ASSIGNMENT, *(["--force"] if again else []), cwd=other)
        grade(course, *(["--force"] if again else []))
        return other, course

    return graded


def test_the_sample_class_is_graded_as_by_nbgrader_one_by_one(course, twin):
    for sample in SAMPLES:
        for path, notebook in build(sample).items():
            if path.parts[1] == ASSIGNMENT:
                target = course / "submitted" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(without_pictures(notebook), target)
    (course / "submitted" / "sample-blank" / ASSIGNMENT / "data").mkdir()
    (course / "submitted" / "sample-blank" / ASSIGNMENT / "data" / "mine.txt").write_text("1 2 3")
    (course / "source" / ASSIGNMENT / "given.csv").write_text("a,b\n")

    theirs, ours = twin()

    assert rows(ours) == rows(theirs)
    assert graded_files(ours) == graded_files(theirs)
    records = log(ours)
    assert {record["state"] for record in records.values()} == {"graded"}
    assert records["sample-full-marks"]["score"] == 28 + 13
    assert all(record["seconds"] > 0 and record["memory_mib"] > 0 for record in records.values())


def test_late_penalties_manual_grades_and_extra_credit_are_as_in_nbgrader(course, twin):
    with open(course / "nbgrader_config.py", "a") as config:
        config.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "dl") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 1, 10))
    hand_in(course, "in-time", timestamp="2026-01-09 12:00:00 UTC")
    hand_in(course, "late", timestamp="2026-01-11 12:00:00 +0100")
    hand_in(course, "extended", timestamp="2026-01-11 12:00:00 UTC")
    hand_in(course, "changed-by-hand", WRONG)

    theirs, ours = twin()
    assert rows(ours) == rows(theirs)
    assert {row[0]: row[3] for row in rows(ours)["notebooks"] if row[1] == NAME} == {
        "in-time": None,
        "late": 13.0,
        "extended": 13.0,
        "changed-by-hand": None,
    }

    for folder in (theirs, ours):
        with Gradebook(f"sqlite:///{folder}/gradebook.db", "dl") as gradebook:
            gradebook.find_submission(ASSIGNMENT, "extended").extension = timedelta(days=2)
            values = "multihead-scaled-self-attention-values"
            by_hand = gradebook.find_grade(values, NAME, ASSIGNMENT, "changed-by-hand")
            by_hand.manual_score, by_hand.extra_credit, by_hand.needs_manual_grade = 2.5, 1.0, False
            said = gradebook.find_comment("multihead-scaled-self-attention", NAME, ASSIGNMENT, "changed-by-hand")
            said.manual_comment = "Scale the scores."
            gradebook.db.commit()
        hand_in(folder, "changed-by-hand", RIGHT)
    twin(again=True)

    assert rows(ours) == rows(theirs)
    by_hand = [row for row in rows(ours)["grades"] if row[0] == "changed-by-hand" and row[4] is not None]
    assert [row[3:] for row in by_hand] == [(3.0, 2.5, 1.0, 1)]  # a person's grade stands and is to be looked at again
    assert {row[0]: row[3] for row in rows(ours)["notebooks"] if row[1] == NAME}["extended"] is None


def test_only_what_has_changed_is_graded_again(course):
    hand_in(course, "ada")
    hand_in(course, "bob", WRONG)
    grade(course)
    before = log(course)

    assert "bob graded" not in grade(course)
    assert log(course) == before

    hand_in(course, "bob", RIGHT)
    said = grade(course)
    assert "1/1" in said and "bob graded" in said
    assert log(course)["bob"]["score"] == 13
    assert log(course)["ada"] == before["ada"]

    shutil.rmtree(course / "autograded" / "ada")
    assert "ada graded" in grade(course)
    before = rows(course)

    (course / "gradebook.db").unlink()
    run("gradebox", "release", ASSIGNMENT, cwd=course)
    assert "2/2" in grade(course)
    assert rows(course) == before
    assert "1/1" in grade(course, "--force", "--student", "bob")


def test_student_flag_takes_nbgraders_globs(course):
    for student in ("ada", "alan", "bob"):
        hand_in(course, student)
    assert "2/2" in grade(course, "--student", "a*")
    assert log(course).keys() == {"ada", "alan"}


def test_hooks_run_for_every_submission(course):
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(
            "\n\ndef told(assignment, student, notebooks):\n"
            "    with open('told.txt', 'a') as file:\n"
            "        print(assignment, student, *(path.rpartition('/')[2] for path in notebooks), file=file)\n\n\n"
            "c.Autograde.pre_convert_hook = c.Autograde.post_convert_hook = told\nc.remark = 'not a section'\n"
        )
    hand_in(course, "ada")
    hand_in(course, "bob")
    grade(course)
    told = (course / "told.txt").read_text().splitlines()
    assert sorted(told) == [f"{ASSIGNMENT} {student} {NAME}.ipynb" for student in ("ada", "ada", "bob", "bob")]


def test_nbgraders_own_commands_find_what_they_expect(course):
    hand_in(course, "ada")
    grade(course)
    run("nbgrader", "generate_feedback", ASSIGNMENT, cwd=course)
    run("nbgrader", "export", cwd=course)
    assert (course / "feedback" / "ada" / ASSIGNMENT / f"{NAME}.html").exists()
    assert ",ada," in (course / "grades.csv").read_text()


def test_two_workers_give_the_same_as_one(course, tmp_path):
    for number in range(6):
        hand_in(course, f"student-{number}", RIGHT if number % 2 else WRONG)
    other = tmp_path / "two"
    shutil.copytree(course, other)
    grade(course)
    grade(other, workers=2)
    assert rows(other) == rows(course)
    assert graded_files(other) == graded_files(course)


def test_a_judge_is_replaced_after_a_number_of_notebooks(monkeypatch):
    monkeypatch.setattr(execute, "RECYCLE_AFTER", 2)
    settings = Sandbox(preload=[]).settings()
    first = execute.warm_judge(settings)
    assert execute.warm_judge(settings) is first
    first.graded = 2
    second = execute.warm_judge(settings)
    try:
        assert second is not first
        assert first.process.poll() is not None
    finally:
        second.close()
