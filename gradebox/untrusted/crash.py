"""Untrusted side: what a student's code was at when it raised, in sizes and in its own words.

The sentence that numpy gives depends on the function that was called; what was computed does not.
"""

import ast
import builtins
import difflib
import inspect
import linecache
import re
import types
from typing import Any

MOST_OPERANDS, MOST_TEXT, MOST_AXES = 3, 200, 8
PRODUCTS = {"dot", "matmul", "inner", "vdot"}  # with operands whose inner sizes have to agree
# How Python complains of a call, and not of what a function does with its arguments.
CALLED_WRONG = re.compile(r"\(\) (takes|missing|got) ")
# Reading an operand again must not change what it read.
NOT_AGAIN = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)


def account(error: BaseException, function: Any = None) -> dict:
    """What a student's code was at when it raised; empty if that cannot be told.

    function -- the one that was called; where it did not begin, how it wants to be called is the account

    line     -- the line of theirs that was running
    kind     -- what it did: product, arithmetic, item, call, unpack, loop, name, attribute, import, raise or other
    operands -- what it did that with, each with its text, type and sizes; no numbers
    similar  -- for a name that is not there: one that is, and is written much alike
    """
    place = None
    trace = error.__traceback__
    while trace is not None:
        if is_students(trace.tb_frame):
            place = trace
        trace = trace.tb_next
    if place is None:
        if type(error) is not TypeError or not CALLED_WRONG.search(str(error)):
            return {}
        return {"line": "", "kind": "signature", "operands": [described(signature(function))], "similar": ""}
    frame = place.tb_frame
    kind, parts = what_failed(error, place)
    return {
        "line": linecache.getline(frame.f_code.co_filename, place.tb_lineno).strip()[:MOST_TEXT],
        "kind": kind,
        "operands": [operand(part, frame) for part in parts[:MOST_OPERANDS]],
        "similar": similar(error, frame) if isinstance(error, NameError) else "",
    }


def is_students(frame: types.FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<cell ") or frame.f_globals.get("__name__") == "__main__"


def what_failed(error: BaseException, place: types.TracebackType) -> tuple[str, list[ast.expr]]:
    """The kind of the operation that raised, and what it works on."""
    if isinstance(error, ImportError):
        return "import", []
    nodes = written(place.tb_frame.f_code)
    if type(error) is TypeError and "not iterable" in str(error):
        loops = [node.iter for node in nodes if isinstance(node, (ast.For, ast.comprehension))]
        return "loop", [each for each in loops if each.lineno == place.tb_lineno]
    kind, parts = what_it_did(running(nodes, place))
    return ("other", []) if kind == "name" and not isinstance(error, NameError) else (kind, parts)


def written(code: types.CodeType) -> list[ast.AST]:
    """All of the cell that the code stands in."""
    try:
        return [*ast.walk(ast.parse("".join(linecache.getlines(code.co_filename))))]
    except (SyntaxError, ValueError):
        return []


def running(nodes: list[ast.AST], place: types.TracebackType) -> ast.AST | None:
    """The expression or statement that ran, as far as Python remembers; an assignment that could not be unpacked."""
    where = list(place.tb_frame.f_code.co_positions())[place.tb_lasti // 2]
    for node in nodes:
        if isinstance(node, ast.Assign) and any(position(target) == where for target in node.targets):
            return node if isinstance(node.targets[0], (ast.Tuple, ast.List)) else node.targets[0]
        if position(node) == where:
            return node
    return None


def position(node: ast.AST) -> tuple:
    """Where a node stands, as code objects say it: lines first, then columns."""
    if not hasattr(node, "lineno"):
        return ()
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def what_it_did(node: ast.AST | None) -> tuple[str, list[ast.expr]]:
    """The kind of an operation, and what it works on."""
    match node:
        case ast.Raise() | ast.Assert():
            return "raise", []
        case ast.BinOp(left=left, right=right) | ast.AugAssign(target=left, value=right):
            return "product" if isinstance(node.op, ast.MatMult) else "arithmetic", [left, right]
        case ast.Subscript(value=value, slice=index):
            return "item", [value, index]
        case ast.Call(func=ast.Attribute(attr=name), args=[left, right]) if name in PRODUCTS:
            return "product", [left, right]
        case ast.Call(func=ast.Attribute(attr=name, value=left), args=[right]) if name in PRODUCTS:
            return "product", [left, right]
        case ast.Call(func=function, args=arguments):
            return "call", [function, *arguments]
        case ast.Assign(targets=[target], value=value):
            return "unpack", [target, value]
        case ast.Name():
            return "name", [node]
        case ast.Attribute(value=value):
            return "attribute", [value, node]
    return "other", []


def operand(node: ast.expr, frame: types.FrameType) -> dict:
    """An operand, evaluated once more where that can do no harm: it just was."""
    found = described(ast.unparse(node))
    if any(isinstance(part, NOT_AGAIN) for part in ast.walk(node)):
        return found
    try:
        return found | sizes(eval(compile(found["text"], "<operand>", "eval"), frame.f_globals, frame.f_locals))
    except BaseException:  # whatever the student's code raises when it is asked again, or a time limit
        return found


def described(text: str) -> dict:
    return {"text": text[:MOST_TEXT], "type": "", "shape": None}


def sizes(value: object) -> dict:
    """Type and sizes of a value."""
    shape = getattr(value, "shape", None) if hasattr(type(value), "__array__") or hasattr(value, "dim") else None
    if isinstance(shape, tuple) and len(shape) <= MOST_AXES:
        return {"type": "array", "shape": [int(size) for size in shape]}
    if isinstance(value, (list, tuple, str)):
        return {"type": type(value).__name__, "shape": [len(value)]}
    if isinstance(value, (bool, int, float, complex)):
        return {"type": "number", "shape": []}
    return {"type": type(value).__name__[:MOST_TEXT], "shape": None}


def similar(error: NameError, frame: types.FrameType) -> str:
    """A name of the place that is written much like the one that is not there."""
    wanted = error.name or ""
    names = [*frame.f_locals, *frame.f_globals, *dir(builtins)]
    names = [name for name in names if isinstance(name, str) and not name.startswith("_") and name != wanted]
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.75)
    return close[0][:MOST_TEXT] if close else ""


def signature(function: object) -> str:
    """How a function wants to be called; empty if it does not say."""
    try:
        return str(inspect.signature(function))[:MOST_TEXT]
    except Exception:  # an object of the student's is asked, and may do anything
        return ""
