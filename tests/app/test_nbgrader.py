"""nbgrader's own commands and the formgrader use the judge with no other change."""

import shutil

import nbformat
import pytest
from conftest import run
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sample_class import COURSE, MULTIHEAD
from traitlets.config import PyFileConfigLoader

STUDENT = "sample-scaling-forgotten"
NAME = MULTIHEAD.split("/")[1]


@pytest.fixture
def handed_in(whole_course):
    shutil.copytree(COURSE / "submitted" / STUDENT, whole_course / "submitted" / STUDENT)
    return whole_course


def score(course) -> float:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return gradebook.find_submission_notebook(NAME, "nbs12", STUDENT).score


def judged(course) -> bool:
    """Whether the graded notebook shows the judge's hand: stock nbgrader shows the test's code in a traceback."""
    graded = nbformat.read(course / "autograded" / STUDENT / f"{MULTIHEAD}.ipynb", as_version=4)
    outputs = next(cell for cell in graded.cells if cell.get("id") == "multihead-scaled-self-attention-values").outputs
    return [(failed.ename, len(failed.traceback)) for failed in outputs] == [("WrongAnswer", 1)]


def test_command_line(handed_in):
    run("nbgrader", "autograde", "nbs12", cwd=handed_in)
    assert score(handed_in) == 0
    assert judged(handed_in)
    run("nbgrader", "generate_feedback", "nbs12", cwd=handed_in)
    run("nbgrader", "export", cwd=handed_in)
    assert STUDENT in (handed_in / "grades.csv").read_text()
    page = (handed_in / "feedback" / STUDENT / f"{MULTIHEAD}.html").read_text()
    assert "The scores are not scaled before the softmax" in page


def test_formgrader_button(handed_in, monkeypatch):
    monkeypatch.chdir(handed_in)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(handed_in)).load_config()
    config.CourseDirectory.root = str(handed_in)

    result = NbGraderAPI(CourseDirectory(config=config), config=config).autograde("nbs12", STUDENT)

    assert result["success"], result["log"]
    assert score(handed_in) == 0
    assert judged(handed_in)


def test_no_execute_switches_the_judge_off_too(handed_in):
    run("nbgrader", "autograde", "nbs12", "--no-execute", cwd=handed_in)
    assert not judged(handed_in)
