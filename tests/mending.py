"""What gradebox makes of a file that is handed in, before it is graded."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from gradebox.classroom.assignment import released_assignment
from gradebox.classroom.gradebook import AssignmentRecords
from gradebox.classroom.matching import sorted_out
from gradebox.classroom.opening import open_gradebook
from gradebox.classroom.released import ReleasedNotebook
from gradebox.classroom.repair import restored


@dataclass(frozen=True)
class Mended:
    wanted: str  # the notebook of the assignment that it was taken for
    notebook: nbformat.NotebookNode
    repairs: list[str]

    @property
    def cells(self) -> dict[str, tuple[str, str, dict]]:
        """As far as it matters for grading: grade_id -> type, source, nbgrader's metadata."""
        return {
            cell.metadata.nbgrader.grade_id: (cell.cell_type, cell.source, dict(cell.metadata.nbgrader))
            for cell in self.notebook.cells
            if "nbgrader" in cell.metadata
        }


def notebooks_of(course: Path, assignment: str) -> list[ReleasedNotebook]:
    """An assignment's notebooks as released."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    coursedir = CourseDirectory(config=config)
    with open_gradebook(coursedir.db_url, "dl") as gradebook:
        records = AssignmentRecords(gradebook, assignment, None)
        converter = Autograde(coursedir=coursedir, config=config)
        return list(released_assignment(coursedir, converter, assignment, records.notebooks, {}).notebooks)


def mend(notebooks: list[ReleasedNotebook], data: bytes, name: str) -> Mended:
    chosen, _ = sorted_out({name: data}, notebooks)
    ((wanted, (_, reading)),) = chosen.items()
    reading = restored(reading, next(each for each in notebooks if each.name == wanted))
    nbformat.validate(reading.notebook)
    return Mended(wanted, reading.notebook, reading.repairs)
