"""What a person has seen who graded by hand: an answer waits again only if it, or its exercise, has changed since."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from gradebox.classroom.released import ReleasedCell, ReleasedNotebook, known
from gradebox.course import CourseError, read_notebook


@dataclass(frozen=True)
class Seen:
    """Tells of which graded cells a person saw the exercise and the answer as they are now.

    What a person sees is the graded notebook; it is read only if a person has graded something in it.
    """

    path: Path  # of the notebook in autograded/, before it is replaced
    text: str  # of the one to come
    released: ReleasedNotebook
    unchanged: bool = False  # the same files and tests as last time, so that nothing has to be compared

    @cached_property
    def then(self) -> list[NotebookNode]:
        try:
            return read_notebook(self.path).cells
        except CourseError:  # not there, say; then nobody has seen anything
            return []

    @cached_property
    def now(self) -> list[NotebookNode]:
        return nbformat.reads(self.text, as_version=4).cells

    def __call__(self, grade_id: str) -> bool:
        if self.unchanged:
            return True
        wanted = self.released.by_name[grade_id]
        answer = answer_to(self.now, next(index for index, name in graded(self.now) if name == grade_id))
        named = [index for index, name in graded(self.then) if name == grade_id]
        # Under another name, if it was renamed since.
        return any(
            same_exercise(self.then[index], wanted) and answer_to(self.then, index) == answer
            for index in named or [index for index, _ in graded(self.then)]
        )


def graded(cells: list[NotebookNode]) -> list[tuple[int, str]]:
    """Indices and grade_ids of the cells that earn points."""
    return [
        (index, cell.metadata.nbgrader.grade_id) for index, cell in enumerate(cells) if is_grade(cell) or is_task(cell)
    ]


def same_exercise(then: NotebookNode, wanted: ReleasedCell) -> bool:
    """Whether a graded cell was released with the text and the points that the exercise has now.

    Its checksum says so: of the text as released, the points and the name.
    """
    about = then.metadata.nbgrader
    as_it_is = from_dict({"cell_type": wanted.cell_type, "source": wanted.source, "metadata": {"nbgrader": about}})
    points = (float(each.get("points", 0)) for each in (about, wanted.about))
    return len(set(points)) == 1 and about.get("checksum") == compute_checksum(as_it_is)


def answer_to(cells: list[NotebookNode], index: int) -> list[tuple]:
    """What the student wrote for a graded cell: into it; for a test, into the last answer above it; for a task, into
    cells of their own."""
    if is_task(cells[index]):
        wrote = [each for each in cells if not known(each)]
    elif is_solution(cells[index]):
        wrote = [cells[index]]
    else:
        wrote = [each for each in cells[:index] if is_solution(each)][-1:]
    return [(each.source, each.get("attachments")) for each in wrote]
