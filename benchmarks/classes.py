"""A class graded as a whole: stock nbgrader, gradebox with one and two workers, and a local Dask cluster.

Every grader gets its own copy of the same course: the sample class's nbs12 over and over, under as many ids as asked
for. What it costs to start (interpreters, libraries, the instructor's notebooks first) is in the times, as an
instructor would wait for it; the cost per part comes from the log that gradebox writes.
"""

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import mean

from courses import SCRIPTS, SELDOM_SECONDS, Peak
from sample_class import SAMPLES

ASSIGNMENT = "nbs12"
PARTS = ("student", "judge", "worker", "gradebook", "files")
GRADERS = {
    "stock nbgrader": ["nbgrader", "autograde", ASSIGNMENT],
    "gradebox, 1 worker": ["gradebox", "autograde", ASSIGNMENT, "--workers", "1"],
    "gradebox, 2 workers": ["gradebox", "autograde", ASSIGNMENT, "--workers", "2"],
    "gradebox, Dask local, 2": ["gradebox", "autograde", ASSIGNMENT, "--workers", "2", "--dask", "local"],
}


@dataclass(frozen=True)
class Run:
    """One grader's run over one class."""

    submissions: int
    seconds: float  # on the clock, from the command's start to its end
    steady: float  # submissions per second once the workers were warm; 0 where there is no log
    memory: int  # bytes, peak of the whole tree, shared pages counted once
    cpu: dict[str, float]  # seconds per submission by part

    @property
    def rate(self) -> float:
        return self.submissions / self.seconds


def make_class(course: Path, folder: Path, size: int) -> Path:
    """A copy of a course in which ``size`` students have handed in."""
    copy = folder / f"class-of-{size}"
    shutil.copytree(course, copy, ignore=shutil.ignore_patterns("submitted", "autograded"))
    handed_in = [sample.student for sample in SAMPLES if any(name.startswith(ASSIGNMENT) for name in sample.notebooks)]
    for number, sample in enumerate(islice(cycle(handed_in), size)):
        place = copy / "submitted" / f"{sample}-{number:05}"
        shutil.copytree(course / "submitted" / sample / ASSIGNMENT, place / ASSIGNMENT)
    return copy


def grade_class(course: Path, grader: str) -> Run:
    """Let a grader loose on a fresh class. Raises RuntimeError with what it said if it fails."""
    size = len(list((course / "submitted").iterdir()))
    command = [str(SCRIPTS / GRADERS[grader][0]), *GRADERS[grader][1:]]
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = Peak(process.pid, SELDOM_SECONDS)
    said, _ = process.communicate()
    seconds = time.perf_counter() - begin
    peak.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} in {course}:\n{said}")
    log = course / "autograded" / f"{ASSIGNMENT}.jsonl"
    if not log.exists():
        return Run(size, seconds, 0.0, peak.memory, {})
    records = [json.loads(line) for line in log.read_text().splitlines()]
    if any(record["state"] != "graded" for record in records):
        raise RuntimeError(f"not everybody in {course} was graded:\n{said}")
    cpu = {part: mean(record["cpu"][part] for record in records) for part in PARTS}
    return Run(size, seconds, float(said.split("per second")[1].split("│")[-2]), peak.memory, cpu)
