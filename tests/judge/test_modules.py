"""Modules of the course that hidden tests import: found in its folder, and imported from what was carried along."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import graded_test, locked, notebook, solution
from sample_class import COURSE, source

from gradebox.judge.errors import AuthorError
from gradebox.judge.modules import CourseModules, course_modules, imported
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox import Sandbox

EXERCISE = notebook(
    locked("imports", "import numpy as np"),
    solution("double", "def double(x):\n    return 2 * x"),
    graded_test("double-values", "from answers import doubled\nassert double(3) == doubled(3)"),
)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


TWO = {
    "answers.py": "import numpy\nfrom oracles.plain import twice as doubled",
    "oracles/plain.py": "def twice(x):\n    return 2 * x",
}


def test_the_course_brings_its_mistakes_with_the_notebook():
    found = course_modules(COURSE, source("nbs10/10_3_2D_Convolution"))
    assert found["mistakes/convolution.py"] == (COURSE / "mistakes" / "convolution.py").read_bytes()
    assert not any("gradebox" in name or "torch" in name or name.endswith(".pyc") for name in found)


def test_what_the_modules_import_comes_too_and_nothing_else(tmp_path):
    write(tmp_path, TWO | {"bystander.py": "secret = 1"})
    assert course_modules(tmp_path, EXERCISE).keys() == {"answers.py", "oracles/plain.py"}


@pytest.mark.parametrize(
    "text, names",
    [
        ("import a.b, c as d  # why", ["a.b", "c"]),
        ("%matplotlib inline\nfrom a.b import (\n    c,\n)\nassert x ==", ["a.b"]),
        ("    from a import b", ["a"]),
        ("important = 1\nfromage = 'import x'", []),
    ],
)
def test_imports_are_found_in_any_text(text, names):
    assert imported(text) == names


def test_the_judge_imports_them_without_a_file(tmp_path):
    write(tmp_path, TWO)
    judge = WarmJudge(Sandbox(preload=["numpy"]).settings(), course_modules(tmp_path, EXERCISE))
    try:
        assert judge.grade(EXERCISE, EXERCISE).marks == {"double-values": 1}
    finally:
        judge.close()


def test_a_module_of_a_course_takes_no_librarys_place():
    code = (
        "from gradebox.judge.modules import CourseModules\n"
        "CourseModules({'json.py': b'mine = 1', 'helpers/__init__.py': b'', 'helpers/data.txt': b'seven'}).install()\n"
        "import json, pkgutil, helpers\n"
        "print(hasattr(json, 'mine'), pkgutil.get_data('helpers', 'data.txt').decode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "seven"]


def test_a_module_that_is_not_there_is_not_found():
    with pytest.raises(FileNotFoundError):
        CourseModules({}).get_data("nowhere.py")


def test_a_module_that_breaks_when_it_is_imported_is_the_tests_failure_and_not_the_judges(tmp_path):
    write(tmp_path, {"answers.py": "raise RuntimeError('not today')"})
    judge = WarmJudge(Sandbox(preload=["numpy"]).settings(), course_modules(tmp_path, EXERCISE))
    try:
        with pytest.raises(AuthorError, match=r"double-values.*not today"):
            judge.rehearse(EXERCISE)
    finally:
        judge.close()
