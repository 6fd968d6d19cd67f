"""What students hand in → a notebook that can be graded and a list of what was mended, or a reason why not.

Pure functions of bytes. A repair never touches an answer: it finds cells again, puts the instructor's text and
metadata back, and removes what editors, file systems and version control have left behind. Every repair is a sentence
for the student; every refusal (`Refused`) one that the instructor can act on.
"""

import json
import re
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cached_property

import nbformat
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from rapidfuzz import fuzz, process

CONFLICT = re.compile(
    r"^<{7} [^\n]*\n(?P<ours>.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\n(?P<theirs>.*?)^>{7} [^\n]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
DEFINED = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
COPY_WORDS = re.compile(
    r"^(copy|kopie|copie|copia) (of|von|de|di) |\s*\(\d+\)$|[ _-]+(copy|kopie|copie|copia)[ _-]*\d*$", re.IGNORECASE
)
MOST_CONFLICTS = 20  # in a file
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # half a character, unless its other half follows
FLAGS = ("grade", "solution", "locked", "task", "points")  # nbgrader's metadata of a cell that decides about marks
ALIKE = 80  # of 100, rapidfuzz's ratio: a locked cell or stub that was edited
OTHER_FILES = ((b"%PDF", "a PDF document"), (b"PK\x03\x04", "a ZIP archive"), (b"\x89PNG", "a picture"))


class Refused(Exception):
    """A submission that cannot be graded. The message says why and what to do, in one line for the instructor."""


@dataclass(frozen=True)
class ReleasedCell:
    """One of the instructor's cells, as the gradebook and the release know it."""

    name: str  # its grade_id
    cell_type: str
    text: str  # as released
    source: str  # as graded: with hidden tests
    locked: bool  # the text is the instructor's, whatever the submission says
    about: dict  # the nbgrader metadata it has to have
    defines: frozenset[str]  # functions and classes of the instructor's solution
    assigns: frozenset[str]  # other names it binds, where it defines nothing

    @cached_property
    def answer(self) -> bool:
        return self.about["solution"]

    @cached_property
    def counts(self) -> bool:
        """Whether it holds an answer or a test; what is neither occurs in other notebooks too."""
        return self.about["solution"] or self.about["grade"]

    @cached_property
    def bare_text(self) -> str:
        return bare(self.text)


@dataclass(frozen=True)
class ReleasedNotebook:
    """A notebook of the assignment."""

    name: str
    source: NotebookNode  # the instructor's
    cells: tuple[ReleasedCell, ...]  # in the instructor's order
    kernelspec: dict | None

    @cached_property
    def by_name(self) -> dict[str, ReleasedCell]:
        return {cell.name: cell for cell in self.cells}

    @cached_property
    def by_id(self) -> dict[str, ReleasedCell]:
        """By the cell ids of the notebook format, which Colab keeps in a cell's metadata."""
        ids = {cell.metadata.nbgrader.grade_id: cell.get("id") for cell in self.source.cells if known(cell)}
        return {ids[cell.name]: cell for cell in self.cells if ids.get(cell.name)}


@dataclass
class Reading:
    """A file that is a notebook."""

    notebook: NotebookNode
    repairs: list[str]


# --- from bytes to a notebook -----------------------------------------------------------------------------------


def read_submitted(data: bytes) -> list[Reading]:
    """Read what a student handed in; a file with merge conflicts has two readings, one for each side.

    Raises Refused if it is no notebook.
    """
    text, repairs = decoded(data)
    conflicts = text.count("\n<<<<<<< ")
    if conflicts > MOST_CONFLICTS:
        raise Refused(f"holds {conflicts} merge conflicts: ask for a clean copy")
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
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
        if begin.startswith(("<!doctype", "<html")):
            raise Refused("is a web page and not a notebook: ask for the .ipynb file") from error
        if begin.startswith("{") and (not end.endswith("}") or getattr(error, "pos", 0) >= len(text.rstrip())):
            raise Refused(f"is cut off in {where}, after {len(text)} characters: ask for it again") from error
        raise Refused(f"is not JSON ({where}), so it is no notebook: ask for the .ipynb file") from error
    if SURROGATE.search(text):
        raw = json.loads(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace"))
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        raise Refused("is JSON, but not a notebook: it has no cells")
    return raw


def tidied(raw: dict, repairs: list[str]) -> tuple[NotebookNode, list[str]]:
    """Make a notebook of what was read: current format, every cell whole, no outputs. Raises Refused."""
    repairs = list(repairs)
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
        if 0 < f"\n{cell.source}".count("\n<<<<<<< ") <= MOST_CONFLICTS:
            cell.source, number = CONFLICT.subn(lambda found: found["ours"], cell.source)
            if number:
                repairs.append("A cell held the marks of a merge conflict; the version above ======= was graded.")


def valid(notebook: NotebookNode) -> bool:
    try:
        nbformat.validate(notebook)
    except (nbformat.ValidationError, RecursionError):
        return False
    return True


def keep_only_known_metadata(notebook: NotebookNode) -> None:
    notebook.metadata = from_dict({})
    for cell in notebook.cells:
        known_part = {name: cell.metadata[name] for name in ("nbgrader", "id") if name in cell.metadata}
        cell.metadata = from_dict(known_part)
        cell.pop("attachments", None)


# --- which notebook is it ------------------------------------------------------------------------------------------


def plain(name: str) -> str:
    """A file's name without what downloads, copies and systems add to it."""
    stem = unicodedata.normalize("NFKC", name.removesuffix(".ipynb")).strip()
    while (shorter := COPY_WORDS.sub("", stem).strip()) != stem:
        stem = shorter
    return re.sub(r"[\W_]+", "_", stem.lower()).strip("_")


def likeness(name: str, released: ReleasedNotebook) -> int:
    """How well a file's name fits a notebook: 3 the very name, 2 a copy of it, 1 the name with more around it."""
    if name == f"{released.name}.ipynb":
        return 3
    ours, theirs = plain(released.name), plain(name)
    if ours == theirs:
        return 2
    return int(theirs.startswith(f"{ours}_") or theirs.endswith(f"_{ours}"))


def sorted_out(
    files: dict[str, bytes], released: list[ReleasedNotebook]
) -> tuple[dict[str, tuple[str, Reading]], list[str]]:
    """Find the assignment's notebooks among the files of a submission, by name and by what is in them.

    Returns notebook name -> (file name, reading), and what the instructor may want to know about other files.
    Raises Refused if one is unreadable, or none is there.
    """
    readings: dict[str, list[Reading]] = {}
    problems: dict[str, str] = {}
    for name, data in files.items():
        try:
            readings[name] = read_submitted(data)
        except Refused as error:
            problems[name] = str(error)
    fits = {name: best_fit(name, found, released) for name, found in readings.items()}
    chosen: dict[str, tuple[str, Reading]] = {}
    log = []
    for each in released:
        candidates = [name for name, fit in fits.items() if fit is each]
        candidates.sort(key=lambda name: (likeness(name, each), name))
        if candidates:
            name = candidates.pop()
            chosen[each.name] = name, best_side(readings[name], each)
            log += [f"{other} was not graded: {name} is there too" for other in candidates]
    strangers = [name for name, fit in fits.items() if fit is None]
    missing = [each for each in released if each.name not in chosen]
    for name, why in problems.items():
        if missing or any(likeness(name, each) > 1 for each in released):
            raise Refused(f"{name} {why}")
        log.append(f"{name} was not graded: it {why}")
    for name in strangers:
        wrong = next((each for each in missing if likeness(name, each)), None)
        if wrong or not chosen:
            raise Refused(another_notebook(name, readings[name][0].notebook, wrong, released))
        log.append(f"{name} was not graded: it is none of this assignment's notebooks")
    if not chosen:
        raise Refused("holds no notebook: put it there, or remove the folder")
    for wanted, (name, reading) in chosen.items():
        if name != f"{wanted}.ipynb":
            reading.repairs.insert(0, f"The file was called “{name}”; it was graded as {wanted}.ipynb.")
    return chosen, log


def best_fit(name: str, found: list[Reading], released: list[ReleasedNotebook]) -> ReleasedNotebook | None:
    """The notebook of the assignment that a file is, by the answers and tests in it."""
    by_name = sorted(released, key=lambda each: -likeness(name, each))
    if likeness(name, by_name[0]) == 3 and share(found, by_name[0]) == 1:
        return by_name[0]
    shares = {each.name: share(found, each) for each in by_name}
    best = max(by_name, key=lambda each: shares[each.name])  # the first of equals: the one whose name fits
    return best if shares[best.name] else None


def share(found: list[Reading], released: ReleasedNotebook) -> float:
    """How much of a notebook's answers and tests can be found in a file; 0 if too little to be that notebook."""
    return max(_share(reading.notebook, released) for reading in found)


def _share(notebook: NotebookNode, released: ReleasedNotebook) -> float:
    places = find_cells(notebook, released)
    that_count = [cell for cell in released.cells if cell.counts]
    answers = [cell for cell in that_count if cell.answer]
    if not that_count:
        return len(places) / max(1, len(released.cells))
    there = sum(cell.name in places for cell in that_count)
    enough = 4 * there >= len(that_count) or 2 * sum(cell.name in places for cell in answers) >= len(answers) > 0
    return there / len(that_count) if enough else 0.0


def best_side(found: list[Reading], released: ReleasedNotebook) -> Reading:
    """Of two sides of a merge conflict the one with more answers; the first of equals."""
    return max(found, key=lambda reading: answered(reading.notebook, released)) if len(found) > 1 else found[0]


def answered(notebook: NotebookNode, released: ReleasedNotebook) -> int:
    places = find_cells(notebook, released)
    return sum(
        cell.answer and cell.name in places and bare(notebook.cells[places[cell.name]].source) != cell.bare_text
        for cell in released.cells
    )


def another_notebook(
    name: str, notebook: NotebookNode, wanted: ReleasedNotebook | None, released: list[ReleasedNotebook]
) -> str:
    heading = next((line for cell in notebook.cells for line in cell.source.splitlines() if line.startswith("#")), "")
    begins = f" (it begins “{heading.lstrip('# ')[:60]}”)" if heading else ""
    what = wanted.name if wanted else " or ".join(each.name for each in released)
    return f"{name} is another notebook{begins}: hardly a cell of {what} is in it. Ask for the right one"


# --- its cells --------------------------------------------------------------------------------------------------


def known(cell: NotebookNode) -> bool:
    return is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell)


def bare(text: str) -> str:
    """Text without what formatters change innocently."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def claimed_name(cell: NotebookNode) -> str | None:
    about = cell.metadata.get("nbgrader")
    name = about.get("grade_id") if isinstance(about, dict) else None
    return name if isinstance(name, str) else None


def find_cells(notebook: NotebookNode, released: ReleasedNotebook) -> dict[str, int]:
    """Where the instructor's cells are: by grade_id, else by cell id, else by what is in them. Name -> index."""
    cells = notebook.cells
    # Of several with one grade_id the last counts, as in nbgrader.
    places = {name: index for index, cell in enumerate(cells) if (name := claimed_name(cell)) in released.by_name}
    if len(places) == len(released.cells):
        return places
    texts = [bare(cell.source) for cell in cells]
    free = {index for index in range(len(cells)) if claimed_name(cells[index]) not in released.by_name}
    for find in (_by_id, _by_text, _by_names, _by_likeness):
        for cell in released.cells:
            if cell.name not in places and (index := find(cell, cells, texts, free, released, places)) is not None:
                places[cell.name] = index
                free.discard(index)
    return places


def _by_id(wanted, cells, texts, free, released, places) -> int | None:
    for index in sorted(free):
        ids = (cells[index].get("id"), cells[index].metadata.get("id"))
        if any(isinstance(each, str) and released.by_id.get(each) is wanted for each in ids):
            return index
    return None


def _by_text(wanted, cells, texts, free, released, places) -> int | None:
    """The first with this very text after the instructor's cell before it: some texts are there more than once."""
    same = [index for index in sorted(free) if texts[index] == wanted.bare_text]
    after = before(wanted, released, places)
    return next((index for index in same if index > after), same[0] if same else None)


def _by_names(wanted, cells, texts, free, released, places) -> int | None:
    """An answer by the function it defines, or by all the names it sets. The last one, as Python would have it."""
    if not wanted.answer or not (wanted.defines or wanted.assigns):
        return None
    for index in sorted(free, reverse=True):
        source = cells[index].source
        if wanted.defines & set(DEFINED.findall(source)):
            return index
        if not wanted.defines and wanted.assigns <= set(ASSIGNED.findall(source)):
            return index
    return None


def _by_likeness(wanted, cells, texts, free, released, places) -> int | None:
    possible = {index: texts[index] for index in free if len(texts[index]) < 2 * len(wanted.text)}
    found = process.extractOne(wanted.bare_text, possible, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return found[2] if found else None


def before(wanted: ReleasedCell, released: ReleasedNotebook, places: dict[str, int]) -> int:
    """Where the instructor's cell before this one is; -1 if there is none."""
    index = -1
    for cell in released.cells:
        if cell is wanted:
            break
        index = places.get(cell.name, index)
    return index


def restored(reading: Reading, released: ReleasedNotebook) -> Reading:
    """Every one of the instructor's cells in its place, with its type, its metadata and, if locked, its text.

    The answers stay as they are. After this nbgrader's own steps find nothing left to mend.
    """
    notebook, repairs = reading.notebook, list(reading.repairs)
    places = find_cells(notebook, released)
    answers_by_place(notebook, released, places)
    cells = {name: notebook.cells[index] for name, index in places.items()}
    note_doubles(notebook, released, cells, repairs)
    note(repairs, "The marks of {} were lost and have been put back.", lost_marks(cells, released))
    note(repairs, "The type of {} was changed and has been put back.", changed_types(cells, released))
    note(repairs, "{} had been edited; the original was put back before grading.", edited(cells, released))
    for name, cell in cells.items():
        put_back(cell, released.by_name[name])
    note(repairs, "{} had been deleted and was put back.", put_in(notebook, released, cells))
    if released.kernelspec:
        if "kernelspec" not in notebook.metadata:
            repairs.append("The notebook did not name its kernel.")
        notebook.metadata["kernelspec"] = from_dict(released.kernelspec)
    return Reading(notebook, repairs)


def note(repairs: list[str], sentence: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 6 else ""
        what = "cell " if len(names) == 1 else "cells "
        named = ", ".join(f"“{name}”" for name in names[: 5 if more else 6])
        said = sentence.format(f"{what}{named}{more}")
        repairs.append(said[0].upper() + said[1:])


def answers_by_place(notebook: NotebookNode, released: ReleasedNotebook, places: dict[str, int]) -> None:
    """An answer of which nothing can be recognised: the one cell of its type where it should be."""
    for number, wanted in enumerate(released.cells):
        if wanted.answer and wanted.name not in places:
            start = before(wanted, released, places)
            later = [places[cell.name] for cell in released.cells[number:] if cell.name in places]
            end = min((index for index in later if index > start), default=len(notebook.cells))
            between = [
                index
                for index in range(start + 1, end)
                if index not in places.values() and notebook.cells[index].cell_type == wanted.cell_type
            ]
            if len(between) == 1:
                places[wanted.name] = between[0]


def note_doubles(
    notebook: NotebookNode, released: ReleasedNotebook, cells: dict[str, NotebookNode], repairs: list[str]
) -> None:
    """Cells that claim to be one of the instructor's and are not become ordinary ones."""
    doubles, strange = [], 0
    for cell in notebook.cells:
        name = claimed_name(cell)
        if "nbgrader" in cell.metadata and not any(cell is found for found in cells.values()):
            if name in released.by_name:
                doubles.append(name)
            else:
                strange += claims(cell)
            del cell.metadata["nbgrader"]
    note(repairs, "{} was there more than once; the last one was graded.", list(dict.fromkeys(doubles)))
    if strange:
        repairs.append(f"{strange} cells that claim to belong to another notebook were taken for cells of your own.")


def claims(cell: NotebookNode) -> bool:
    """Whether nbgrader would take the cell for one of an instructor's."""
    return isinstance(cell.metadata.nbgrader, dict) and known(cell)


def lost_marks(cells: dict[str, NotebookNode], released: ReleasedNotebook) -> list[str]:
    """Cells whose nbgrader metadata is gone or says something else about what they are worth."""
    wanted = {name: [released.by_name[name].about.get(flag, False) for flag in FLAGS] for name in cells}
    return [
        name
        for name, cell in cells.items()
        if claimed_name(cell) != name or [cell.metadata.nbgrader.get(flag, False) for flag in FLAGS] != wanted[name]
    ]


def changed_types(cells: dict[str, NotebookNode], released: ReleasedNotebook) -> list[str]:
    return [name for name, cell in cells.items() if cell.cell_type != released.by_name[name].cell_type]


def edited(cells: dict[str, NotebookNode], released: ReleasedNotebook) -> list[str]:
    """Locked cells whose text differs by more than blanks."""
    found = {name: released.by_name[name] for name in cells if released.by_name[name].locked}
    return [
        name
        for name, wanted in found.items()
        if bare(cells[name].source) not in (wanted.bare_text, bare(wanted.source))
    ]


def put_back(cell: NotebookNode, wanted: ReleasedCell) -> None:
    if cell.cell_type != wanted.cell_type:
        cell.cell_type = wanted.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
        if wanted.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if wanted.locked:
        cell.source = wanted.source
    cell.metadata["nbgrader"] = from_dict(wanted.about)


def put_in(notebook: NotebookNode, released: ReleasedNotebook, cells: dict[str, NotebookNode]) -> list[str]:
    """Insert the instructor's cells that are missing, each after the one before it. Returns their names.

    A missing test earns what the answer is worth; a missing answer is nobody's, so the stub is put in.
    """
    missing = []
    previous: NotebookNode | None = None
    for wanted in released.cells:
        if wanted.name not in cells:
            make = new_code_cell if wanted.cell_type == "code" else new_markdown_cell
            locks = {"deletable": False, "editable": False} if wanted.locked else {}
            text = wanted.source if wanted.locked else wanted.text
            cell = from_dict(make(text, metadata={**locks, "nbgrader": wanted.about}, id=wanted.name))
            if notebook.nbformat_minor < 5:
                del cell["id"]
            index = next((number for number, each in enumerate(notebook.cells, 1) if each is previous), 0)
            notebook.cells.insert(index, cell)
            cells[wanted.name] = cell
            missing.append(wanted.name)
        previous = cells[wanted.name]
    if missing and notebook.nbformat_minor >= 5:
        give_ids(notebook.cells)
    return missing
