"""Grades one notebook: which cell runs where, what is shown, which marks are earned.

    cell                               student's process        here
    locked, not graded                 runs                     runs, unseen, if a test is to come; not if called
                                                                ...-picture or ...-stand-in
    solution                           runs                     never; its names arrive as copies or handles
    added by the student               runs                     never, and exports nothing
    the instructor's, but unmarked     runs, as handed in       runs, as the instructor has it
    graded test, visible or hidden     never                    runs

A test that cannot run apart runs in a second student's process instead, with all the cells above it: together.

What runs here is the instructor's own text, taken from the source notebook by grade_id, whatever the submission says.
A test earns its points only when it ran to its end without an error.
"""

import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import determine_grade, is_grade, is_solution

from gradebox.judge.bench import Bench
from gradebox.judge.cells import Role, grade_id_of, plain_cells, points_of, roles, stand_ins_last
from gradebox.judge.graded import Graded
from gradebox.judge.habits import helpers_in_time, renamed
from gradebox.judge.known import Known
from gradebox.judge.outputs import as_graded, new_output, whole_characters
from gradebox.judge.plan import Plan
from gradebox.judge.session import NO_SANDBOX, Session
from gradebox.sandbox import Doors, StudentGone, StudentTooSlow, WarmParent

PICTURE = "-picture"  # ends the grade_id of a cell that only draws, for eyes and not for tests
USAGE = {"student_cpu": sum, "student_memory": max}
STAND_IN = "-stand-in"  # of one that replaces what is wrong on the student's side; its names stay the student's


def grade(
    submitted: NotebookNode,
    source: NotebookNode,
    parent: WarmParent,
    files: dict[str, bytes] | None = None,
    known: Known | None = None,
    at: Callable[[str], None] = lambda name: None,
) -> Graded:
    """Grade a submitted notebook against the instructor's.

    submitted -- the student's notebook; its cells are known by their grade_id, its outputs are not looked at
    source    -- the instructor's notebook, with solutions and hidden tests
    parent    -- where students' processes come from
    files     -- what the notebook finds in its working directory: name -> content
    known     -- of the notebook; what is learnt while it is rehearsed is noted there
    at        -- told the name of every cell that is about to run here

    Returns a graded copy: every code cell has the outputs of this run. Tests run in the calling process, so give each
    call a process of its own if submissions must not see what an earlier one left (`judge.process` does).
    """
    notebook = from_dict(submitted)
    for cell in notebook.cells:
        cell.source = whole_characters(cell.source)
    instructors = {grade_id_of(cell): cell for cell in source.cells if grade_id_of(cell)}
    known = known or Known()
    plan, runs = known.plan, []
    if not plan.together or points_of(source).keys() - plan.together:
        with Session(parent, files or {}, known) as session:
            run_apart(notebook, source, instructors, Bench(session, at, known.exposure), plan)
            if known.exposure:
                with contextlib.suppress(StudentGone, StudentTooSlow):  # nothing is left that could say
                    known.pictures |= session.process().drawn()
            runs.append((session.log, session.usage()))
    if plan.together:
        with Session(parent, known.modules | (files or {}), replace(known, doors=Doors())) as session:
            run_together(notebook, instructors, session, plan, everything=not runs)
            runs.append((session.log, session.usage()))
        session.log.insert(0, f"together with the student's code: {', '.join(sorted(plan.together))}")
    earned = marks(notebook, instructors)
    if not parent.sandbox.enabled:
        notebook.cells.insert(0, new_markdown_cell(f"**{NO_SANDBOX}.**", id="no-sandbox"))
    usage = {name: how(used[name] for _, used in runs) for name, how in USAGE.items()}
    return Graded(notebook, earned, list(dict.fromkeys(line for log, _ in runs for line in log)), usage)


def run_apart(
    notebook: NotebookNode, source: NotebookNode, instructors: dict[str, NotebookNode], bench: Bench, plan: Plan
) -> None:
    """Run the cells, and the tests that are to run here; the cells get their outputs."""
    session = bench.session
    plain = deque(plain_cells(source))
    places = {name: place for place, name in enumerate(instructors)}
    cells, told = helpers_in_time(stand_ins_last(roles(notebook, instructors), instructors))
    session.log += told
    tests = sum(role is Role.TEST for _, role in cells)
    for cell, role in cells:
        while tests and role is not Role.OWN and plain and places[plain[0][0]] <= places[grade_id_of(cell)]:
            bench.given(*plain.popleft()[1:])
        name, text = name_of(cell, notebook), text_of(cell, role, instructors)
        if role is Role.TEST:
            tests -= 1
            if plan.runs_apart(name):
                points = instructors[name].metadata.nbgrader.points
                cell.source, cell.execution_count = text, None
                cell.outputs = as_graded(bench.test(name, text), points)
            continue
        here_too = role is Role.DEMO and tests and not name.endswith((PICTURE, STAND_IN))
        with bench.demonstration(name, text) if here_too else contextlib.nullcontext():
            cell.outputs, cell.execution_count = session.run(name, text)
        if role is Role.SOLUTION:
            if other := renamed(cell.source, instructors[name].source):
                session.run(name, f"{other.wanted} = {other.found}")
                session.log.append(f"{name}: {other}")
                cell.outputs.append(new_output("stream", name="stdout", text=f"{other}\n"))
            bench.solved(name, instructors[name].source)


def run_together(
    notebook: NotebookNode, instructors: dict[str, NotebookNode], session: Session, plan: Plan, everything: bool
) -> None:
    """Run the cells and some tests in the student's process, one after the other in one namespace, as stock nbgrader.

    What such a test says is a claim of that process, which who sets out to can forge. The walls around it stand.

    everything -- fill in the outputs of all cells, not only those of tests that count here
    """
    for cell, role in roles(notebook, instructors):
        name, text = name_of(cell, notebook), text_of(cell, role, instructors)
        if role is not Role.TEST:
            outputs, count = session.run(name, text)
        elif plan.runs_together(name):
            outputs, count = session.run(name, text, is_test=True)
            outputs, count = as_graded(outputs, instructors[name].metadata.nbgrader.points), None
        else:
            continue
        if everything or (role is Role.TEST and name in plan.together):
            cell.source = text if role is Role.TEST else cell.source
            cell.outputs, cell.execution_count = outputs, count


def name_of(cell: NotebookNode, notebook: NotebookNode) -> str:
    return grade_id_of(cell) or f"number {notebook.cells.index(cell) + 1}"


def text_of(cell: NotebookNode, role: Role, instructors: dict[str, NotebookNode]) -> str:
    """What runs: the instructor's text wherever it is the instructor's cell."""
    return instructors[grade_id_of(cell)].source if role in (Role.TEST, Role.DEMO) else cell.source


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
