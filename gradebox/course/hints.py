"""The visible checks' hints, made from the catalogue: what each mistake gives on the notebook's own data.

A check says ``compare(answer, expected, slips=[...])``. Each entry is the fingerprint of a wrong answer and a sentence
in rot13, so that nobody reads it beside the exercise.
"""

import ast
import codecs
import contextlib
import io
import sys
import textwrap
import warnings
from typing import Any

import numpy as np
from nbformat import NotebookNode
from nbgrader.utils import is_grade

from gradebox.course.catalogue import as_written, cell_of, solution_of
from gradebox.course.source import CourseError
from gradebox.exercises import Exercise

WIDTH = 100
DIGITS = 6
TOO_CLOSE = 3e-4  # twice what a check takes for the same fingerprint, and more
ROUNDING = 1e-4  # what 32 bits of another processor may make of the same answer


class Found(Exception):
    """A check's comparison that is not right: the line it stands in, and the answer."""


def with_hints(notebook: NotebookNode, exercises: list[Exercise]) -> list[str]:
    """Put into every check of the notebook what its exercise's mistakes give. Returns the grade_ids that changed.

    Runs the instructor's notebook from top to bottom, and at each check every mistake in the place of the solution.
    """
    import matplotlib

    matplotlib.use("agg")
    names = {exercise.name: exercise for exercise in exercises}
    space: dict[str, Any] = {"__name__": "__main__"}
    changed = []
    for cell in notebook.cells:
        if cell.id.endswith("-check"):
            exercise = names.get(cell.id.removesuffix("-check"))
            lists = slip_lists(cell.source) if exercise else []
            if lists:
                new = rewritten(cell.source, lists, known_here(notebook, exercise, cell, space))
                changed += [cell.id] * (new != cell.source)
                cell.source = new
        elif cell.cell_type == "code" and not is_grade(cell):
            run(cell.source, space)
    return changed


def run(text: str, space: dict[str, Any]) -> None:
    """Run a cell, less its magics, and show nothing of it."""
    lines = ["" if line.startswith(("%", "!")) else line for line in text.splitlines()]
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile("\n".join(lines), "<cell>", "exec"), space)
    if "plt" in space:
        space["plt"].close("all")


def slip_lists(text: str) -> dict[range, ast.expr]:
    """The lists of hints in a check, by the lines of the comparison that they belong to."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    calls = [node for node in calls if getattr(node.func, "id", "") == "compare"]
    calls.sort(key=lambda node: node.lineno)
    return {
        range(node.lineno, node.end_lineno + 1): keyword.value
        for node in calls
        for keyword in node.keywords
        if keyword.arg == "slips"
    }


def known_here(
    notebook: NotebookNode, exercise: Exercise, check: NotebookNode, space: dict[str, Any]
) -> dict[range, list[tuple[float, str]]]:
    """Fingerprints and sentences of the mistakes that each comparison of a check can tell apart."""
    solution = solution_of(notebook, cell_of(exercise))
    found: dict[range, list[tuple[float, str]]] = {lines: [] for lines in slip_lists(check.source)}
    for mistake in (*exercise.mistakes, *exercise.pairs_to_tell()):
        line, answer = wrong_answer(as_written(exercise, mistake, solution), check, space)
        for lines, entries in found.items():
            mark = space["fingerprint"](answer) if line in lines and answer.dtype.kind in "fiu" else np.nan
            if np.isfinite(mark) and all(abs(mark - other) > TOO_CLOSE for other, _ in entries):
                entries.append((round(mark, DIGITS), mistake.diagnosis))
    if not any(found.values()):
        raise CourseError(f"{check.id}: none of the mistakes of {exercise.name} gives an answer that it compares.")
    return found


def wrong_answer(text: str, check: NotebookNode, space: dict[str, Any]) -> tuple[int, np.ndarray]:
    """What a check compares first that is wrong, where a mistake stands in the student's cell: its line, the answer.

    Line 0 if nothing is wrong, or the mistake fails. The names are left as they were.
    """
    before, compare = dict(space), space["compare"]

    def recording(answer, expected, slips=(), **options):
        try:
            return compare(answer, expected, **options)
        except AssertionError as error:
            raise Found(sys._getframe(1).f_lineno, answer) from error

    space["compare"] = recording
    try:
        run(text, space)
        run(check.source, space)
    except Found as found:
        line, answer = found.args
        return line, np.asarray(answer)
    except Exception:  # a mistake may raise whatever it likes: then there is no number to know it by
        return 0, np.zeros(0)
    finally:
        space.clear()
        space.update(before)
    return 0, np.zeros(0)


def rewritten(text: str, lists: dict[range, ast.expr], entries: dict[range, list[tuple[float, str]]]) -> str:
    """The check with these entries in its lists. One that has them already stays as it is, to the last digit."""
    lines = text.splitlines(keepends=True)
    for place, node in sorted(lists.items(), key=lambda item: item[1].lineno, reverse=True):
        found = entries[place]
        if are_there(found, ast.literal_eval(node)):
            continue
        first, last = lines[node.lineno - 1], lines[node.end_lineno - 1]
        indent = " " * (len(first) - len(first.lstrip()))
        inside = "".join(entry(mark, sentence, f"{indent}    ") for mark, sentence in found)
        new = first.encode()[: node.col_offset].decode() + f"[\n{inside}{indent}]"
        lines[node.lineno - 1 : node.end_lineno] = [new + last.encode()[node.end_col_offset :].decode()]
    return "".join(lines)


def are_there(entries: list[tuple[float, str]], hidden: list[tuple[float, str]]) -> bool:
    """Whether a check has these entries, up to rounding."""
    return len(entries) == len(hidden) and all(
        abs(mark - known) < ROUNDING and codecs.encode(sentence, "rot13") == secret
        for (mark, sentence), (known, secret) in zip(entries, hidden, strict=True)
    )


def entry(mark: float, sentence: str, indent: str) -> str:
    hidden = codecs.encode(sentence, "rot13")
    line = f'{indent}({mark:.{DIGITS}f}, "{hidden}"),\n'
    if len(line) <= WIDTH:
        return line
    pieces = textwrap.wrap(hidden, WIDTH - len(indent) - 6, drop_whitespace=False)
    quoted = f"\n{indent} ".join(f'"{piece}"' for piece in pieces)
    return f"{indent}({mark:.{DIGITS}f},\n{indent} {quoted}),\n"
