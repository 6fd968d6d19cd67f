"""The instructor's notebook, and what may be wrong with it."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import ClearHiddenTests, IncludeHeaderFooter
from nbgrader.utils import is_grade, is_locked
from traitlets.config import Config

from gradebox.judge.errors import CourseError
from gradebox.judge.hidden import BEGIN, END, METADATA


def read_source(path: Path) -> NotebookNode:
    """Read a notebook of the instructor's. Raises CourseError if it cannot be read, or no name leads to a test."""
    notebook = read_notebook(path)
    for number, cell in enumerate(notebook.cells, 1):
        if is_grade(cell) and not cell.metadata.nbgrader.get("grade_id"):
            raise CourseError(f"cell {number} of {path.stem} is a graded test without a grade_id: give it one.")
    return notebook


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook. Raises CourseError, naming the file, if that cannot be done."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0][:100]
        raise CourseError(
            f"{path} cannot be read as a notebook ({type(error).__name__}: {reason}). Put a readable copy in its "
            "place or move it away."
        ) from error
    return notebook


def whole_notebook(source: NotebookNode, config: Config, course: Path) -> NotebookNode:
    """A notebook of the instructor's with the course's header and footer, if it has any."""
    ids = {cell.get("id") for cell in source.cells}
    with contextlib.chdir(course):  # where nbgrader looks for them
        whole, _ = IncludeHeaderFooter(config=config).preprocess(from_dict(source), {})
    for number, cell in enumerate(whole.cells):
        if "id" in cell and cell.id not in ids:
            cell.id = f"added-{number}"  # the same every time, which what reads old notebooks does not see to
    note_marks(whole, config)
    return whole


def note_marks(notebook: NotebookNode, config: Config) -> None:
    """Have a notebook say how its hidden regions are marked, where that is not as nbgrader does."""
    marks = ClearHiddenTests(config=config)
    words = [marks.begin_test_delimeter, marks.end_test_delimeter]
    if words != [BEGIN, END]:
        notebook.metadata[METADATA] = words


def as_released(whole: NotebookNode, texts: Mapping[str, str]) -> NotebookNode:
    """A notebook of the instructor's with the locked cells' texts as the gradebook has them, with tests written out.

    texts -- grade_id -> text
    """
    cells = [
        {**cell, "source": texts.get(cell.metadata.nbgrader.get("grade_id"), cell.source)} if is_locked(cell) else cell
        for cell in whole.cells
    ]
    return from_dict({**whole, "cells": cells})


def released_texts(db_url: str, assignment: str, notebook: str) -> dict[str, str]:
    """Texts of an instructor's locked cells as the gradebook has them; empty if it does not know the notebook."""
    with Gradebook(db_url) as gradebook:
        try:
            cells = gradebook.find_notebook(notebook, assignment).source_cells
        except MissingEntry:
            return {}
        return {cell.name: cell.source for cell in cells if cell.locked}


def language_of(notebook: NotebookNode) -> str:
    """The language its kernel speaks, in small letters."""
    about = notebook.metadata
    language = about.get("kernelspec", {}).get("language") or about.get("language_info", {}).get("name")
    return str(language or "python").lower()
