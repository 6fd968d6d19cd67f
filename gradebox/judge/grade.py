"""Grades one notebook: what is shown of it, and which marks are earned. `judge.runs` says which cell runs where.

A notebook with hidden tests runs twice, each time in a student's process of its own. The first run is seen: all cells
and the visible tests, and what they show is what the student will read. The second is marked: all tests, the hidden
ones among them, and of it nothing is shown but what the tests say. So no code of the student's that has met a hidden
input has a word in what they see, and it need not be trusted to keep two things apart in one process.

A test earns its points only when it ran to its end without an error.
"""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import determine_grade, is_grade, is_solution

from gradebox.judge.aside import aside
from gradebox.judge.bench import Bench
from gradebox.judge.cells import Role, grade_id_of, points_of, roles
from gradebox.judge.exposure import Exposure
from gradebox.judge.graded import Graded
from gradebox.judge.hidden import Hidden
from gradebox.judge.known import Known
from gradebox.judge.outputs import error_output, new_output, whole_characters
from gradebox.judge.quoting import familiar_to
from gradebox.judge.runs import run_apart, run_together
from gradebox.judge.session import NO_SANDBOX, Session
from gradebox.sandbox import Doors, Familiar, StudentGone, StudentTooSlow, WarmParent

USAGE = {"student_cpu": sum, "student_memory": max}
PASSED = "Passed when your notebook was run for its marks.\n"
FAILED = (
    "It passed here, but not when your notebook was run once more for its marks: your code does not do the same every "
    "time."
)


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
        if cell.cell_type == "code":
            cell.outputs = []
    instructors = {grade_id_of(cell): cell for cell in source.cells if grade_id_of(cell)}
    files, known = files or {}, known or Known()
    plan, tests = known.plan, frozenset(points_of(source))
    apart = frozenset(filter(plan.runs_apart, tests)) if tests - plan.together or not plan.together else frozenset()
    hidden = Hidden.of(source).tests(instructors) & tests

    def run(
        notebook: NotebookNode,
        tests: frozenset[str],
        exposure: Exposure | None,
        familiar: Familiar | None = None,
        slow: Iterable[str] = (),
    ) -> dict:
        with Session(parent, files, known, familiar) as session:
            bench = Bench(session, at, exposure, slow={*slow})
            run_apart(notebook, source, instructors, bench, tests, seen=familiar is None)
            return report(notebook, bench, known)

    if not hidden:
        reports = [run(notebook, apart, known.exposure)] if apart or not tests else []
    else:
        reports = [aside(lambda: run(notebook, apart - hidden, None), meanwhile=parent.replace_spare)]
        for cell, outputs in zip(notebook.cells, reports[0]["outputs"], strict=True):
            cell.update(from_dict(outputs))
        if apart & hidden:
            marked = from_dict(notebook)
            reports.append(run(marked, apart, known.exposure, familiar_to(notebook), reports[0]["slow"]))
            put_marked(marked, notebook, instructors, apart, hidden)
    if known.exposure:
        known.pictures |= reports[0]["drawn"] if reports else {}
    if plan.together:
        with Session(parent, known.modules | files, replace(known, doors=Doors())) as session:
            run_together(notebook, instructors, session, plan, everything=not reports)
            reports.append({"log": session.log, "usage": session.usage()})
        session.log.insert(0, f"together with the student's code: {', '.join(sorted(plan.together))}")
    earned = marks(notebook, instructors)
    if not parent.sandbox.enabled:
        notebook.cells.insert(0, new_markdown_cell(f"**{NO_SANDBOX}.**", id="no-sandbox"))
    usage = {name: how(each["usage"][name] for each in reports) for name, how in USAGE.items()}
    return Graded(notebook, earned, list(dict.fromkeys(line for each in reports for line in each["log"])), usage)


def report(notebook: NotebookNode, bench: Bench, known: Known) -> dict:
    """What came of a run, as JSON has it."""
    session, drawn = bench.session, {}
    if known.exposure and session.familiar is None:
        with contextlib.suppress(StudentGone, StudentTooSlow):  # nothing is left that could say
            drawn = session.process().drawn()
    shown = ("outputs", "execution_count", "source")
    outputs = [{name: cell[name] for name in shown if cell.cell_type == "code"} for cell in notebook.cells]
    about = {"drawn": drawn, "slow": sorted(bench.slow)}  # names of functions that are not called again
    return {"log": session.log, "usage": session.usage(), "outputs": outputs, **about}


def put_marked(
    marked: NotebookNode,
    seen: NotebookNode,
    instructors: dict[str, NotebookNode],
    tests: frozenset[str],
    hidden: frozenset[str],
) -> None:
    """Put what the marked run says of the tests into the notebook that was seen.

    A visible test keeps what it showed there, as long as that is worth the same: what it shows in the marked run may
    come from somebody who knows the hidden tests.
    """
    for (cell, role), (again, _) in zip(roles(seen, instructors), roles(marked, instructors), strict=True):
        name = grade_id_of(cell)
        if role is not Role.TEST or name not in tests:
            continue
        earned = mark_of(again, instructors)
        if name in hidden:
            cell.outputs = again.outputs
        elif mark_of(cell, instructors) != earned:
            cell.outputs = told_otherwise(earned, instructors[name].metadata.nbgrader.points)
        cell.source, cell.execution_count = again.source, None


def told_otherwise(earned: float, points: float) -> list[NotebookNode]:
    """What a test shows that was worth something else when it was seen."""
    if not earned:
        return [error_output(AssertionError(FAILED))]
    data = {"text/plain": repr(earned)}
    partly = [new_output("execute_result", data=data, metadata={}, execution_count=None)] if earned < points else []
    return [new_output("stream", name="stdout", text=PASSED), *partly]


def marks(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> dict[str, float]:
    """Points of every test: nothing for one that is not in the notebook."""
    earned = {grade_id: 0.0 for grade_id, cell in instructors.items() if is_grade(cell) and not is_solution(cell)}
    for cell, role in roles(notebook, instructors):
        if role is Role.TEST:
            earned[cell.metadata.nbgrader.grade_id] = mark_of(cell, instructors)
    return earned


def mark_of(cell: NotebookNode, instructors: dict[str, NotebookNode]) -> float:
    """By a graded cell's outputs, with the instructor's metadata (points!) instead of the submission's."""
    original = instructors[cell.metadata.nbgrader.grade_id]
    return determine_grade(from_dict({**cell, "metadata": original.metadata}))[0]
