"""What goes wrong in a course folder ends in one line that says what to do, and leaves nothing half-written."""

import os
import shutil
import subprocess
import sys
import zipfile

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
        ["gradebook.db", "mistakes", "nbgrader_config.py", "release", "source", "submitted"]
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


def test_an_assignment_that_imports_what_is_not_installed_is_left_out_or_refused_if_asked_for(course):
    (course / "submitted" / "somebody" / "practice").mkdir(parents=True)
    path = course / "source" / "practice" / "Attention_Layer.ipynb"
    path.write_text(path.read_text().replace('"import numpy as np', '"import absent\\n",\n    "import numpy as np', 1))
    with open(course / "nbgrader_config.py", "a") as config:
        config.write("c.Sandbox.preload_if_used = ['absent']\n")

    done = run("gradebox", "autograde", cwd=course)

    why = "Attention_Layer imports absent, which is not installed here."
    assert done.stderr == f"Leaving out practice: {why}\n"
    assert complaint(course, "autograde", "practice") == f"gradebox autograde: 'practice' cannot be graded: {why}"


@pytest.fixture
def fresh(tmp_path):
    """What a set-up reads, with nothing to install but what is here already."""
    for name in ("Makefile", "pyproject.toml", "nbgrader_config.py", "README.md", "LICENSE"):
        shutil.copy(COURSE / name, tmp_path)
    for name in ("gradebox", "mistakes"):
        shutil.copytree(COURSE / name, tmp_path / name)
    for name in ("requirements.txt", "requirements-torch.txt"):
        (tmp_path / name).write_text("")
    return tmp_path


def set_up(folder, *settings: str) -> subprocess.CompletedProcess:
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of the make that runs the tests
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    settings = settings or (f"PYTHON={sys.executable}",)
    return subprocess.run(["make", *settings, "setup"], cwd=folder, capture_output=True, text=True, env=environment)


def one_line(made: subprocess.CompletedProcess) -> str:
    """What a failing make says on stderr besides its own last word."""
    assert made.returncode != 0
    line, word = made.stderr.splitlines()
    assert word.startswith("make: ***")
    return line


@pytest.mark.parametrize("version", ["2.7.18", "3.10.13"])
def test_wrong_python_is_told_apart_before_anything_is_made(fresh, version):
    old = fresh / "python"
    old.write_text(f"#!/bin/sh\necho Python {version}\nexit 1\n")
    old.chmod(0o755)

    line = one_line(set_up(fresh, f"PYTHON={old}"))

    assert f"needs Python 3.11 or newer, found Python {version}" in line
    assert not (fresh / ".venv").exists()


def test_a_wheel_for_another_system_is_named(fresh):
    (fresh / "fast-1.0-cp311-cp311-win_amd64.whl").touch()
    (fresh / "requirements-torch.txt").write_text("./fast-1.0-cp311-cp311-win_amd64.whl\n")

    line = one_line(set_up(fresh))

    assert line.startswith("fast-1.0-cp311-cp311-win_amd64.whl is not a supported wheel") and "run make again" in line


def test_what_would_have_to_be_compiled_is_named(fresh):
    (fresh / "requirements.txt").write_text(f"gradebox-nowhere==1.0 --hash=sha256:{'0' * 64}\n")

    assert one_line(set_up(fresh)).startswith("No matching distribution found for gradebox-nowhere==1.0")


def test_a_download_that_is_not_what_was_locked_is_not_installed(fresh):
    wheel = fresh / "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("small.py", "")
    (fresh / "requirements.txt").write_text(f"./{wheel.name} --hash=sha256:{'0' * 64}\n")

    line = one_line(set_up(fresh))

    assert wheel.name in line and "is not the file that requirements.txt knows by its hash" in line
    assert not list(fresh.glob(".venv/lib/*/site-packages/small*"))


def test_a_line_without_a_hash_belongs_elsewhere(fresh):
    (fresh / "small-1.0-py3-none-any.whl").touch()
    (fresh / "requirements.txt").write_text("./small-1.0-py3-none-any.whl\n")

    assert "requirements.in instead, and run make lock" in one_line(set_up(fresh))


def test_no_network_is_told_apart(fresh):
    log = fresh / ".stamps" / "setup.log"
    fails = fresh / "pip-fails"
    fails.write_text('#!/bin/sh\necho "Failed to establish a new connection: [Errno -3]" >&2\nexit 1\n')
    fails.chmod(0o755)

    line = one_line(set_up(fresh, f"PYTHON={sys.executable}", f"PIP={fails}"))

    assert line == "The package index cannot be reached. Connect to the network and run make again."
    assert "Errno -3" in log.read_text()


def test_a_set_up_that_was_interrupted_begins_anew_and_one_that_was_not_has_nothing_to_do(fresh):
    half = fresh / ".venv" / "bin"
    half.mkdir(parents=True)
    (half / "python").symlink_to("nowhere")
    (half / "left-over").touch()

    first, second = (set_up(fresh, f"PYTHON={sys.executable}", "PIP=true") for _ in range(2))

    assert (first.returncode, first.stderr) == (0, "")
    assert (half / "python").exists() and not (half / "left-over").exists()
    assert "Setting up" in first.stdout and "Nothing to be done" in second.stdout
