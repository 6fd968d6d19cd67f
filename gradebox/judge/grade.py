"""Grades one notebook: which cell runs where, what is shown, which marks are earned.

    cell                               student's process        here
    locked, not graded                 runs                     runs, unseen, if a test is to come; not if called
                                                                ...-picture or ...-stand-in
    solution                           runs                     never; its names arrive as copies or handles
    added by the student               runs                     never, and exports nothing
    the instructor's, but unmarked     runs, as handed in       runs, as the instructor has it
    graded test, visible or hidden     never                    runs

What runs here is the instructor's own text, taken from the source notebook by grade_id, whatever the submission says.
A test earns its points only when it ran to its end here without an error.
"""

import contextlib
from collections import deque

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import determine_grade, is_grade, is_solution

from gradebox.judge.bench import Bench
from gradebox.judge.cells import Role, grade_id_of, plain_cells, roles, stand_ins_last
from gradebox.judge.graded import Graded
from gradebox.judge.outputs import whole_characters
from gradebox.judge.session import NO_SANDBOX, Session
from gradebox.sandbox import Doors, WarmParent

PICTURE = "-picture"  # ends the grade_id of a cell that only draws, for eyes and not for tests
STAND_IN = "-stand-in"  # of one that replaces what is wrong on the student's side; its names stay the student's


def grade(
    submitted: NotebookNode,
    source: NotebookNode,
    parent: WarmParent,
    files: dict[str, bytes] | None = None,
    doors: Doors | None = None,
) -> Graded:
    """Grade a submitted notebook against the instructor's.

    submitted -- the student's notebook; its cells are known by their grade_id, its outputs are not looked at
    source    -- the instructor's notebook, with solutions and hidden tests
    parent    -- where students' processes come from
    files     -- what the notebook finds in its working directory: name -> content
    doors     -- what the rehearsal has found open, see `sandbox.doors`; nothing if not given

    Returns a graded copy: every code cell has the outputs of this run. Tests run in the calling process, so give each
    call a process of its own if submissions must not see what an earlier one left (`judge.process` does).
    """
    notebook = from_dict(submitted)
    for cell in notebook.cells:
        cell.source = whole_characters(cell.source)
    instructors = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    session = Session(parent, files or {}, doors or Doors())
    bench = Bench(session)
    plain = deque(plain_cells(source))
    places = {name: place for place, name in enumerate(instructors)}
    try:
        cells = stand_ins_last(roles(notebook, instructors), instructors)
        tests = sum(role is Role.TEST for _, role in cells)
        for cell, role in cells:
            while tests and role is not Role.OWN and plain and places[plain[0][0]] <= places[grade_id_of(cell)]:
                bench.given(*plain.popleft()[1:])
            if role is Role.TEST:
                cell.source = instructors[cell.metadata.nbgrader.grade_id].source
                cell.outputs, cell.execution_count = bench.test(cell.metadata.nbgrader.grade_id, cell.source), None
                tests -= 1
                continue
            name = grade_id_of(cell) or f"number {notebook.cells.index(cell) + 1}"
            text = instructors[name].source if role is Role.DEMO else cell.source
            here_too = role is Role.DEMO and tests and not name.endswith((PICTURE, STAND_IN))
            with bench.demonstration(name, text) if here_too else contextlib.nullcontext():
                cell.outputs, cell.execution_count = session.run(name, text)
            if role is Role.SOLUTION:
                bench.solved(name, instructors[name].source)
        usage = session.usage()
    finally:
        session.close()
    earned = marks(notebook, instructors)
    if not parent.sandbox.enabled:
        notebook.cells.insert(0, new_markdown_cell(f"**{NO_SANDBOX}.**", id="no-sandbox"))
    return Graded(notebook, earned, session.log, usage)


def marks(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> dict[str, float]:
    """Points of every test: nothing for one that is not in the notebook."""
    earned = {grade_id: 0.0 for grade_id, cell in instructors.items() if is_grade(cell) and not is_solution(cell)}
    for cell, role in roles(notebook, instructors):
        if role is Role.TEST:
            earned[cell.metadata.nbgrader.grade_id] = determine_grade(instructors_view(cell, instructors))[0]
    return earned


def instructors_view(cell: NotebookNode, instructors: dict[str, NotebookNode]) -> NotebookNode:
    """A graded cell with the instructor's metadata (points!) instead of the submission's."""
    original = instructors[cell.metadata.nbgrader.grade_id]
    return from_dict({**cell, "metadata": original.metadata})
