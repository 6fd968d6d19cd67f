"""Every attack of tests/judge/attacks, handed in to stock nbgrader and to gradebox: what it earns for no answer.

Stock nbgrader runs a submission with all rights of whoever grades. Here it does so inside bubblewrap: it sees
the system and the libraries, read-only, and a copy of the course; there is no network. What would exhaust the
machine is not run.
"""

import importlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace

from attack_notebooks import ATTACKS, TARGET, attack_notebook, by_exercise
from courses import Peak, autograde_command
from nbgrader.api import Gradebook
from sample_class import ATTENTION, COURSE, points, solutions, source
from sqlalchemy.exc import SQLAlchemyError

from gradebox.course import read_marks
from gradebox.judge import JudgeError, WarmJudge, course_modules
from gradebox.sandbox.walls import PACKAGE, SYSTEM_FOLDERS, Sandbox

STUDENT = "attacker"
CELL_SECONDS = 20
WALL_SECONDS = 120
ADDRESS_KIB = 6 * 2**20
TMP_BYTES = 2**30
MOST_MEMORY = 6 * 2**30
MOST_PROCESSES = 150
# Attacks on the machine itself, by what their names say; a module can also say EXHAUSTS = True.
EXHAUSTING = {"bomb", "disk", "disks", "exhaust", "fill", "fork", "memory"}
HARMLESS = {"read_memory"}
NOT_RUN = "not run: takes the machine down"
GRADER_DOWN = "grader down"
HONEST = "(none: the right answer)"  # shows that both graders work where they are
SUBMITTED = (HONEST, *ATTACKS)


def possible() -> float:
    return points(ATTENTION)[TARGET]


def both_attacked(course: Path) -> Iterator[tuple[str, str, str]]:
    """Name of an attack, what it earns from stock nbgrader, what from gradebox.

    Nothing is timed here, so stock nbgrader's are run side by side.
    """
    judges: dict[str, WarmJudge] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            stock_points = pool.map(on_stock, SUBMITTED, repeat(course))
            for name, stock in zip(SUBMITTED, stock_points, strict=True):
                yield name, stock, on_gradebox(name, judges)
        finally:
            pool.shutdown(cancel_futures=True)
            for judge in judges.values():
                judge.close()


def on_gradebox(name: str, judges: dict[str, WarmJudge]) -> str:
    """Points the attack earns from gradebox. ``judges`` keeps those that are warm, by their limits."""
    attack = load(name)
    settings = Sandbox(**getattr(attack, "LIMITS", {})).settings()
    judge = judges.get(repr(settings))
    if judge is None or judge.process.poll() is not None:
        judge = judges[repr(settings)] = WarmJudge(settings, course_modules(COURSE, source(ATTENTION)))
    try:
        return f"{by_exercise(judge.grade(attack_notebook(attack), source(ATTENTION)).marks)[TARGET]:g}"
    except JudgeError:
        return GRADER_DOWN


def on_stock(name: str, course: Path) -> str:
    """Points the attack earns from stock nbgrader, or what it does to it."""
    attack = load(name)
    words = set(name.split("_"))
    if getattr(attack, "EXHAUSTS", False) or (words & EXHAUSTING and name not in HARMLESS):
        return NOT_RUN
    outcome = graded_by_stock(attack, course)
    # Twice, so that it was no accident.
    return graded_by_stock(attack, course) if outcome == GRADER_DOWN else outcome


def load(name: str):
    """The attack's module; for none at all, one with the instructor's solution."""
    if name == HONEST:
        return SimpleNamespace(SOLUTION=solutions(ATTENTION)[TARGET])
    return importlib.import_module(f"judge.attacks.{name}")


def graded_by_stock(attack, course: Path) -> str:
    """Hand an attack in to stock nbgrader, in a copy of the course."""
    assignment, _, notebook = ATTENTION.partition("/")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "course")
        shutil.copytree(course, copy)
        target = copy / "submitted" / STUDENT / assignment / f"{notebook}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(attack_notebook(attack)))  # escapes what nbformat cannot write
        command = autograde_command(assignment, "--student", STUDENT, f"--Execute.timeout={CELL_SECONDS}")
        return trouble(contained(command, copy)) or earned(copy, assignment, notebook)


def contained(command: list[str], course: Path) -> list[str]:
    """The command behind walls: reads the system, writes to its course and a small /tmp, reaches nobody."""
    walls = ["--proc", "/proc", "--dev", "/dev", "--cap-drop", "ALL"]
    for folder in (*SYSTEM_FOLDERS, "/etc", sys.base_prefix, sys.prefix, str(PACKAGE)):  # hidden tests import gradebox
        walls += ["--ro-bind-try", folder, folder]
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        walls += ["--size", str(TMP_BYTES), "--tmpfs", folder]
    walls += ["--bind", str(course), "/tmp/course", "--chdir", "/tmp/course", "--setenv", "HOME", "/tmp"]
    walls += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent", "--new-session"]
    limited = ["sh", "-c", 'ulimit -v "$0"; ulimit -n 4096; exec "$@"', str(ADDRESS_KIB), *command]
    return [Sandbox().find_bwrap(), *walls, "--", *limited]


def trouble(command: list[str]) -> str:
    """Run a contained command. Returns why it did not come to a good end; empty if it did."""
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    peak = Peak(process.pid)
    deadline = time.monotonic() + WALL_SECONDS
    try:
        while process.poll() is None:
            if time.monotonic() > deadline:
                return "timeout"
            if peak.memory > MOST_MEMORY or peak.processes > MOST_PROCESSES:
                return "takes the machine down"
            time.sleep(0.05)
    finally:
        peak.stop()
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)  # everything inside goes with it
        process.wait()
    return GRADER_DOWN if process.returncode else ""


def earned(course: Path, assignment: str, notebook: str) -> str:
    """Points in the gradebook, whoever put them there."""
    try:
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            marks = read_marks(gradebook, assignment)
        return f"{marks[notebook][STUDENT][TARGET].points:g}" if STUDENT in marks[notebook] else "no marks"
    except (SQLAlchemyError, sqlite3.Error):
        return "gradebook destroyed"
