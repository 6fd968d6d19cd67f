"""The exercises of a notebook as their author wrote them: found by what its hidden tests import, and made readable."""

import ast
import contextlib
import difflib
import importlib
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from gradebox.course.source import exercises as exercises_of
from gradebox.exercises import Exercise, Mistake, made
from gradebox.judge import imports_of_tests


def exercises_behind(course: Path, notebook: NotebookNode) -> list[Exercise]:
    """Exercises that the hidden tests of a notebook of the instructor's use, in its order; none where it has no such.

    course -- the folder whose modules the tests import
    """
    found: dict[str, Exercise] = {}
    with on_path(course):
        for name in imports_of_tests(notebook):
            if (course / f"{name.replace('.', '/')}.py").is_file():
                members = vars(importlib.import_module(name)).values()
                found |= {each.name: each for each in members if isinstance(each, Exercise)}
    return [found[name] for name in exercises_of(notebook) if name in found]


@contextlib.contextmanager
def on_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def cell_of(exercise: Exercise) -> str:
    """grade_id of the cell that an exercise is written into."""
    return exercise.cell or exercise.name


def solution_of(notebook: NotebookNode, name: str) -> str:
    """A solution cell of the instructor's."""
    cells = (cell for cell in notebook.cells if is_solution(cell))
    return next(cell.source for cell in cells if cell.metadata.nbgrader.grade_id == name)


def as_written(exercise: Exercise, mistake: Mistake, solution: str) -> str:
    """A mistake as it stands in a student's cell: under the name asked for; of a loop, the body alone.

    solution -- the instructor's own cell
    """
    node = ast.parse(mistake.text).body[0]
    if exercise.ask is made:
        lines = mistake.text.splitlines()
        return textwrap.dedent("\n".join(lines[node.body[0].lineno - 1 : node.body[-1].lineno - 1]))
    defined = [part.name for part in ast.parse(solution).body if hasattr(part, "name")]
    return re.sub(rf"\b{node.name}\b", defined[-1], mistake.text)


def catalogue_page(
    title: str, exercises: list[Exercise], told: dict[tuple[str, str], int], students: int
) -> Iterator[str]:
    """A notebook's exercises and their mistakes, as lines of Markdown.

    told -- how many of the students were told a sentence: (exercise, sentence) -> number
    """
    yield f"## {title}\n"
    for exercise in exercises:
        yield f"### {exercise.name}\n"
        if exercise.reference is not None:
            yield f"```python\n{exercise.reference_text}```\n"
        for mistake in exercise.mistakes:
            costs = " and ".join(mistake.costs) or "nothing"
            times = f", {told.get((exercise.name, mistake.diagnosis), 0)} of {students} students" if students else ""
            yield f"**{mistake.name}** (costs {costs}{times}): {mistake.diagnosis}\n"
            yield changed(exercise, mistake)


def changed(exercise: Exercise, mistake: Mistake) -> str:
    """What a mistake changes in the reference, or all of it where it is written out, as a block of Markdown."""
    if not mistake.edits:
        return f"```python\n{mistake.text.rstrip()}\n```\n"
    before, after = exercise.reference_text.splitlines(), mistake.text.splitlines()
    lines = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:3] not in ("---", "+++")]
    return "```diff\n" + "\n".join(line for line in lines if not line.startswith("@@")) + "\n```\n"
