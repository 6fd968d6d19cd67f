"""A notebook as it was released: what every cell of the instructor's has to be, and how to know it again."""

import json
import re
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from traitlets.config import Config

from gradebox.classroom.gradebook import Cells

DEFINED = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class ReleasedCell:
    """One of the instructor's cells, as the gradebook and the release know it."""

    name: str  # its grade_id
    cell_type: str
    text: str  # as released
    source: str  # as graded: with hidden tests
    locked: bool  # the text is the instructor's, whatever the submission says
    about: dict  # the nbgrader metadata it has to have
    defines: frozenset[str]  # functions and classes of the instructor's solution
    assigns: frozenset[str]  # other names it binds, where it defines nothing

    @cached_property
    def answer(self) -> bool:
        return self.about["solution"]

    @cached_property
    def counts(self) -> bool:
        """Whether it holds an answer or a test; what is neither occurs in other notebooks too."""
        return self.about["solution"] or self.about["grade"]

    @cached_property
    def bare_text(self) -> str:
        return bare(self.text)


@dataclass(frozen=True)
class ReleasedNotebook:
    """A notebook of the assignment."""

    name: str
    source: NotebookNode  # the instructor's, with the tests that students are graded by
    cells: tuple[ReleasedCell, ...]  # in the instructor's order
    kernelspec: dict | None
    modules: dict[str, bytes]  # of the course, that its tests import

    @cached_property
    def by_name(self) -> dict[str, ReleasedCell]:
        return {cell.name: cell for cell in self.cells}

    @cached_property
    def by_id(self) -> dict[str, ReleasedCell]:
        """By the cell ids of the notebook format, which Colab keeps in a cell's metadata."""
        ids = {cell.metadata.nbgrader.grade_id: cell.get("id") for cell in self.source.cells if known(cell)}
        return {ids[cell.name]: cell for cell in self.cells if ids.get(cell.name)}


def known(cell: NotebookNode) -> bool:
    return is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell)


def bare(text: str) -> str:
    """Text without what formatters change innocently."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def released_notebook(
    name: str, source: NotebookNode, whole: NotebookNode, cells: Cells, config: Config, modules: dict[str, bytes]
) -> ReleasedNotebook:
    """A notebook as repairs need to know it; ``whole`` is what lies in source/, with header and footer."""
    originals = [cell for cell in whole.cells if known(cell)]
    graded = [from_dict(cell) for cell in originals]
    for cell in graded:
        row = cells.sources[cell.metadata.nbgrader.grade_id]
        cell.source, cell.cell_type = row.source, row.cell_type
    texts = from_dict({**source, "cells": [from_dict(cell) for cell in graded]})
    for step in (ClearHiddenTests, ClearMarkScheme):
        texts, _ = step(config=config).preprocess(texts, {})
    released = []
    for original, text in zip(originals, texts.cells, strict=True):
        grade_id = original.metadata.nbgrader.grade_id
        row = cells.sources[grade_id]
        about = {**original.metadata.nbgrader, "cell_type": row.cell_type, "checksum": row.checksum}
        if grade_id in cells.points and float(about.get("points", -1)) != cells.points[grade_id]:
            about["points"] = cells.points[grade_id]
        defines = frozenset(DEFINED.findall(original.source)) if is_solution(original) else frozenset()
        assigns = frozenset(ASSIGNED.findall(original.source)) if is_solution(original) else frozenset()
        released.append(
            ReleasedCell(grade_id, row.cell_type, text.source, row.source, row.locked, about, defines, assigns)
        )
    kernelspec = json.loads(cells.kernelspec) if cells.kernelspec else None
    return ReleasedNotebook(name, source, tuple(released), kernelspec, modules)
