"""Killed at any moment, on a full disk, before a locked gradebook: started again, it is as if nothing had happened.

`make kill` kills the driver twenty times at random moments; `make test` a few times, and once at every step of writing.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import SCRIPTS, run
from processes import descendants, name_of, parent_of
from small_class import ASSIGNMENT, RIGHT, WRONG, grade, graded_files, hand_in, log, rows

from gradebox.classroom.files import the_only_writer
from gradebox.classroom.workers import LOST, NAME

KILLS = int(os.environ.get("GRADEBOX_KILLS", "1"))
STUDENTS = [f"student-{number}" for number in range(6)]
PATIENCE = 3600  # seconds after which a test gives up; nothing is measured
COMMAND = [str(SCRIPTS / "gradebox"), "autograde", ASSIGNMENT]
# The driver, which ends itself without a word when the given call of a function has done its work, or half of it.
SUICIDE = """
import os, signal, sys
from gradebox.classroom import files, gradebook
from gradebox.app import main

where, when, number = sys.argv[1:4]
owner, name = where.split(".")
owner = getattr(files, owner, None) or getattr(gradebook, owner)
work = getattr(owner, name)
calls = 0

def dying(*arguments, **keywords):
    global calls
    calls += 1
    if calls == int(number) and when == "halfway":  # a torn line
        with open(arguments[0].path, "ab") as log:
            log.write(b'{"student": "stud')
        os.kill(os.getpid(), signal.SIGKILL)
    result = work(*arguments, **keywords)
    if calls == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, name, dying)
sys.argv = ["gradebox", "autograde", *sys.argv[4:]]
main()
"""


@pytest.fixture(scope="module")
def handed_in(plain_course, tmp_path_factory) -> Path:
    """A class that has handed in; some had been graded before and have changed their work since."""
    course = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(plain_course, course)
    for student in STUDENTS[:2]:
        hand_in(course, student, WRONG)
    grade(course)
    for number, student in enumerate(STUDENTS):
        hand_in(course, student, RIGHT if number % 3 else WRONG)
        (course / "submitted" / student / ASSIGNMENT / "notes.txt").write_text(student)
    return course


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory) -> Path:
    """What the class comes to when nothing happens; only looked at."""
    course = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(handed_in, course)
    grade(course)
    return course


@pytest.fixture
def classroom(handed_in, tmp_path) -> Path:
    """The class, to be troubled."""
    shutil.copytree(handed_in, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def temporary(tmp_path) -> Path:
    """A folder for what a grader needs for a while."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def as_if_nothing_had_happened(course: Path, undisturbed: Path) -> None:
    """Everybody is graded exactly once, as without the trouble, and nothing is left lying about."""
    grade(course)
    assert rows(course) == rows(undisturbed)
    assert graded_files(course) == graded_files(undisturbed)
    ours, theirs = log(course), log(undisturbed)
    assert {student: (each["state"], each["marks"]) for student, each in ours.items()} == {
        student: (each["state"], each["marks"]) for student, each in theirs.items()
    }
    kept = [*STUDENTS, f"{ASSIGNMENT}.jsonl", f"{ASSIGNMENT}.tests.jsonl"]
    assert sorted(path.name for path in (course / "autograded").iterdir()) == sorted(kept)
    assert not [path.name for path in course.iterdir() if path.name.startswith("gradebook.db-")]
    assert "graded" not in grade(course).replace("graded after repair", "").split("unchanged")[0]


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that are still there, zombies aside."""
    states = {}
    for pid in pids:
        try:
            states[pid] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
    return {pid for pid, state in states.items() if state not in "ZX"}


def gone(pids: set[int]) -> bool:
    """Whether they are. The kernel takes its time to clear a process away: only what stays is waited for long."""
    for _ in range(2000):
        if not alive(pids):
            return True
        time.sleep(0.05)
    return False


def killed_after(course: Path, seconds: float) -> None:
    """Start the driver, kill it, and see all it started end with it."""
    driver = subprocess.Popen(
        [*COMMAND, "--workers", "2"], cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    family = descendants(driver.pid)
    driver.kill()
    driver.wait()
    assert gone(family), "processes outlived their driver"


def test_a_driver_killed_at_random_moments_loses_nothing(classroom, undisturbed, tmp_path):
    begin = time.monotonic()
    shutil.copytree(classroom, tmp_path / "measured")
    run("gradebox", "autograde", ASSIGNMENT, "--workers", "2", cwd=tmp_path / "measured")
    takes = time.monotonic() - begin
    moments = random.Random(6)
    for _ in range(KILLS):
        killed_after(classroom, moments.uniform(0.3, 1.1) * takes)
    as_if_nothing_had_happened(classroom, undisturbed)


@pytest.mark.long
def test_a_driver_killed_at_every_step_of_writing_loses_nothing(classroom, undisturbed):
    for where, when in (
        ("GradedFiles.stage", "after"),
        ("AssignmentRecords._save", "after"),
        ("AssignmentRecords.save", "after"),
        ("GradedFiles.put_in_place", "after"),
        ("Log.add", "halfway"),
        ("Log.add", "after"),
        ("Log.compact", "after"),
    ):
        died = subprocess.run(
            [sys.executable, "-c", SUICIDE, where, when, "2", ASSIGNMENT, "--workers", "1", "--force"],
            cwd=classroom,
            capture_output=True,
            timeout=PATIENCE,
        )
        assert died.returncode == -signal.SIGKILL, died.stderr
    as_if_nothing_had_happened(classroom, undisturbed)


def test_a_worker_that_is_killed_costs_nobody_anything(classroom, undisturbed, temporary):
    environment = os.environ | {"TMPDIR": str(temporary)}
    driver = subprocess.Popen(
        [*COMMAND, "--workers", "2"], cwd=classroom, env=environment, stdout=subprocess.PIPE, text=True
    )
    for line in driver.stdout:
        if line.startswith("Grading"):
            break
    workers = [pid for pid in descendants(driver.pid) if name_of(pid) == NAME]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert len(workers) == 2
    driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0
    assert {record["state"] for record in log(classroom).values()} == {"graded"}
    assert not list(temporary.iterdir())
    as_if_nothing_had_happened(classroom, undisturbed)


def test_when_no_more_workers_can_be_had_the_run_ends_and_says_so(classroom, undisturbed):
    with subprocess.Popen(
        [*COMMAND, "--workers", "2"], cwd=classroom, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as driver:
        next(line for line in driver.stdout if line.startswith("Grading"))
        worker = next(pid for pid in descendants(driver.pid) if name_of(pid) == NAME)
        os.kill(parent_of(worker), signal.SIGKILL)
        _, told = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, told) == (1, f"{LOST}\n")
    as_if_nothing_had_happened(classroom, undisturbed)


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_an_interrupted_grader_leaves_nothing_running_and_nothing_behind(classroom, undisturbed, temporary, lines):
    """Before the instructor's notebooks, with these, and with the first submission."""
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*COMMAND, "--workers", "2"], cwd=classroom, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as driver:
        for _ in range(lines):
            driver.stdout.readline()
        while not (family := descendants(driver.pid)):
            time.sleep(0.01)
        driver.send_signal(signal.SIGINT)
        _, told = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, told.decode()) == (130, "gradebox autograde: stopped; run it again to go on.\n")
    assert gone(family)
    assert not list(temporary.iterdir())
    as_if_nothing_had_happened(classroom, undisturbed)


def test_a_second_grader_waits_its_turn(classroom):
    with the_only_writer(classroom):
        second = run("gradebox", "autograde", ASSIGNMENT, "--workers", "1", cwd=classroom, check=False)
    assert second.returncode != 0 and "Another grader is at work" in second.stderr


def test_a_full_disk_stops_the_run_and_loses_nothing(classroom, undisturbed, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in classroom.rglob("*") if path.is_file())
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size // 1024 + 700}k", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        course = disk / "course"
        shutil.copytree(classroom, course)
        filler = disk / "filler"
        with filler.open("wb") as stream:
            room = shutil.disk_usage(disk).free - 100 * 1024
            stream.write(b"x" * max(0, room))
        full = run("gradebox", "autograde", ASSIGNMENT, "--workers", "1", cwd=course, check=False)
        assert full.returncode != 0
        (line,) = full.stderr.strip().splitlines()
        assert "run this again" in line and ("No space left" in line or "full" in line)
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        as_if_nothing_had_happened(course, undisturbed)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.long
def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(classroom, undisturbed):
    other = sqlite3.connect(classroom / "gradebook.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    release = threading.Timer(20, lambda: other.execute("commit"))
    release.start()
    try:
        said = grade(classroom)
    finally:
        release.join()
        other.close()
    assert "locked by another program" in said
    as_if_nothing_had_happened(classroom, undisturbed)


@pytest.mark.long
def test_a_gradebook_that_stays_locked_ends_in_one_line(classroom, undisturbed):
    other = sqlite3.connect(classroom / "gradebook.db", isolation_level=None)
    other.execute("begin immediate")
    impatient = (
        "import gradebox.classroom.gradebook as g, sys; g.LOCKED_SECONDS = 0; from gradebox.app import main; main()"
    )
    refused = subprocess.run(
        [sys.executable, "-c", impatient, "autograde", ASSIGNMENT, "--workers", "1"],
        cwd=classroom,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    other.close()
    assert refused.returncode != 0
    (line,) = refused.stderr.strip().splitlines()
    assert "database is locked" in line and "run this again" in line
    as_if_nothing_had_happened(classroom, undisturbed)


@pytest.mark.long
def test_a_dask_worker_that_is_killed_costs_nobody_anything(classroom, undisturbed):
    """Dask starts another and does the job again; the student's work is graded once."""
    driver = subprocess.Popen(
        [*COMMAND, "--workers", "2", "--dask", "local"], cwd=classroom, stdout=subprocess.PIPE, text=True
    )
    for line in driver.stdout:
        if line.startswith("Grading"):
            break
    workers = [pid for pid in descendants(driver.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(max(workers), signal.SIGKILL)
    family = descendants(driver.pid)
    driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0
    assert gone(family), "processes outlived their driver"
    as_if_nothing_had_happened(classroom, undisturbed)


@pytest.mark.long
def test_a_driver_with_a_dask_cluster_takes_it_along_when_it_is_killed(classroom, undisturbed):
    driver = subprocess.Popen(
        [*COMMAND, "--workers", "1", "--dask", "local"], cwd=classroom, stdout=subprocess.PIPE, text=True
    )
    for line in driver.stdout:
        if line.startswith("Grading"):
            break
    family = descendants(driver.pid)
    driver.kill()
    driver.communicate()
    assert gone(family), "processes outlived their driver"
    as_if_nothing_had_happened(classroom, undisturbed)
