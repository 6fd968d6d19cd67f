"""Whose a cell is, in which order cells run, and what an instructor's cell binds."""

import ast
import functools
import symtable
from dataclasses import dataclass
from enum import Enum
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from gradebox.judge.hidden import Hidden

_transform = TransformerManager().transform_cell


class Role(Enum):
    """Who a code cell belongs to, and so where it runs."""

    DEMO = "locked, not graded"
    SHOWN = "the same, without its hidden region"
    SOLUTION = "solution"
    OWN = "added by the student"
    TEST = "graded test"


def roles(notebook: NotebookNode, instructors: dict[str, NotebookNode]) -> list[tuple[NotebookNode, Role]]:
    """The code cells in order. Of several cells with one grade_id the last is the real one, as in nbgrader."""
    last = {grade_id_of(cell): cell for cell in notebook.cells}
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        grade_id = grade_id_of(cell)
        original = instructors.get(grade_id)
        if original is None or original.cell_type != "code" or last[grade_id] is not cell:
            role = Role.OWN
        elif is_solution(original):
            role = Role.SOLUTION
        elif is_grade(original):
            role = Role.TEST
        else:
            role = Role.DEMO if is_locked(original) else Role.OWN
        found.append((cell, role))
    return found


def answers_last(
    cells: list[tuple[NotebookNode, Role]], instructors: dict[str, NotebookNode], hidden: Hidden | None = None
) -> list[tuple[NotebookNode, Role]]:
    """The cells in the order to run them: the submission's, but no answer of the instructor's before what it answers.

    Moved up by a student, or called by name from their code, it would answer the tests. See `tests_before`. Where a
    cell with a hidden region has to wait, what students have of it stands in its place (Role.SHOWN).
    """
    before = tests_before(instructors, hidden)
    stand_ins = tests_before(instructors)
    to_come = {grade_id_of(cell) for cell, role in cells if role is Role.TEST}
    order, waiting = [], []
    for cell, role in cells:
        name = grade_id_of(cell)
        if role is not Role.DEMO or not before.get(name, frozenset()) & to_come:
            order.append((cell, role))
        else:
            waiting.append((cell, role))
            if name not in stand_ins:
                order.append((cell, Role.SHOWN))
        if role is Role.TEST:
            to_come.discard(name)
            order += [each for each in waiting if not before[grade_id_of(each[0])] & to_come]
            waiting = [each for each in waiting if before[grade_id_of(each[0])] & to_come]
    return order


def tests_before(instructors: dict[str, NotebookNode], hidden: Hidden | None = None) -> dict[str, frozenset[str]]:
    """grade_id of every locked cell that may answer tests -> those of the tests that have to run before it.

    A stand-in binds names that a solution cell above it binds, the right answer for those who come after: it answers
    the tests above it. Any other cell with a hidden region may answer them all.
    """
    tests = frozenset(name for name, cell in instructors.items() if cell.cell_type == "code" and is_test(cell))
    solved: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    before = {}
    for name, cell in instructors.items():
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            solved |= prepared(name, cell.source).binds
        elif is_grade(cell):
            above |= {name}
        elif is_locked(cell) and prepared(name, cell.source).binds & solved:
            before[name] = above
        elif is_locked(cell) and hidden is not None and hidden.in_text(cell.source):
            before[name] = tests
    return before


def is_test(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell)


def plain_cells(source: NotebookNode) -> list[tuple[str, str, str]]:
    """The instructor's unmarked code cells: the marked cell that comes next, a name for the log, the text.

    Data, imports and helpers that nobody marked as given. Those below the last marked cell are left out.
    """
    found, waiting = [], []
    for number, cell in enumerate(source.cells, 1):
        if "nbgrader" in cell.metadata and (is_grade(cell) or is_solution(cell) or is_locked(cell)):
            found += [(cell.metadata.nbgrader.grade_id, *plain) for plain in waiting]
            waiting = []
        elif cell.cell_type == "code":
            waiting.append((f"cell {number} of the source", cell.source))
    return found


def points_of(source: NotebookNode) -> dict[str, float]:
    """grade_id of every test a machine grades -> points."""
    return {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in source.cells
        if cell.cell_type == "code" and is_test(cell)
    }


def grade_id_of(cell: NotebookNode) -> str | None:
    """The cell's grade_id, if its metadata, which the student may have written, holds one."""
    about = cell.metadata.get("nbgrader")
    grade_id = about.get("grade_id") if isinstance(about, dict) else None
    return grade_id if isinstance(grade_id, str) else None


@dataclass(frozen=True)
class Prepared:
    """An instructor's cell, ready to run."""

    body: CodeType
    last: CodeType | None  # the last line, if it is an expression
    binds: frozenset[str]  # global names: assignments, loops, functions, classes
    imports: frozenset[str]
    importing: CodeType  # its import statements alone
    broken: SyntaxError | None = None  # why it is no Python


@functools.lru_cache(maxsize=1000)
def prepared(name: str, source: str) -> Prepared:
    """Compile an instructor's cell. Kept: the rehearsal prepares for all the submissions that follow."""
    try:
        return _compiled(name, _transform(source))
    except (SyntaxError, ValueError) as error:  # the other: a null byte, in Python before 3.12
        nothing = compile("", f"<{name}>", "exec")
        return Prepared(nothing, None, frozenset(), frozenset(), nothing, SyntaxError(str(error)))


def _compiled(name: str, text: str) -> Prepared:
    tree = ast.parse(text)
    symbols = symtable.symtable(ast.unparse(_AsGenerators().visit(ast.parse(text))), f"<{name}>", "exec").get_symbols()
    imports = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return Prepared(
        compile(tree, f"<{name}>", "exec"),
        compile(ast.Expression(last.value), f"<{name}>", "eval") if last else None,
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() and not symbol.is_imported()),
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_imported()),
        compile(imports, f"<{name}>", "exec"),
    )


class _AsGenerators(ast.NodeTransformer):
    """Comprehensions as generators: from Python 3.12 on, symtable gives the variables of the others to the cell."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
