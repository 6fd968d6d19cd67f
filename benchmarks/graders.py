"""What is compared: two nbgrader preprocessors that run one submitted notebook, and the same cells bare."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import Execute as StockExecute
from nbgrader.utils import determine_grade, is_grade, is_locked, is_solution
from sample_class import COURSE, NOTEBOOKS, SAMPLES, build, source
from traitlets.config import Config, PyFileConfigLoader

from gradebox.judge import Execute as GradeboxExecute

GRADEBOOK = f"sqlite:///{COURSE}/gradebook.db"


def course_config() -> Config:
    """The course's own nbgrader_config.py, for a program that runs anywhere."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(COURSE)).load_config()
    config.CourseDirectory.root = str(COURSE)
    return config


def submissions(notebook: str, number: int) -> Iterator[tuple[str, NotebookNode]]:
    """Student and submitted notebook, the sample class over and over until there are enough."""
    path = Path(f"{notebook}.ipynb")
    class_ = [
        (sample.student, ready(build(sample)[sample.student / path], source(notebook)))
        for sample in SAMPLES
        if notebook in sample.notebooks
    ]
    for student, submitted in islice(cycle(class_), number):
        yield student, from_dict(submitted)


def ready(submitted: NotebookNode, original: NotebookNode) -> NotebookNode:
    """What nbgrader hands to its preprocessor: tests and locked cells are the instructor's again."""
    marked = [cell for cell in original.cells if "nbgrader" in cell.metadata]
    instructors = {cell.metadata.nbgrader.grade_id: cell for cell in marked}
    for cell in submitted.cells:
        theirs = instructors.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if theirs is not None and is_locked(theirs):
            cell.source = theirs.source
    return submitted


def points(graded: NotebookNode) -> dict[str, float]:
    """Points of every test, read from its outputs as nbgrader does."""
    tests = [cell for cell in graded.cells if is_grade(cell) and not is_solution(cell)]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in tests}


def warm_start(config: Config) -> float:
    """Start all judges the notebooks need and let them rehearse. Returns the seconds it took."""
    begin = time.perf_counter()
    for notebook in NOTEBOOKS:
        timed(GradeboxExecute, config, notebook, source(notebook))
    return time.perf_counter() - begin


def stock_execute(config: Config) -> StockExecute:
    """nbgrader's own, but its kernels do not write warnings between our lines."""
    return StockExecute(config=config, extra_arguments=["--IPKernelApp.log_level=ERROR"])


def timed(make: Callable, config: Config, notebook: str, submitted: NotebookNode) -> tuple[float, dict]:
    """Seconds that one preprocessor takes for one submission, and the points in what it returns."""
    assignment, _, name = notebook.partition("/")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        names = {"assignment": assignment, "notebook": name, "student": "bench", "db_url": GRADEBOOK}
        resources = {"metadata": {"path": folder}, "nbgrader": names}
        begin = time.perf_counter()
        graded, _ = make(config=config).preprocess(submitted, resources)
        seconds = time.perf_counter() - begin
    return seconds, points(graded)


class Bare:
    """A warm interpreter that runs cells as they are, see bare.py."""

    def __init__(self, modules: list[str]):
        inline = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        command = [sys.executable, str(Path(__file__).with_name("bare.py")), *modules]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=inline)

    def seconds(self, notebook: NotebookNode) -> float:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        named = [
            (cell.metadata.get("nbgrader", {}).get("grade_id", f"number {number}"), cell.source)
            for number, cell in enumerate(cells, 1)
        ]
        print(json.dumps(named), file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@dataclass(frozen=True)
class Times:
    """Seconds for one submission."""

    stock: float
    gradebox: float
    bare: float
    same_marks: bool  # from stock and gradebox


def all_timed(config: Config, bare: Bare, notebook: str, submitted: NotebookNode, stock_first: bool) -> Times:
    """Run all three on one submission, straight after each other, so that the machine is the same for all."""
    results = {}
    for grader in (stock_execute, GradeboxExecute) if stock_first else (GradeboxExecute, stock_execute):
        results[grader] = timed(grader, config, notebook, from_dict(submitted))
    stock, ours = results[stock_execute], results[GradeboxExecute]
    return Times(stock[0], ours[0], bare.seconds(submitted), stock[1] == ours[1])
