"""Temporary courses, one with gradebox plugged in and one without, and nbgrader's own command in them."""

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
from processes import descendants
from sample_class import COURSE, SAMPLES, build

SCRIPTS = Path(sys.executable).parent
SAMPLE_SECONDS = 0.05
SELDOM_SECONDS = 1.0  # where speed is measured, too: to look at all those pages takes a processor's time
UNPLUGGED = """
c.Autograde.autograde_preprocessors = Autograde.class_traits()["autograde_preprocessors"].default()
"""


def make_courses(folder: Path) -> dict[str, Path]:
    """Two courses below a folder, released, with the sample class in submitted/: stock and gradebox."""
    ours, stock = folder / "gradebox", folder / "stock"
    for part in ("source", "mistakes"):
        shutil.copytree(COURSE / part, ours / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", ours)
    run([str(SCRIPTS / "gradebox"), "release"], ours)
    for sample in SAMPLES:
        for path, notebook in build(sample).items():
            target = ours / "submitted" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)
    shutil.copytree(ours, stock)
    with open(stock / "nbgrader_config.py", "a") as config:
        config.write(UNPLUGGED)
    return {"stock": stock, "gradebox": ours}


def run(command: list[str], folder: Path) -> None:
    """Run a command in a course. Raises RuntimeError with what it said if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} in {folder}:\n{done.stdout}\n{done.stderr}")


def autograde_command(assignment: str, *options: str) -> list[str]:
    return [str(SCRIPTS / "nbgrader"), "autograde", assignment, "--force", *options]


def autograde_seconds(course: Path, assignment: str) -> float:
    """Seconds on the clock for ``nbgrader autograde``, from its start to its end."""
    begin = time.perf_counter()
    run(autograde_command(assignment), course)
    return time.perf_counter() - begin


def autograde_peak(course: Path, assignment: str, student: str) -> "Peak":
    """The most memory that ``nbgrader autograde`` holds while it grades one student."""
    command = autograde_command(assignment, "--student", student)
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = Peak(process.pid)
    if process.wait() != 0:
        raise RuntimeError(f"{' '.join(command)} in {course} failed")
    peak.stop()
    return peak


class Peak(threading.Thread):
    """Watches a process and all below it: the most memory they had together, shared pages counted once."""

    def __init__(self, pid: int, every: float = SAMPLE_SECONDS):
        super().__init__(daemon=True)
        self.pid, self.every = pid, every
        self.memory = self.processes = 0  # bytes (PSS), and how many
        self.unreadable = False  # a process hid its memory from us, so the peak is a lower bound
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(self.every):
            family = descendants(self.pid) | {self.pid}
            self.processes = max(self.processes, len(family))
            self.memory = max(self.memory, sum(map(self.pss, family)))

    def pss(self, pid: int) -> int:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except PermissionError:
            self.unreadable = True
            return 0
        except OSError:  # gone since
            return 0
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)

    def stop(self) -> None:
        self.over.set()
        self.join()
