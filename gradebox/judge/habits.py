"""What students do without thinking, and what must not cost them a mark: another name, a helper at the bottom."""

import ast
import functools
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from gradebox.judge.cells import Role

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_transform = TransformerManager().transform_cell


@dataclass(frozen=True)
class Renamed:
    """A solution cell defines one function, as asked, under a name of the student's own."""

    wanted: str
    found: str

    def __str__(self) -> str:
        return f"Your `{self.found}` was taken for `{self.wanted}`, the name that was asked for."


def renamed(written: str, asked: str) -> Renamed | None:
    """Whether a cell holds the one function that the instructor's holds, but for its name."""
    mine, theirs = definitions(written), definitions(asked)
    bound = names_bound(written)
    missing = [node for name, node in theirs.items() if name not in bound]
    others = [node for name, node in mine.items() if name not in theirs]
    if len(missing) != 1 or len(others) != 1 or len(mine) != len(theirs):
        return None
    (wanted,), (found,) = missing, others
    if type(wanted) is not type(found) or (
        isinstance(wanted, DEFINITIONS[:2]) and parameters(wanted) != parameters(found)
    ):
        return None
    return Renamed(wanted.name, found.name)


def parameters(function: ast.FunctionDef) -> int:
    return len(function.args.args) + len(function.args.posonlyargs)


def definitions(text: str) -> dict[str, ast.AST]:
    return {node.name: node for node in parsed(text).body if isinstance(node, DEFINITIONS)}


def names_bound(text: str) -> set[str]:
    """Names that a cell gives a meaning to, anywhere in it."""
    names = {
        node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(parsed(text)):
        if isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def names_read(text: str) -> set[str]:
    return {node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


@functools.lru_cache(maxsize=200)
def parsed(text: str) -> ast.Module:
    """A cell's Python; nothing where it is none."""
    try:
        return ast.parse(_transform(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def helpers_in_time(
    cells: list[tuple[NotebookNode, Role]],
) -> tuple[list[tuple[NotebookNode, Role]], list[str]]:
    """The cells in the order to run them: a cell of the student's that only defines, above the answer that needs it.

    In their session it had run before. Returns the order, and what to tell of it.
    """
    order, told = list(cells), []
    for cell, role in cells:
        if role is not Role.OWN or not only_defines(cell.source):
            continue
        names = set(definitions(cell.source))
        place = order.index((cell, role))
        above = order[:place]
        users = [number for number, (each, whose) in enumerate(above) if needs(each, whose, names)]
        if users and not any(names & names_bound(each.source) for each, _ in above):
            order.insert(users[0], order.pop(place))
            told.append(f"your cell with {', '.join(sorted(names))} was run before the answer that needs it")
    return order, told


def only_defines(text: str) -> bool:
    body = parsed(text).body
    kinds = (*DEFINITIONS, ast.Import, ast.ImportFrom)
    return bool(definitions(text)) and all(
        isinstance(node, kinds) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in body
    )


def needs(cell: NotebookNode, role: Role, names: set[str]) -> bool:
    return role is Role.SOLUTION and bool(names_read(cell.source) & names)
