"""A notebook for another kernel than Python's: left to stock nbgrader, and said so, or refused."""

import json
import os
import shutil
import sys

import nbformat
import pytest
from conftest import graded_test, notebook, run, solution

from gradebox.classroom.joining import PLUG

PARROT = {"name": "parrot", "display_name": "Parrot", "language": "parrot"}
CONFIG = """
c = get_config()
c.ClearSolutions.code_stub = {"parrot": "pass", "python": "pass"}
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course for a language that, by chance, is spoken by Python's kernel; only to be read."""
    tmp_path = tmp_path_factory.mktemp("parrots")
    kernel = tmp_path / "jupyter" / "kernels" / "parrot"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, **PARROT}))
    course = tmp_path / "course"
    source = notebook(solution("word", "word = 'hello'"), graded_test("word-check", "assert word == 'hello'"))
    source.metadata.kernelspec = PARROT
    (course / "source" / "ps1").mkdir(parents=True)
    nbformat.write(source, course / "source" / "ps1" / "words.ipynb")
    (course / "nbgrader_config.py").write_text(CONFIG + PLUG)
    environment = os.environ | {"JUPYTER_PATH": str(tmp_path / "jupyter")}
    run("nbgrader", "generate_assignment", "ps1", cwd=course, env=environment)
    for student, folder in (("solved", "source"), ("blank", "release")):
        shutil.copytree(course / folder / "ps1", course / "submitted" / student / "ps1")
    return course, environment


@pytest.fixture
def parrots(released, tmp_path):
    course, environment = released
    return shutil.copytree(course, tmp_path / "course"), environment


@pytest.mark.parametrize("command", ["gradebox", "nbgrader"])
def test_it_is_left_to_stock_nbgrader_and_said(parrots, command):
    course, environment = parrots
    done = run(command, "autograde", "ps1", cwd=course, env=environment)
    assert "or another kernel than Python's" in done.stdout + done.stderr
    marks = run("gradebox", "marks", "ps1", cwd=course, env=environment).stdout
    earned = [line.split("│")[1:3] for line in marks.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in earned] == [["blank", "0"], ["solved", "1"]]


def test_it_is_refused_by_setting(parrots):
    course, environment = parrots
    with open(course / "nbgrader_config.py", "a") as config:
        config.write("c.Judge.other_kernels = 'refuse'\n")
    done = run("gradebox", "autograde", "ps1", cwd=course, env=environment, check=False)
    assert done.stderr.splitlines()[-1:] == [
        "gradebox autograde: ps1/words.ipynb: It is for a kernel of the language parrot, and c.Judge.other_kernels is "
        "'refuse'."
    ]
