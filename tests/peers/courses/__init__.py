"""Small nbgrader courses as other people write them, one module for each kind of thing that they do.

    sabotage             a test or a locked cell takes functions away and turns settings of the process
    replaced_names       tests delete or replace a helper to see whether it is used
    stubbed_library      tests replace functions of libraries, of the built-ins and of the course's own module
    plain_cells          data, imports and helpers in cells that nobody marked
    solution_imports     tests use what only a solution imports
    read_globals         a solution reads what a test sets
    given_in_tests       a later solution uses what a graded test binds
    not_everything       the instructor's own notebook does not earn everything
    classes              classes, operators, generators, functions of functions, exceptions by class
    inspected            doctest, unittest, source text, captured prints
    drawings             figures and axes
    dataframes           pandas
    delimiters           other delimiters, other stubs, a header
    folders              other names and another order of the folders
    names                students with dots, blanks, an @ and letters of other alphabets
    support_files        data and modules beside the notebook
    patience             a time limit of the course's own
    quickstart           the example that `nbgrader quickstart` makes, also with generated tests

Each module has `COURSES`: name -> course. What stock nbgrader gives every hand-in stands beside it.
"""

from dataclasses import dataclass, field
from inspect import cleandoc
from pathlib import Path

import conftest
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

RIGHT = object()  # as an answer: what the instructor wrote
SOLVED = "solved"  # as a hand-in: the instructor's own notebooks
BLANK: dict = {}  # as a hand-in: the release, untouched
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(*cells):
    return new_notebook(cells=list(cells), metadata=KERNEL | {"language_info": {"name": "python"}})


def prose(text: str):
    return new_markdown_cell(cleandoc(text))


def plain(text: str):
    """A code cell without nbgrader's metadata."""
    return conftest.code(cleandoc(text))


def given(name: str, text: str):
    return conftest.locked(name, cleandoc(text))


def solution(name: str, text: str):
    return conftest.solution(name, cleandoc(text))


def check(name: str, text: str, points: float = 1):
    return conftest.graded_test(name, cleandoc(text), points)


def code_by_hand(name: str, text: str, points: float):
    return new_code_cell(cleandoc(text), id=name, metadata=_by_hand(name, points))


def text_by_hand(name: str, text: str, points: float):
    return new_markdown_cell(cleandoc(text), id=name, metadata=_by_hand(name, points))


def task(name: str, text: str, points: float):
    about = _by_hand(name, points)
    about["nbgrader"] |= {"grade": False, "solution": False, "locked": True, "task": True}
    return new_markdown_cell(cleandoc(text), id=name, metadata=about)


def _by_hand(name: str, points: float) -> dict:
    about = {"grade": True, "grade_id": name, "locked": False, "points": points}
    return {"nbgrader": about | {"schema_version": 3, "solution": True, "task": False}}


def right(*names: str) -> dict:
    """Answers as the instructor gives them."""
    return dict.fromkeys(names, RIGHT)


@dataclass
class Course:
    """A course of one assignment, and what is handed in for it.

    handed_in -- student -> (points that stock nbgrader gives, answers in place of the release's cells)
    files     -- what lies in the course folder besides the notebooks: path -> text
    config    -- lines of nbgrader_config.py
    needs     -- a library that is not installed with us
    """

    notebooks: dict
    handed_in: dict
    files: dict[str, str] = field(default_factory=dict)
    config: str = ""
    needs: str = ""
    source: str = "source/homework"

    assignment = "homework"

    def build(self, course: Path) -> None:
        """Write the course folder as its instructor has it before anything is released."""
        for name, text in self.files.items():
            path = course / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (course / self.source).mkdir(parents=True, exist_ok=True)
        for name, book in self.notebooks.items():
            nbformat.write(book, course / self.source / f"{name}.ipynb")
        (course / "nbgrader_config.py").write_text(f"c = get_config()\n{cleandoc(self.config)}\n")
