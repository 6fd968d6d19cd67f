"""What `gradebox autograde` takes before the first mark: for one changed submission of 12.2, and for nothing to do.

Another version, taken from this repository's history, is timed turn by turn with this one.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import nbformat
from sample_class import COURSE, MULTIHEAD, solutions, submission

ASSIGNMENT = MULTIHEAD.split("/")[0]
TURNS = 5


@dataclass(frozen=True)
class Version:
    """A version of the engine, and a course of its own that was graded with it."""

    code: Path
    course: Path

    def gradebox(self, *arguments: str) -> float:
        """Seconds that a command takes."""
        command = [sys.executable, "-P", "-c", "from gradebox.app import main; main()", *arguments]
        environment = os.environ | {"PYTHONPATH": str(self.code), "XDG_CACHE_HOME": str(self.course.parent / "cache")}
        begin = time.perf_counter()
        done = subprocess.run(command, cwd=self.course, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"gradebox {' '.join(arguments)} in {self.course}:\n{done.stdout}\n{done.stderr}")
        return time.perf_counter() - begin


def startup_seconds(folder: Path, before: str) -> dict[str, dict[str, float]]:
    """Median seconds by version and what there is to do. Without ``before``, or that version here, of this one only."""
    versions = {"now": made(COURSE, folder / "now")}
    if before and (code := checked_out(before, folder / "before")):
        versions = {before: made(code, folder / "before")} | versions
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in versions}
    for turn in range(TURNS):
        for name, version in versions.items():
            hand_in(version.course, turn + 1)
            seconds[name].setdefault("one submission of 12.2", []).append(version.gradebox("autograde", ASSIGNMENT))
            seconds[name].setdefault("nothing to do", []).append(version.gradebox("autograde", ASSIGNMENT))
    return {name: {what: median(found) for what, found in done.items()} for name, done in seconds.items()}


def made(code: Path, folder: Path) -> Version:
    version = Version(code, folder / "course")
    for part in ("source", "mistakes"):
        shutil.copytree(code / part, version.course / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(code / "nbgrader_config.py", version.course)
    version.gradebox("release", ASSIGNMENT)
    hand_in(version.course, 0)
    version.gradebox("autograde", ASSIGNMENT)
    return version


def hand_in(course: Path, turn: int) -> None:
    """One student's 12.2, different every time."""
    notebook = submission(MULTIHEAD, solutions(MULTIHEAD))
    notebook.cells[-1].source += f"\n# {turn}"
    target = course / "submitted" / "ada" / f"{MULTIHEAD}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def checked_out(version: str, folder: Path) -> Path | None:
    """The files of an earlier version; None where the history does not reach back to it."""
    code = folder / "code"
    code.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", version], cwd=COURSE, capture_output=True)
    if archive.returncode != 0:
        return None
    subprocess.run(["tar", "-x"], cwd=code, input=archive.stdout, check=True)
    return code
