"""Mutants of the instructors' solutions: every small change has to cost marks, or be known to change nothing.

`make mutants` grades them all and prints how many keep full marks, and how many of the others are told why;
`tests/slow/test_mutants.py` grades a sample.
"""

import argparse
import ast
import copy
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from catalogue import EXERCISES
from nbgrader.utils import is_grade, is_solution
from rich.console import Console
from rich.table import Table
from sample_class import COURSE, NOTEBOOKS, solutions, source, submission, without_pictures
from solved_notebook import messages

from gradebox.course.source import exercise_of
from gradebox.judge.modules import course_modules
from gradebox.judge.warm import WarmJudge
from gradebox.sandbox.walls import Sandbox

CELL_SECONDS = 10  # a mutant may loop for ever
WORKERS = 2

SLIP, OTHERWISE, NOTHING = "by a slip", "otherwise", "nothing"
# Messages that only say that and where an answer is wrong.
NUMBERS_ONLY = re.compile(r"\d+ of \d+ numbers|The (shape|length|number) is|It stopped with|Result \d+: ")

OTHER_OPERATOR = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
OTHER_COMPARISON = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq}
OTHER_FUNCTION = {"max": "min", "min": "max", "sum": "mean", "mean": "sum", "argmax": "argmin", "zeros": "ones"}
OTHER_FUNCTION |= {"hstack": "vstack", "vstack": "hstack", "exp": "abs", "abs": "array", "sqrt": "array"}


@dataclass(frozen=True)
class Mutant:
    notebook: str
    cell: str  # grade_id of the solution cell
    line: int  # of the cell
    change: str  # the line before and after
    text: str  # the whole cell

    def __str__(self) -> str:
        return f"{self.cell}, line {self.line}: {self.change}"


# Mutants that give the same answers, with the reason: cell -> change -> why.
EQUIVALENT: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("equivalent_mutants.json").read_text())


def mutants(notebook: str) -> Iterator[Mutant]:
    """All mutants of a notebook's solutions, one change each, in the order of the text."""
    for cell in source(notebook).cells:
        if not is_solution(cell) or cell.cell_type != "code" or not exercises_tested_by(notebook, cell.id):
            continue
        text = solutions(notebook)[cell.id]
        seen = {ast.unparse(ast.parse(text))}
        for site, variant in variants(ast.parse(text)):
            changed = ast.unparse(ast.fix_missing_locations(variant))
            if changed not in seen:
                seen.add(changed)
                yield Mutant(notebook, cell.id, site.lineno, difference(ast.unparse(ast.parse(text)), changed), changed)


def difference(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    old, new = next(((one.strip(), other.strip()) for one, other in pairs if one != other), ("", "nothing"))
    return f"{old}  ->  {new}"


def variants(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Module]]:
    """Every tree that differs from this one in one place, with the place."""
    places = [node for node in ast.walk(tree) if isinstance(node, (ast.expr, ast.stmt))]
    for number, node in enumerate(places):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        for change in changes(node):
            variant = copy.deepcopy(tree)
            place = [other for other in ast.walk(variant) if isinstance(other, (ast.expr, ast.stmt))][number]
            Replace(place, change(copy.deepcopy(node))).visit(variant)
            yield node, variant


class Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def changes(node: ast.AST) -> Iterator:
    """The ways to change a node, as functions that take a copy of it."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in OTHER_OPERATOR:
            yield lambda n: ast.BinOp(n.left, OTHER_OPERATOR[type(n.op)](), n.right)
        if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div, ast.FloorDiv)):
            yield lambda n: ast.BinOp(n.right, n.op, n.left)
        yield lambda n: n.left
        yield lambda n: n.right
    elif isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            if type(operator) in OTHER_COMPARISON:
                yield lambda n, number=number: with_item(n, "ops", number, OTHER_COMPARISON[type(n.ops[number])]())
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda n: ast.Constant(n.value + 1)
        yield lambda n: ast.BinOp(ast.Constant(n.value), ast.Sub(), ast.Constant(1))
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        for number in range(len(node.elts) - 1):
            yield lambda n, number=number: swapped(n, "elts", number)
    elif isinstance(node, ast.Slice):
        for edge in ("lower", "upper"):
            if getattr(node, edge) is not None:
                yield lambda n, edge=edge: plus_one(n, edge)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield lambda n: n.value
    elif isinstance(node, ast.Call):
        yield from changes_of_call(node)
    elif isinstance(node, ast.AugAssign):
        yield lambda n: ast.Assign([n.target], n.value, lineno=n.lineno)
        yield lambda n: ast.Pass()
    elif isinstance(node, (ast.For, ast.If)):
        yield lambda n: ast.Pass()


def changes_of_call(node: ast.Call) -> Iterator:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in OTHER_FUNCTION and isinstance(node.func, ast.Attribute):
        yield lambda n: with_item(n, "func", None, ast.Attribute(n.func.value, OTHER_FUNCTION[name], ast.Load()))
    if name == "range":
        yield lambda n: with_item(n, "args", -1, ast.BinOp(n.args[-1], ast.Sub(), ast.Constant(1)))
        if len(node.args) == 1:
            yield lambda n: with_item(n, "args", None, [ast.Constant(1), *n.args])
    if len(node.args) > 1:
        yield lambda n: swapped(n, "args", 0)
    for number in range(len(node.keywords)):
        yield lambda n, number=number: without_item(n, "keywords", number)
    if len(node.args) == 1 and not node.keywords:
        yield lambda n: n.args[0]


def with_item(node, field: str, number: int | None, item):
    if number is None:
        setattr(node, field, item)
    else:
        getattr(node, field)[number] = item
    return node


def without_item(node, field: str, number: int):
    del getattr(node, field)[number]
    return node


def swapped(node, field: str, number: int):
    items = getattr(node, field)
    items[number], items[number + 1] = items[number + 1], items[number]
    return node


def plus_one(node: ast.Slice, edge: str):
    setattr(node, edge, ast.BinOp(getattr(node, edge), ast.Add(), ast.Constant(1)))
    return node


# --- grading ----------------------------------------------------------------------------------------------------------


def exercises_tested_by(notebook: str, cell: str) -> set[str]:
    """Exercises whose tests a machine grades, of a solution cell: those that bear its name or stand right behind it."""
    found, last = set(), None
    for other in source(notebook).cells:
        if is_solution(other):
            last = other.id
        elif is_grade(other) and last == cell:
            found.add(exercise_of(other.id))
    return found


@dataclass(frozen=True)
class Result:
    """What became of a mutant: whether its exercises earn everything, and what their hidden tests said if not."""

    mutant: Mutant
    full: bool
    said: tuple[str, ...]

    def told(self) -> str:
        """What explains it: a slip of the catalogue, something else (two slips, its cases, its error), or nothing."""
        hints = {message.partition("\nHint: ")[2] for message in self.said} - {""}
        known = {mistake.diagnosis for _, exercise in EXERCISES for mistake in exercise.mistakes}
        if hints & known:
            return SLIP
        return OTHERWISE if hints or any(not NUMBERS_ONLY.match(message) for message in self.said) else NOTHING


def result_of(judge: WarmJudge, mutant: Mutant) -> Result:
    """What the exercises of a mutant earn with it in its place."""
    cells = solutions(mutant.notebook) | {mutant.cell: mutant.text}
    graded = judge.grade(without_pictures(submission(mutant.notebook, cells)), source(mutant.notebook))
    tested = exercises_tested_by(mutant.notebook, mutant.cell)
    most = {cell.id: cell.metadata.nbgrader.points for cell in source(mutant.notebook).cells if is_grade(cell)}
    full = all(points == most[name] for name, points in graded.marks.items() if exercise_of(name) in tested)
    said = (messages(graded, exercise) for exercise in tested)
    hidden = tuple(text for told in said for name, text in told.items() if not name.endswith("-check"))
    return Result(mutant, full, hidden)


def judge_for(notebook: str) -> WarmJudge:
    original = source(notebook)
    return WarmJudge(Sandbox(cell_seconds=CELL_SECONDS).settings_for(original), course_modules(COURSE, original))


def results(notebook: str, chosen: list[Mutant]) -> list[Result]:
    judges = [judge_for(notebook) for _ in range(WORKERS)]

    def graded(number: int) -> list[Result]:
        return [result_of(judges[number], mutant) for mutant in chosen[number::WORKERS]]

    with ThreadPoolExecutor(WORKERS) as pool:
        found = [result for part in pool.map(graded, range(WORKERS)) for result in part]
    for judge in judges:
        judge.close()
    return sorted(found, key=lambda result: (result.mutant.cell, result.mutant.line))


def is_equivalent(mutant: Mutant) -> bool:
    return mutant.change in EQUIVALENT.get(mutant.cell, {})


def main() -> int:
    parser = argparse.ArgumentParser(description="Grade all mutants and print how many keep full marks.")
    example = f"such as {NOTEBOOKS[0]} (all)"
    parser.add_argument("notebooks", nargs="*", default=NOTEBOOKS, metavar="NOTEBOOK", help=example)
    notebooks = parser.parse_args().notebooks
    columns = ("notebook", "mutants", "equivalent", "keep full marks", "told why", "by a slip", "otherwise")
    table = Table(*columns, title="Mutants of the solutions")
    alive, untold = [], []
    for notebook in notebooks:
        every = list(mutants(notebook))
        print(f"Grading {len(every)} mutants of {notebook}", file=sys.stderr, flush=True)
        found = results(notebook, every)
        equivalent = [result for result in found if result.full and is_equivalent(result.mutant)]
        lasting = [result.mutant for result in found if result.full and not is_equivalent(result.mutant)]
        alive += lasting
        wrong = [result for result in found if not result.full]
        kinds = Counter(result.told() for result in wrong)
        untold += [result.mutant for result in wrong if result.told() == NOTHING]
        shares = [len(wrong) - kinds[NOTHING], kinds[SLIP], kinds[OTHERWISE]]
        table.add_row(
            Path(notebook).name,
            str(len(every)),
            str(len(equivalent)),
            f"{len(lasting)} ({len(lasting) / max(1, len(every)):.1%})",
            *(f"{share / max(1, len(wrong)):.0%}" for share in shares),
        )
    Console().print(table)
    for mutant in alive:
        print(f"keeps full marks: {mutant}")
    for mutant in untold:
        print(f"told nothing: {mutant}")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main())
