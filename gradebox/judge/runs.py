"""One run of a notebook: which cell runs where.

    cell                               student's process        here
    locked, not graded                 runs                     runs, unseen, if a test is to come; not if called
                                                                ...-picture or ...-stand-in
    solution                           runs                     never; its names arrive as copies or handles
    added by the student               runs                     never, and exports nothing
    the instructor's, but unmarked     runs, as handed in       runs, as the instructor has it
    graded test, visible or hidden     never                    runs, if this run is about it

A test that cannot run apart runs in a student's process of its own instead, with all the cells above it: together.
What runs here is the instructor's own text, taken from the source notebook by grade_id, whatever the submission says.
"""

import contextlib
from collections import deque
from collections.abc import Collection

from nbformat import NotebookNode

from gradebox.judge.bench import Bench
from gradebox.judge.cells import Role, answers_last, grade_id_of, plain_cells, prepared, roles
from gradebox.judge.habits import helpers_in_time, names_read, renamed
from gradebox.judge.hidden import Hidden
from gradebox.judge.outputs import as_graded, new_output
from gradebox.judge.plan import Plan
from gradebox.judge.session import Session

PICTURE = "-picture"  # ends the grade_id of a cell that only draws, for eyes and not for tests
STAND_IN = "-stand-in"  # of one that replaces what is wrong on the student's side; its names stay the student's
Cells = list[tuple[NotebookNode, Role]]


def run_apart(
    notebook: NotebookNode,
    source: NotebookNode,
    instructors: dict[str, NotebookNode],
    bench: Bench,
    tests: Collection[str],
    seen: bool = True,
) -> None:
    """Run the cells, and of the tests those that are named; the cells get their outputs.

    seen -- show what the cells show; else nobody looks: only what the tests need runs, and nothing is drawn
    """
    session, hidden = bench.session, Hidden.of(source)
    plain = deque(plain_cells(source))
    places = {name: place for place, name in enumerate(instructors)}
    cells, told = helpers_in_time(answers_last(roles(notebook, instructors), instructors, hidden))
    session.log += told
    if not seen:
        cells = needed(cells, instructors, tests)
    to_come = sum(is_called(cell, role, tests) for cell, role in cells)
    for cell, role in cells:
        while to_come and role is not Role.OWN and plain and places[plain[0][0]] <= places[grade_id_of(cell)]:
            bench.given(*plain.popleft()[1:])
        name, text = name_of(cell, notebook), text_of(cell, role, instructors, hidden)
        if role is Role.TEST:
            if is_called(cell, role, tests):
                to_come -= 1
                points = instructors[name].metadata.nbgrader.points
                cell.source, cell.execution_count = text, None
                cell.outputs = as_graded(bench.test(name, text), points)
            continue
        here_too = role in (Role.DEMO, Role.SHOWN) and to_come and not name.endswith((PICTURE, STAND_IN))
        with bench.demonstration(name, instructors[name].source) if here_too else contextlib.nullcontext():
            cell.outputs, cell.execution_count = session.run(name, text)
        if role is Role.SOLUTION:
            if other := renamed(cell.source, instructors[name].source):
                session.run(name, f"{other.wanted} = {other.found}")
                session.log.append(f"{name}: {other}")
                cell.outputs.append(new_output("stream", name="stdout", text=f"{other}\n"))
            bench.solved(name, instructors[name].source)


def needed(cells: Cells, instructors: dict[str, NotebookNode], tests: Collection[str]) -> Cells:
    """The cells up to the last of some tests, less the pictures: but for those whose names the student uses."""
    last = max((number for number, each in enumerate(cells, 1) if is_called(*each, tests)), default=0)
    cells = cells[:last]
    used = set().union(*(names_read(cell.source) for cell, role in cells if role in (Role.SOLUTION, Role.OWN)))

    def only_draws(cell: NotebookNode, role: Role) -> bool:
        name = grade_id_of(cell)
        return (
            role is Role.DEMO and name.endswith(PICTURE) and not prepared(name, instructors[name].source).binds & used
        )

    return [each for each in cells if not only_draws(*each)]


def is_called(cell: NotebookNode, role: Role, tests: Collection[str]) -> bool:
    return role is Role.TEST and grade_id_of(cell) in tests


def run_together(
    notebook: NotebookNode, instructors: dict[str, NotebookNode], session: Session, plan: Plan, everything: bool
) -> None:
    """Run the cells and some tests in the student's process, one after the other in one namespace, as stock nbgrader.

    What such a test says is a claim of that process, which who sets out to can forge. The walls around it stand.

    everything -- fill in the outputs of all cells, not only those of tests that count here
    """
    for cell, role in answers_last(roles(notebook, instructors), instructors):
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


def text_of(cell: NotebookNode, role: Role, instructors: dict[str, NotebookNode], hidden: Hidden | None = None) -> str:
    """What runs: the instructor's text wherever it is the instructor's cell."""
    if role is Role.SHOWN:
        return hidden.without(instructors[grade_id_of(cell)].source)
    return instructors[grade_id_of(cell)].source if role in (Role.TEST, Role.DEMO) else cell.source
