"""Notebooks of a few cells for tests of the judge, work on them, and what is shown under a cell of theirs."""

from collections.abc import Iterator
from contextlib import contextmanager

from conftest import TORCH, code, graded_test, locked, notebook, solution
from nbformat import from_dict

from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox


@contextmanager
def impatient_judge() -> Iterator[WarmJudge]:
    """A warm judge with short limits, so that what never ends is over soon."""
    sandbox = Sandbox(
        cell_seconds=1,
        clock_seconds=4,
        notebook_seconds=60,
        output_mib=0.05,
        preload=["numpy.random", "matplotlib.pyplot", *TORCH],
    )
    warm = WarmJudge(sandbox.settings())
    yield warm
    warm.close()


def answer(source, **written):
    """The submission that has these cells in place of the instructor's solutions; ``_name`` is a cell added last."""
    cells = []
    for cell in source.cells:
        new = from_dict(cell)
        new.source = written.pop(cell.id, new.source)
        cells.append(new)
    return notebook(*cells, *(code(text) for text in written.values()))


def outputs(graded, name):
    return next(
        cell.outputs for cell in graded.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def text(graded, name) -> str:
    """All that is shown under a cell."""
    return "\n".join(
        output.get("text") or "\n".join(output.get("traceback", [])) or output.get("data", {}).get("text/plain", "")
        for output in outputs(graded, name)
    )


DOUBLE = notebook(
    locked("imports", "import numpy as np"),
    solution("double", "def double(x, times=2):\n    return times * x"),
    graded_test("double-check", "assert double(3) == 6"),
    graded_test("double-values", "assert np.array_equal(double(np.arange(3), times=3), [0, 3, 6])"),
)
TWO = notebook(
    locked("imports", "import numpy as np"),
    solution("one", "def one(x):\n    return x"),
    graded_test("one-check", "assert one(1) == 1"),
    graded_test("one-values", "assert one(2) == 2"),
    solution("two", "def two(x):\n    return x"),
    graded_test("two-check", "assert two(1) == 1"),
)


def one(code: str, test: str, first: str = "import numpy as np"):
    """A notebook of one exercise: an import, a solution ``a``, a test ``a-check``."""
    return notebook(locked("imports", first), solution("a", code), graded_test("a-check", test))
