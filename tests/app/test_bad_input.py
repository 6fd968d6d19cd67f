"""What goes wrong in a course folder ends in one line that says what to do, and leaves nothing half-written."""

import shutil
import subprocess
import sys

import pytest
from conftest import run
from sample_class import COURSE

NOTEBOOK = "12_2_Multihead_Self_Attention.ipynb"


def complaint(course, *arguments) -> str:
    """What a failing command says: one line on stderr, nothing on stdout."""
    result = run("gradebox", *arguments, cwd=course, check=False)
    assert result.returncode != 0
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


def hand_in(course, student="somebody", name=NOTEBOOK):
    folder = course / "submitted" / student / "nbs12"
    folder.mkdir(parents=True)
    return shutil.copy(COURSE / "release" / "nbs12" / NOTEBOOK, folder / name)


@pytest.mark.parametrize("command", ["release", "autograde", "feedback", "marks"])
def test_unknown_assignment_is_named_with_those_there_are(course, command):
    line = complaint(course, command, "nbs99")
    assert "nbs99" in line and "nbs10, nbs12" in line


def test_unknown_command_is_named(course):
    assert "no command 'grade'" in complaint(course, "grade")


def test_nothing_handed_in_says_where_to_put_it(course):
    assert "submitted/STUDENT/nbs12" in complaint(course, "autograde", "nbs12")


def test_marks_before_grading_says_what_to_run(course):
    assert "make grade" in complaint(course, "marks", "nbs12")


def test_unreadable_submissions_are_refused_and_the_others_are_graded(course):
    hand_in(course, "ada")
    contents = [b"", b"not a notebook", b'{"cells": [', b"\xff\xfe\x00", b'{"nbformat": 4}']
    for number, content in enumerate(contents):
        hand_in(course, f"bob-{number}").write_bytes(content)

    said = run("gradebox", "autograde", "nbs12", "--workers", "1", cwd=course).stdout

    assert (course / "autograded" / "ada" / "nbs12" / NOTEBOOK).exists()
    for number in range(len(contents)):
        assert f"bob-{number} refused" in said
        assert not (course / "autograded" / f"bob-{number}").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--student", "nobody"], "No student 'nobody'"),
        (["--student", "../../etc"], "No student '../../etc'"),
        (["--student", "a b/ü"], "No student 'a b/ü'"),
        (["--notebook", "13*"], "no notebook '13*'"),
        (["--workers", "0"], "'workers'"),
        (["--workers", "many"], "'workers'"),
        (["--Sandbox.cell_seconds=long"], "'cell_seconds'"),
        (["--dask", "tcp://127.0.0.1:9"], "no Dask scheduler at 'tcp://127.0.0.1:9'"),
        (["--dask", "somewhere"], "no Dask scheduler at 'somewhere'"),
        (["--db", "sqlite:////nowhere/gradebook.db"], "no gradebook at /nowhere/gradebook.db"),
        (["--db", "nothing://"], "gradebook cannot be opened"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_flag_that_makes_no_sense_is_named_and_nothing_is_written(course, arguments, says):
    hand_in(course, "ada")
    before = (course / "gradebook.db").read_bytes()
    assert says in complaint(course, "autograde", "nbs12", *arguments)
    assert not (course / "autograded").exists()
    assert sorted(path.name for path in course.iterdir()) == sorted(
        ["gradebook.db", "nbgrader_config.py", "release", "source", "submitted"]
    )
    assert len((course / "gradebook.db").read_bytes()) == len(before)


@pytest.mark.parametrize("line", ["c.Sandbox.memory_mib = oops", "c.Sandbox.memory_mib = 'much'", "c.Sandbox ="])
def test_a_wrong_line_in_the_settings_is_named(course, line):
    hand_in(course, "ada")
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(line + "\n")
    said = complaint(course, "autograde", "nbs12")
    assert "nbgrader_config.py" in said or "memory_mib" in said
    assert not (course / "autograded").exists()


def test_odd_names_of_students_are_only_names(course):
    students = ["Ada Lovelace", "Zoë Müller", "学生", "a'b;--", "[x]*"]
    for student in students:
        hand_in(course, student)
    run("gradebox", "autograde", "nbs12", "--workers", "1", cwd=course)
    for student in students:
        assert (course / "autograded" / student / "nbs12" / NOTEBOOK).exists()


def test_an_assignment_that_was_not_released_says_so(course):
    hand_in(course)
    (course / "gradebook.db").unlink()
    assert "gradebox release" in complaint(course, "autograde", "nbs12")
    assert not (course / "gradebook.db").exists()


def test_unreadable_source_leaves_the_release_as_it_was(course):
    released = course / "release" / "nbs12" / NOTEBOOK
    before = released.read_bytes()
    (course / "source" / "nbs12" / NOTEBOOK).write_text("{")

    line = complaint(course, "release", "nbs12")

    assert "source/nbs12" in line
    assert released.read_bytes() == before


def test_source_that_fails_to_build_leaves_the_release_as_it_was(course):
    released = course / "release" / "nbs12" / NOTEBOOK
    before = released.read_bytes()
    path = course / "source" / "nbs12" / NOTEBOOK
    path.write_text(path.read_text().replace("### END SOLUTION", "### THE END"))

    line = complaint(course, "release", "nbs12")

    assert "nbs12 failed" in line and "--debug" in line
    assert released.read_bytes() == before
    assert not list(course.glob(".release-*"))


def test_wrong_python_is_told_apart_before_anything_is_made(tmp_path):
    old = tmp_path / "python2"
    old.write_text("#!/bin/sh\necho Python 2.7.18\nexit 1\n")
    old.chmod(0o755)
    shutil.copy(COURSE / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml", "nbgrader_config.py"):
        shutil.copy(COURSE / name, tmp_path)

    made = subprocess.run(["make", f"PYTHON={old}", "setup"], cwd=tmp_path, capture_output=True, text=True)

    assert made.returncode != 0
    assert "needs Python 3.11, found Python 2.7.18" in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_this_python_is_the_one_asked_for():
    assert sys.version_info[:2] == (3, 11)
