"""Other people's kinds of course: how many of their tests run apart, and how fast they are graded."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from nbformat import from_dict
from nbgrader.preprocessors import Execute as StockExecute
from peers.courses import classes, inspected, plain_cells
from traitlets.config import Config

from gradebox.judge import Execute, Original, points_of, warm_judge

COURSES = classes.COURSES | inspected.COURSES | plain_cells.COURSES
TURNS = 5


@dataclass(frozen=True)
class Peer:
    course: str
    tests: int
    apart: int
    stock: float  # seconds for one notebook
    gradebox: float


def peers_timed() -> list[Peer]:
    """The instructor's own notebook handed in to each course, by both graders in turn."""
    found = []
    for name, course in COURSES.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            course.build(Path(folder))
            for path in sorted(Path(folder, course.source).glob("*.ipynb")):
                found.append(timed(name, path, Path(folder)))
    return found


def timed(name: str, path: Path, folder: Path) -> Peer:
    config = Config({"CourseDirectory": {"root": str(folder)}})
    original = Original(path, folder, config, {})
    proof = warm_judge(original.settings, original.modules).rehearse(
        original.source, original.files, stock=original.stock
    )
    tests = points_of(original.source)
    stock = StockExecute(config=config, extra_arguments=["--IPKernelApp.log_level=ERROR"])
    seconds: dict[type, list[float]] = {StockExecute: [], Execute: []}
    names = {
        "assignment": "homework",
        "notebook": path.stem,
        "student": "bench",
        "db_url": f"sqlite:///{folder}/gradebook.db",
    }
    for _ in range(TURNS):
        for step in (stock, Execute(config=config)):
            resources = {"metadata": {"path": str(path.parent)}, "nbgrader": names}
            begin = time.perf_counter()
            step.preprocess(from_dict(original.source), resources)
            seconds[type(step)].append(time.perf_counter() - begin)
    together = len(proof.plan.together)
    return Peer(name, len(tests), len(tests) - together, median(seconds[StockExecute]), median(seconds[Execute]))
