"""`gradebox init` in somebody's nbgrader course: what it would add, how tests would run, and adding it if asked."""

import hashlib
import shutil
from pathlib import Path

import nbformat
import pytest
from conftest import graded_test, locked, notebook, run, solution

SQUARES = "### BEGIN SOLUTION\ndef squares(n):\n    return [i * i for i in range(n)]\n### END SOLUTION"
SUM = "### BEGIN SOLUTION\ndef sum_of_squares(n):\n    return sum(squares(n))\n### END SOLUTION"
USED = "del squares\ntry:\n    sum_of_squares(3)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError"
SUMS = notebook(
    solution("squares", SQUARES),
    graded_test("squares-check", "assert squares(3) == [0, 1, 4]"),
    solution("sum", SUM),
    graded_test("sum-used", USED),
)
OTHERS = "c = get_config()\nc.CourseDirectory.course_id = 'sums'\nc.Execute.timeout = 20\n"


def files_of(course: Path) -> dict[str, str]:
    return {
        str(path.relative_to(course)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in course.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def others(tmp_path):
    """Somebody's course, without a line of ours."""
    course = tmp_path / "others"
    (course / "source" / "ps1").mkdir(parents=True)
    nbformat.write(SUMS, course / "source" / "ps1" / "sums.ipynb")
    (course / "nbgrader_config.py").write_text(OTHERS)
    return course


@pytest.mark.long
def test_it_says_what_it_would_add_and_why_a_test_runs_together_and_touches_nothing(others):
    run("nbgrader", "generate_assignment", "ps1", cwd=others)
    before = files_of(others)
    said = run("gradebox", "init", cwd=others).stdout
    assert "from gradebox.execute import Execute" in said
    assert "sum-used: apart it gives 0 points solved and 0 blank, in one namespace 1 and 0" in said.replace("│", "")
    assert [line.split()[1:8:2] for line in said.splitlines() if "│ ps1" in line] == [["ps1", "sums", "1", "1"]]
    assert files_of(others) == before


def test_it_adds_the_lines_once_and_the_course_grades(others):
    run("gradebox", "init", "--write", cwd=others)
    config = (others / "nbgrader_config.py").read_text()
    assert config.startswith(OTHERS.strip())
    assert files_of(others).keys() == {"nbgrader_config.py", "source/ps1/sums.ipynb"}
    again = run("gradebox", "init", "--write", cwd=others).stdout
    assert "plugs gradebox in already" in again
    assert (others / "nbgrader_config.py").read_text() == config

    run("nbgrader", "generate_assignment", "ps1", cwd=others)
    shutil.copytree(others / "source" / "ps1", others / "submitted" / "ada" / "ps1")
    graded = run("nbgrader", "autograde", "ps1", cwd=others).stderr
    assert "tests that run together with the student's code, which could tamper with them: sum-used" in graded
    ours = run("gradebox", "autograde", "ps1", cwd=others).stdout
    assert ours.count("sums: tests that run together") == 2  # when grading starts, and below the table
    assert "│ ada" in run("gradebox", "marks", "ps1", cwd=others).stdout
    log = (others / "autograded" / "ps1.jsonl").read_text()
    assert "together with the student's code: sum-used" in log


def test_a_course_without_a_config_gets_one(others):
    (others / "nbgrader_config.py").unlink()
    run("gradebox", "init", "--write", cwd=others)
    assert (others / "nbgrader_config.py").read_text().startswith("c = get_config()\n")
    assert "plugs gradebox in already" in run("gradebox", "init", cwd=others).stdout


def test_a_folder_without_a_course_is_told(tmp_path):
    done = run("gradebox", "init", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("gradebox init: There is no course here")
    assert len(done.stderr.splitlines()) == 1


def test_what_cannot_be_graded_is_named_and_the_rest_is_rehearsed(others):
    for name, text in (("needs", "import absent_library"), ("kills", "import os\nos._exit(1)")):
        (others / "source" / name).mkdir()
        broken = notebook(locked("setup", "pass"), graded_test("check", text))
        nbformat.write(broken, others / "source" / name / "broken.ipynb")
    unnamed = notebook(graded_test("check", "assert True"))
    del unnamed.cells[0].metadata.nbgrader["grade_id"]
    (others / "source" / "unnamed").mkdir()
    nbformat.write(unnamed, others / "source" / "unnamed" / "broken.ipynb")
    said = run("gradebox", "init", cwd=others).stdout
    assert "cannot be graded: broken imports absent_library, which is not installed here." in said
    assert "cannot be graded: The cell 'check' ended the process it ran in" in said
    assert "cannot be graded: cell 1 of broken is a graded test without a grade_id: give it one." in said
    assert "sum-used" in said
