"""Which of a student's own words their tests may tell them, see `sandbox.familiar`."""

import ast
from collections.abc import Iterator

from nbformat import NotebookNode

from gradebox.judge.habits import parsed
from gradebox.sandbox import Familiar

MOST_MESSAGES = 64  # of each kind: which one of them it is must not say much


def familiar_to(notebook: NotebookNode) -> Familiar:
    """What a student may be told in the words of their process: what stands in their notebook, and what that showed.

    notebook -- with the outputs of a run without hidden tests
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    written = dict.fromkeys(text for cell in cells for text in messages(cell.source))
    shown = dict.fromkeys(each.evalue for cell in cells for each in cell.outputs if each.output_type == "error")
    told = frozenset([*list(written)[:MOST_MESSAGES], *list(shown)[:MOST_MESSAGES]])
    return Familiar(told, "\n".join(cell.source for cell in cells))


def messages(code: str) -> Iterator[str]:
    """Texts that a cell raises or asserts with, as they stand in it."""
    for node in ast.walk(parsed(code)):
        if isinstance(node, (ast.Raise, ast.Assert)):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value
