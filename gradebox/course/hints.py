"""The visible checks' hints, made from the catalogue: what each mistake gives on the notebook's own data.

A check says ``compare(answer, expected, slips=[...])``. Each entry is the fingerprint of a wrong answer and a sentence
in rot13, so that nobody reads it beside the exercise.
"""

import ast
import codecs
import contextlib
import io
import textwrap
from typing import Any

import numpy as np
from nbformat import NotebookNode

from gradebox.course.catalogue import as_written, cell_of, solution_of
from gradebox.exercises import Exercise

WIDTH = 100
DIGITS = 6
TOO_CLOSE = 3e-4  # twice what a check takes for the same fingerprint, and more


class Found(Exception):
    """A check's comparison that is not right: which of its comparisons, and the answer."""


def with_hints(notebook: NotebookNode, exercises: list[Exercise]) -> list[str]:
    """Put into every check of the notebook what its exercise's mistakes give. Returns the grade_ids that changed."""
    names = {exercise.name: exercise for exercise in exercises}
    changed, space = [], run_so_far(notebook)
    for cell in notebook.cells:
        exercise = names.get(cell.id.removesuffix("-check")) if cell.id.endswith("-check") else None
        lists = slip_lists(cell.source) if exercise else []
        if lists:
            entries = [known_here(notebook, exercise, cell, dict(space[cell.id]), each) for each in range(len(lists))]
            new = rewritten(cell.source, lists, entries)
            changed += [cell.id] * (new != cell.source)
            cell.source = new
    return changed


def run_so_far(notebook: NotebookNode) -> dict[str, dict[str, Any]]:
    """The names that the instructor's notebook has made when it comes to each of its checks: grade_id -> names."""
    import matplotlib

    matplotlib.use("agg")
    space: dict[str, Any] = {"__name__": "__main__"}
    reached = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            if cell.id.endswith("-check"):
                reached[cell.id] = dict(space)
            run(cell.source, space)
    return reached


def run(text: str, space: dict[str, Any]) -> None:
    lines = [line for line in text.splitlines() if not line.startswith(("%", "!"))]
    exec(compile("\n".join(lines), "<cell>", "exec"), space)


def slip_lists(text: str) -> list[ast.expr]:
    """The lists of hints in a check, in the order of its comparisons."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    calls = [node for node in calls if getattr(node.func, "id", "") == "compare"]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    return [keyword.value for node in calls for keyword in node.keywords if keyword.arg == "slips"]


def known_here(
    notebook: NotebookNode, exercise: Exercise, check: NotebookNode, space: dict[str, Any], comparison: int
) -> list[tuple[float, str]]:
    """Fingerprints and sentences of the mistakes that one comparison of a check can tell apart."""
    solution = solution_of(notebook, cell_of(exercise))
    found: list[tuple[float, str]] = []
    for mistake in (*exercise.mistakes, *exercise.pairs_to_tell()):
        answer = wrong_answer(as_written(exercise, mistake, solution), check, dict(space), comparison)
        mark = space["fingerprint"](answer) if answer is not None else np.nan
        if np.isfinite(mark) and all(abs(mark - other) > TOO_CLOSE for other, _ in found):
            found.append((round(mark, DIGITS), mistake.diagnosis))
    return found


def wrong_answer(text: str, check: NotebookNode, space: dict[str, Any], comparison: int) -> np.ndarray | None:
    """What a check's comparison is given where a mistake stands in the student's cell; None if it is right or fails."""
    compare, count = space["compare"], iter(range(100))

    def recording(answer, expected, slips=(), **options):
        number = next(count)
        try:
            return compare(answer, expected, **options)
        except AssertionError as error:
            raise Found(number, answer) from error

    space["compare"] = recording
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            run(text, space)
            run(check.source, space)
    except Found as found:
        number, answer = found.args
        answer = np.asarray(answer) if number == comparison else None
        return answer if answer is not None and answer.dtype.kind in "fiu" else None
    except Exception:  # a mistake may raise whatever it likes: then there is no number to know it by
        return None
    return None


def rewritten(text: str, lists: list[ast.expr], entries: list[list[tuple[float, str]]]) -> str:
    lines = text.splitlines(keepends=True)
    for node, found in sorted(zip(lists, entries, strict=True), key=lambda pair: pair[0].lineno, reverse=True):
        first, last = lines[node.lineno - 1], lines[node.end_lineno - 1]
        indent = " " * (len(first) - len(first.lstrip()))
        inside = "".join(entry(mark, sentence, f"{indent}    ") for mark, sentence in found)
        new = first.encode()[: node.col_offset].decode() + f"[\n{inside}{indent}]"
        lines[node.lineno - 1 : node.end_lineno] = [new + last.encode()[node.end_col_offset :].decode()]
    return "".join(lines)


def entry(mark: float, sentence: str, indent: str) -> str:
    hidden = codecs.encode(sentence, "rot13")
    line = f'{indent}({mark:.{DIGITS}f}, "{hidden}"),\n'
    if len(line) <= WIDTH:
        return line
    pieces = textwrap.wrap(hidden, WIDTH - len(indent) - 6, drop_whitespace=False)
    quoted = f"\n{indent} ".join(f'"{piece}"' for piece in pieces)
    return f"{indent}({mark:.{DIGITS}f},\n{indent} {quoted}),\n"
