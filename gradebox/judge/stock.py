"""What stock nbgrader makes of a notebook: its own Execute, a kernel, one namespace.

The instructor's, so that rehearsals know what it gives; a student's only where it is for another kernel than Python's.
"""

import subprocess
import tempfile
from pathlib import Path

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import ClearSolutions, Execute
from nbgrader.utils import determine_grade
from traitlets.config import Config

from gradebox.judge.cells import grade_id_of, points_of
from gradebox.judge.files import lay_out
from gradebox.judge.settings import Judge
from gradebox.judge.source import language_of

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


class Stock:
    """Grades the instructor's notebook, solved or blank, as stock nbgrader would.

    config  -- of nbgrader's preprocessors
    files   -- what lies beside the notebook
    modules -- of the course, which a stock kernel finds in its folder
    """

    def __init__(self, config: Config, files: dict[str, bytes], modules: dict[str, bytes]):
        self.config = config
        self.files = modules | files
        self.allow = Judge(config=config).together == "allow"  # tests to run as it runs them

    def settings(self) -> list:
        """All that what it says depends on, but the notebook and the files."""
        return [self.allow, *(step(config=self.config).trait_values(config=True) for step in (ClearSolutions, Execute))]

    def blank(self, source: NotebookNode) -> NotebookNode:
        """The notebook as students get it, with the hidden tests that are there when it is graded."""
        blank, _ = ClearSolutions(config=self.config).preprocess(from_dict(source), {})
        return blank

    def marks(self, notebook: NotebookNode) -> dict[str, float]:
        """grade_id -> points. Nothing for anybody where the kernel dies, which is no mark at all in stock nbgrader."""
        try:
            notebook = executed(notebook, self.files, self.config)
        except DeadKernelError:
            return {}
        tests = points_of(notebook)
        return {grade_id_of(cell): earned(cell) for cell in notebook.cells if grade_id_of(cell) in tests}


class Quiet(Execute):
    """Leaves out what a kernel says of itself on its way."""

    def setup_kernel(self, **settings):
        return super().setup_kernel(stderr=subprocess.DEVNULL, **settings)


def executed(notebook: NotebookNode, files: dict[str, bytes], config: Config) -> NotebookNode:
    """A notebook as stock nbgrader runs it, with files beside it. Raises nbclient's DeadKernelError."""
    notebook = from_dict(notebook)
    if language_of(notebook) == "python":
        notebook.metadata.kernelspec = KERNEL  # the one of this Python, whatever it is called where it was written
    with tempfile.TemporaryDirectory(prefix="gradebox-") as folder:
        lay_out(files, Path(folder))
        return Quiet(config=config).preprocess(notebook, {"metadata": {"path": folder}, "nbgrader": {}})[0]


def earned(cell: NotebookNode) -> float:
    from gradebox.judge.outputs import as_graded  # which loads numpy, and few rehearse

    cell.outputs = as_graded(cell.outputs, cell.metadata.nbgrader.points)
    return determine_grade(cell)[0]
