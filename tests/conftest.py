"""Fixtures: course folders to work in, so that no test writes into the repository.

    lms/         in and out of the course: made-up downloads of every LMS
    overview/ classroom/ feedback/ course/ exercises/ judge/ sandbox/   what each room of gradebox promises
    app/         the command line, ours and nbgrader's
    notebooks/   the course itself: its notebooks, mistakes, sample class and pages
    browser/     whatever opens chromium
    peers/       courses as others write them: every mark is stock nbgrader's
    slow/        what `make test` takes a sample of, and `make test-long`, `make kill` and `make mutants` the whole
    test_house.py   how gradebox is built

The other modules here are what tests share; no test imports another.
"""

import fcntl
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import feedback_class
import nbformat
import pytest
import warm_commands
from chromium import CHROMIUM, FLAGS
from hypothesis import HealthCheck, settings
from nbformat.v4 import new_code_cell, new_notebook
from sample_class import COURSE, IMPORT_TORCH, without_pictures

from gradebox.exercises import diagnosing

# A busy machine is no mistake: what hypothesis finds does not depend on how long it took.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# What tests start can be interrupted, also where they run in the background, which ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

SCRIPTS = Path(sys.executable).parent
WARM = ("gradebox", "nbgrader")
TORCH = ["torch"] if find_spec("torch") else []  # for lists of modules to preload


def pytest_collection_modifyitems(items) -> None:
    """Leave out what needs torch, where it is not installed ("make TORCH=no")."""
    for item in items if not TORCH else ():
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if item.get_closest_marker("torch") or any(isinstance(each, str) and each in IMPORT_TORCH for each in values):
            item.add_marker(pytest.mark.skip(reason="needs torch, which is not installed"))


def pytest_terminal_summary(terminalreporter) -> None:
    if not TORCH:
        terminalreporter.write_line("torch is not installed: the tests that need it were left out.")


def run(command: str, *arguments: str, cwd: Path, check: bool = True, **options) -> subprocess.CompletedProcess:
    """Run one of the environment's programs in a course folder; anew if there are options of ``subprocess.run``."""
    if command in WARM and not options:
        result = warm_commands.run(command, arguments, cwd)
    else:
        options = {"timeout": warm_commands.SECONDS, **options}
        result = subprocess.run(
            [str(SCRIPTS / command), *arguments], cwd=cwd, capture_output=True, text=True, **options
        )
    assert not check or result.returncode == 0, f"{command} {' '.join(arguments)}:\n{result.stdout}\n{result.stderr}"
    return result


def with_long(values, *long) -> list:
    """Parameters for a test that takes too long for `make test` with some of them."""
    return [pytest.param(value, marks=pytest.mark.long) if value in long else value for value in values]


def made_once(name: str, make: Callable[[Path], None], tmp_path_factory) -> Path:
    """A folder that the first of several test processes makes for all of them; only to be read."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder, unfinished = shared / name, shared / f"{name}.unfinished"
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """Hints are looked up without a look at the clock, however busy the machine is."""
    monkeypatch.setattr(diagnosing, "MOST_SECONDS", float("inf"))
    monkeypatch.setattr(diagnosing, "SLOW", float("inf"))


@pytest.fixture(scope="session")
def released_course(tmp_path_factory) -> Path:
    """A copy of the course with release/ and gradebook built from its source/, for tests that only read it."""

    def release(course: Path) -> None:
        for folder in ("source", "mistakes"):
            shutil.copytree(COURSE / folder, course / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(COURSE / "nbgrader_config.py", course)
        run("gradebox", "release", cwd=course)

    return made_once("released", release, tmp_path_factory)


@pytest.fixture(scope="session")
def plain_course(released_course: Path, tmp_path_factory) -> Path:
    """The same less the cells that only draw, which take most of the time: for tests that only read it, too."""

    def release(course: Path) -> None:
        for folder in ("source", "mistakes"):
            shutil.copytree(released_course / folder, course / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(released_course / "nbgrader_config.py", course)
        for path in (course / "source").glob("*/*.ipynb"):
            nbformat.write(without_pictures(nbformat.read(path, as_version=4)), path)
        run("gradebox", "release", cwd=course)

    return made_once("plain", release, tmp_path_factory)


@pytest.fixture
def course(plain_course: Path, tmp_path: Path) -> Path:
    """A course of one's own: released, nobody has handed in anything, no notebook draws. See `whole_course`."""
    folder = tmp_path / "course"
    shutil.copytree(plain_course, folder)
    return folder


@pytest.fixture
def damaged_course(course: Path) -> Iterator[Path]:
    """A course of one's own for what damaged_folders.py holds, some of it too deep for Python to remove it."""
    yield course
    subprocess.run(["rm", "-rf", course / "submitted"], check=True)


@pytest.fixture
def whole_course(released_course: Path, tmp_path: Path) -> Path:
    """A course of one's own whose notebooks are those of the repository."""
    folder = tmp_path / "course"
    shutil.copytree(released_course, folder)
    return folder


@pytest.fixture(scope="session")
def graded(released_course: Path, tmp_path_factory) -> Path:
    """A course with the class of feedback_class.py, graded, with its feedback pages; only to be read."""

    def grade(course: Path) -> None:
        shutil.copytree(released_course, course, dirs_exist_ok=True)
        feedback_class.hand_in(course)
        run("gradebox", "autograde", "nbs12", cwd=course)
        run("gradebox", "feedback", "nbs12", cwd=course)

    return made_once("feedback", grade, tmp_path_factory)


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sites(tmp_path_factory) -> Callable[..., Path]:
    """Gives the static site of the notebooks that are named, or of all; each is made once, and only to be read."""

    def site(*only: str) -> Path:
        def make(folder: Path) -> None:
            run("python", "docs/pages/build.py", "--into", str(folder / "site"), *only, cwd=COURSE)

        return (
            made_once("-".join(["site", *(name.replace("/", "-") for name in only)]), make, tmp_path_factory) / "site"
        )

    return site


@pytest.fixture(scope="session")
def released_small(tmp_path_factory) -> Path:
    """The course of lms_class.py, released; only to be read."""
    import lms_class  # which takes cells from here

    def release(course: Path) -> None:
        lms_class.make_course(course)
        run("gradebox", "release", cwd=course)

    return made_once("released-small", release, tmp_path_factory)


@pytest.fixture
def small(released_small: Path, tmp_path: Path) -> Path:
    """That course as one's own. Nobody has handed in anything, and a roster of the class lies in it."""
    import lms_class

    folder = tmp_path / "small"
    shutil.copytree(released_small, folder)
    (folder / "students.csv").write_text(lms_class.roster())
    return folder


@pytest.fixture(scope="session")
def graded_small(released_small: Path, tmp_path_factory) -> Path:
    """That course with a class that handed in, graded, with feedback pages; only to be read."""
    import lms_class

    def grade(course: Path) -> None:
        shutil.copytree(released_small, course, dirs_exist_ok=True)
        for student in lms_class.CLASS:
            place = course / "submitted" / student.id / "hw1"
            lms_class.laid_out({"hw1.ipynb": lms_class.work(course, lms_class.KINDS[student.id])}, place)
        run("gradebox", "autograde", "hw1", cwd=course)
        run("gradebox", "feedback", "hw1", cwd=course)

    return made_once("graded-small", grade, tmp_path_factory)


@pytest.fixture(scope="session")
def regraded_small(released_small: Path, tmp_path_factory) -> Path:
    """That course with the class of regraded_class.py, graded; only to be read."""
    import regraded_class

    def grade(course: Path) -> None:
        shutil.copytree(released_small, course, dirs_exist_ok=True)
        regraded_class.make_class(course)

    return made_once("regraded-small", grade, tmp_path_factory)


@pytest.fixture(scope="session")
def made_up(tmp_path_factory) -> Callable[[int], tuple[Path, object]]:
    """Gives a course with the class of made_up_class.py, of so many students, and what was put in; only to be read."""
    import made_up_class

    def made_up(students: int) -> tuple[Path, object]:
        def make(folder: Path) -> None:
            (folder / "made").write_bytes(pickle.dumps(made_up_class.make(folder / "course", students)))

        folder = made_once(f"made-up-{students}", make, tmp_path_factory)
        return folder / "course", pickle.loads((folder / "made").read_bytes())

    return made_up


# --- notebooks for tests of the engine ------------------------------------------------------------------------------


def _cell(name: str, text: str, **flags):
    about = {"grade": False, "grade_id": name, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return new_code_cell(text, id=name, metadata={"nbgrader": about | flags})


def locked(name: str, text: str):
    return _cell(name, text)


def solution(name: str, text: str):
    return _cell(name, text, solution=True, locked=False)


def graded_test(name: str, text: str, points: float = 1):
    return _cell(name, text, grade=True, points=points)


def code(text: str):
    return new_code_cell(text)


def notebook(*cells):
    return new_notebook(cells=list(cells))
