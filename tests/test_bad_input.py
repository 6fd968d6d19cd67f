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


@pytest.mark.parametrize("content", [b"", b"not a notebook", b'{"cells": [', b"\xff\xfe\x00", b'{"nbformat": 4}'])
def test_unreadable_submission_is_named_and_nobody_is_graded(course, content):
    hand_in(course, "ada")
    broken = hand_in(course, "bob")
    broken.write_bytes(content)

    line = complaint(course, "autograde", "nbs12")

    assert "bob/nbs12" in line and "readable" in line
    assert not (course / "autograded").exists()


def test_submission_under_another_name_is_named(course):
    hand_in(course, name="my homework.ipynb")
    assert NOTEBOOK in complaint(course, "autograde", "nbs12")


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
