"""An autograder for Gradescope: run in a folder that is laid out as there, with results in the form that it reads."""

import html
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
from lms_class import KINDS, gradebox, work
from nbgrader.coursedir import CourseDirectory

from gradebox.course import CourseError
from gradebox.lms.on_gradescope import results

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
SCHEMA = {  # of gradescope-autograders.readthedocs.io, "Output format"
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["score", "max_score", "name"],
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
        "leaderboard": {"type": "array"},
    },
}


def laid_out_as_there(small: Path, root: Path, *arguments: str) -> Path:
    """/autograder, as setup.sh leaves it; but the libraries are those that are here."""
    assert gradebox(small, "gradescope", "hw1", "--output=autograder.zip", *arguments).status == 0
    with zipfile.ZipFile(small / "autograder.zip") as archive:
        archive.extractall(root / "source")
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["run_autograder"] & 0o111 and modes["setup.sh"] & 0o111
    assert subprocess.run(["bash", "-n", root / "source" / "setup.sh"]).returncode == 0
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "run_autograder").chmod(0o755)
    for folder in ("submission", "results"):
        (root / folder).mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "venv"], check=True)
    (libraries,) = (root / "venv" / "lib").glob("python*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (libraries / "gradebox.pth").write_text(f"{root / 'source' / 'engine'}\n{here}\n")
    return root


def run_there(root: Path) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([root / "run_autograder"], cwd=root, env=clean, capture_output=True, text=True)


def test_a_submission_is_graded_there_as_in_the_course(small, tmp_path):
    root = laid_out_as_there(small, tmp_path / "autograder")
    (root / "submission" / "my work").mkdir()
    (root / "submission" / "my work" / "Kopie von hw1.ipynb").write_bytes(work(small, "waits"))

    done = run_there(root)

    assert done.returncode == 0, done.stderr
    found = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(found, SCHEMA)
    assert found["score"] == 3 and found["extra_data"] == {"sandbox": True}
    assert [(test["name"], test["score"], test["max_score"], test.get("status")) for test in found["tests"]] == [
        ("double-check", 1, 1, "passed"),
        ("double-values", 2, 2, "passed"),
        ("why", 0, 1, None),
    ]
    assert found["tests"][2]["output"] == "Waits for a grade by hand."


@pytest.mark.long
def test_where_no_sandbox_can_be_had_there_are_no_results_and_a_reason(small, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    with open(small / "nbgrader_config.py", "a") as config:
        config.write(f"c.Sandbox.bwrap = '{broken}'\n")
    root = laid_out_as_there(small, tmp_path / "autograder")
    (root / "submission" / "hw1.ipynb").write_bytes(work(small))

    done = run_there(root)

    assert done.returncode != 0
    assert "not graded" in done.stderr and "--no-sandbox" in done.stderr
    assert list((root / "results").iterdir()) == []


def test_what_is_no_notebook_of_the_assignment_earns_nothing_and_says_why(small, tmp_path):
    root = laid_out_as_there(small, tmp_path / "autograder")
    (root / "submission" / "essay.pdf").write_bytes(b"%PDF-1.4")
    (root / "submission" / "hw2.ipynb").write_bytes(work(small, "wrong", "hw2"))

    assert run_there(root).returncode == 0

    found = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(found, SCHEMA)
    assert found["score"] == 0 and "No notebook of this assignment (hw1)" in found["output"]
    assert "hw2.ipynb" in found["output"]


def test_the_zip_holds_the_assignment_and_no_students_work_or_marks(small):
    (small / "submitted" / "ada" / "hw1").mkdir(parents=True)
    (small / "submitted" / "ada" / "hw1" / "hw1.ipynb").write_bytes(work(small))
    gradebox(small, "gradescope", "hw1", "--output=autograder.zip", "--no-sandbox")
    with zipfile.ZipFile(small / "autograder.zip") as archive:
        names = archive.namelist()
        assert b"--no-sandbox" in archive.read("run_autograder")
        needed = archive.read("requirements.txt").decode()
    assert {name.split("/")[1] for name in names if name.startswith("course/")} == {
        *("nbgrader_config.py", "source", "release", "gradebook.db")
    }
    assert not [name for name in names if "hw2" in name or "submitted/" in name or "ada" in name.split("/")]
    assert "nbgrader==" in needed and "gradebox" not in needed


def test_results_say_what_the_feedback_page_says(graded_small):
    student = next(student for student, kind in KINDS.items() if kind == "wrong")
    course = CourseDirectory(root=str(graded_small), db_url=f"sqlite:///{graded_small}/gradebook.db")
    log = {"reason": "", "fingerprint": "x", "repairs": {"hw1": ["A cell was put back."]}}

    found = results(course, "hw1", log, student)

    jsonschema.validate(found, SCHEMA)
    assert found["score"] == 0 and found["output"] == "hw1: A cell was put back."
    assert [test["status"] for test in found["tests"]] == ["failed"] * 3
    page = (graded_small / "feedback" / student / "hw1" / "hw1.html").read_text()
    said = [test["output"] for test in found["tests"] if test["output"]]
    assert len(said) == 2 and all(html.escape(each, quote=False) in html.unescape(page) for each in said)


def test_a_failure_of_ours_is_no_mark(graded_small):
    course = CourseDirectory(root=str(graded_small), db_url=f"sqlite:///{graded_small}/gradebook.db")
    with pytest.raises(CourseError, match="the grader's fault"):
        results(course, "hw1", {"reason": "the grader's fault", "fingerprint": ""})
    refused = results(course, "hw1", {"reason": "is empty", "fingerprint": "x"})
    jsonschema.validate(refused, SCHEMA)
    assert refused["score"] == 0 and "is empty" in refused["output"]
