"""From the bytes that somebody hands in to a notebook, or a reason why there is none.

Pure functions. What editors, file systems and version control have left behind is removed; every repair is a sentence
for the student, every refusal (`Refused`) one that the instructor can act on.
"""

import itertools
import json
import re
import warnings
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode, from_dict

CONFLICT = re.compile(
    r"^<{7} [^\n]*\n(?P<ours>.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\n(?P<theirs>.*?)^>{7} [^\n]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_CONFLICTS = 20  # in a file
MOST_MARKS = 200  # of conflicts: looking for the end of each takes a time that grows with their square
MOST_PARTS = 20_000_000  # of a file: each takes many times its bytes in memory
MOST_CELLS = 5000
MOST_DEPTH = 50  # of metadata in each other: much of what reads notebooks gives up at some hundred
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # half a character, unless its other half follows
OTHER_FILES = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a packed file"),
    (b"\x89PNG", "a picture"),
)


class Refused(Exception):
    """A submission that cannot be graded. The message says why and what to do, in one line for the instructor."""


@dataclass
class Reading:
    """A file that is a notebook."""

    notebook: NotebookNode
    repairs: list[str]


def read_submitted(data: bytes) -> list[Reading]:
    """Read what a student handed in; a file with merge conflicts has two readings, one for each side.

    Raises Refused if it is no notebook.
    """
    text, repairs = decoded(data)
    conflicts, marks = text.count("\n<<<<<<< "), sum(text.count(f"\n{mark * 7}") for mark in "|=>")
    if conflicts > MOST_CONFLICTS or (conflicts and marks > MOST_MARKS):
        raise Refused(f"holds {max(conflicts, marks)} marks of merge conflicts: ask for a clean copy")
    if not conflicts:
        return [Reading(*tidied(parsed(text), repairs))]
    readings, problem = [], None
    for side, where in (("ours", "above"), ("theirs", "below")):
        said = f"The file held the marks of a merge conflict; the version {where} ======= was graded."
        try:
            raw = parsed(CONFLICT.sub(lambda found, side=side: found[side], text))
            readings.append(Reading(*tidied(raw, [*repairs, said])))
        except Refused as error:
            problem = error
    if not readings:
        raise Refused(f"holds a merge conflict that cannot be undone ({problem}): ask for a clean copy")
    return readings


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what was mended in it."""
    repairs = []
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("is empty: ask for the notebook again")
    for start, kind in OTHER_FILES:
        if data.startswith(start):
            raise Refused(f"is {kind} and not a notebook: ask for the .ipynb file")
    if data.endswith(b"\0") and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.rstrip(b"\0")
        repairs.append("Empty bytes at the end of the file were removed.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        repairs.append("A byte-order mark at the start of the file was removed.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        repairs.append("The file was not in UTF-8; letters with accents may look odd.")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        repairs.append("Windows line ends were replaced.")
    return text, repairs


def parsed(text: str) -> dict:
    """The JSON of a notebook, whatever else is wrong with it. Raises Refused if it is none."""
    begin, end = text[:300].lstrip().lower(), text[-300:].rstrip()
    if (parts := sum(map(text.count, "[{,"))) > MOST_PARTS:
        raise Refused(f"has {parts} parts, over the {MOST_PARTS} there may be: ask for one without outputs")
    try:
        raw = json.loads(text)
        if SURROGATE.search(text):
            raw = json.loads(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise Refused("is nested too deeply for a notebook: ask for the .ipynb file") from error
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
        if begin.startswith(("<!doctype", "<html")):
            raise Refused("is a web page and not a notebook: ask for the .ipynb file") from error
        if begin.startswith("{") and (not end.endswith("}") or getattr(error, "pos", 0) >= len(text.rstrip())):
            raise Refused(f"is cut off in {where}, after {len(text)} characters: ask for it again") from error
        raise Refused(f"is not JSON ({where}), so it is no notebook: ask for the .ipynb file") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Refused("is JSON, but not a notebook: it has no cells")
    return raw


def tidied(raw: dict, repairs: list[str]) -> tuple[NotebookNode, list[str]]:
    """Make a notebook of what was read: current format, every cell whole, no outputs. Raises Refused."""
    repairs = list(repairs)
    sheets = [raw, *filter(lambda sheet: isinstance(sheet, dict), raw.get("worksheets") or [])]
    if (number := sum(len(sheet["cells"]) for sheet in sheets if isinstance(sheet.get("cells"), list))) > MOST_CELLS:
        raise Refused(f"has {number} cells, over the {MOST_CELLS} there may be: ask for one without the empty ones")
    if "cells" not in raw or (isinstance(raw.get("nbformat"), int) and raw["nbformat"] < 4):
        raw = upgraded(raw)
        repairs.append("The notebook was in an old format and was converted.")
    elif raw.get("nbformat") != 4:
        repairs.append("The notebook did not name its format.")
    minor = raw.get("nbformat_minor")
    minor = minor if type(minor) is int and 0 <= minor < 100 else 5
    cells = [whole(cell) for cell in raw["cells"] if isinstance(cell, dict)]
    if len(cells) < len(raw["cells"]):
        repairs.append(f"{len(raw['cells']) - len(cells)} entries that are no cells were left out.")
    if any("id" in cell for cell in cells):
        minor = max(minor, 5)
    if minor >= 5:
        give_ids(cells)
    about = raw.get("metadata")
    about = {name: value for name, value in about.items() if name != "widgets"} if isinstance(about, dict) else {}
    if too_deep({"cells": cells, "metadata": about}):
        about = {} if too_deep(about) else about
        for cell in filter(too_deep, cells):
            cell["metadata"] = {}
            cell.pop("attachments", None)
        repairs.append("Metadata that was nested too deeply was removed.")
    notebook = from_dict({"nbformat": 4, "nbformat_minor": minor, "metadata": about, "cells": cells})
    resolve_cells(notebook, repairs)
    if not valid(notebook):
        keep_only_known_metadata(notebook)
        repairs.append("Metadata that no notebook may have was removed.")
        if not valid(notebook):
            raise Refused("is not a valid notebook, whatever is left out of it: open it in JupyterLab and save it")
    return notebook, repairs


def upgraded(raw: dict) -> dict:
    """A notebook of format 1 to 3 as one of format 4."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = nbformat.convert(from_dict(raw), 4)
    except Exception as error:  # whatever nbformat stumbles over in a file it does not check
        version = raw.get("nbformat")
        raise Refused(
            f"is in the old format {version} and cannot be converted ({type(error).__name__}): open it in JupyterLab "
            "and save it"
        ) from error
    for cell in found.cells:
        cell.pop("id", None)  # random ones
    return found


def whole(cell: dict) -> dict:
    """A cell with everything a cell must have and nothing it may not have. Its outputs are not kept."""
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "markdown", "raw") else "markdown"
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = source.replace("\r\n", "\n") if isinstance(source, str) else ""
    about = cell.get("metadata")
    mended = {"cell_type": kind, "metadata": about if isinstance(about, dict) else {}, "source": source}
    if isinstance(cell.get("id"), str):
        mended["id"] = cell["id"]
    if kind == "code":
        mended |= {"outputs": [], "execution_count": None}
    elif isinstance(cell.get("attachments"), dict):
        mended["attachments"] = cell["attachments"]
    return mended


def give_ids(cells: list[dict]) -> None:
    """Ids where they are missing, wrong or there twice; always the same for the same notebook."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        name = cell.get("id", "")
        if not CELL_ID.fullmatch(name) or name in seen:
            name = f"cell-{number}"
            while name in seen:
                name += "-again"
        seen.add(name)
        cell["id"] = name


def resolve_cells(notebook: NotebookNode, repairs: list[str]) -> None:
    """Merge conflicts inside a cell's text: the first version stays."""
    for cell in notebook.cells:
        text = f"\n{cell.source}"
        marks = sum(text.count(f"\n{mark * 7}") for mark in "|=>")
        if 0 < text.count("\n<<<<<<< ") <= MOST_CONFLICTS and marks <= MOST_MARKS:
            cell.source, number = CONFLICT.subn(lambda found: found["ours"], cell.source)
            if number:
                repairs.append("A cell held the marks of a merge conflict; the version above ======= was graded.")


def valid(notebook: NotebookNode) -> bool:
    """Whether it is one by the format, and can be written as JSON, which knows neither NaN nor Infinity."""
    try:
        nbformat.validate(notebook)
        json.dumps(notebook, allow_nan=False)
    except (nbformat.ValidationError, ValueError, RecursionError):
        return False
    return True


def too_deep(value: object) -> bool:
    """Whether lists and dicts lie in each other deeper than MOST_DEPTH."""
    level = [value]
    for _ in range(MOST_DEPTH):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = list(itertools.chain.from_iterable(inner))
    return bool(level)


def keep_only_known_metadata(notebook: NotebookNode) -> None:
    notebook.metadata = from_dict({})
    for cell in notebook.cells:
        known_part = {name: cell.metadata[name] for name in ("nbgrader", "id") if name in cell.metadata}
        cell.metadata = from_dict(known_part)
        cell.pop("attachments", None)
