"""Which file is which notebook of the assignment, and which cell is which of the instructor's: by name, by content."""

import re
import unicodedata

from nbformat import NotebookNode

from gradebox.classroom.reading import Reading, Refused, read_submitted
from gradebox.classroom.released import ASSIGNED, DEFINED, ReleasedCell, ReleasedNotebook, bare

COPY_WORDS = re.compile(
    r"^(copy|kopie|copie|copia) (of|von|de|di) |\s*\(\d+\)$|[ _-]+(copy|kopie|copie|copia)[ _-]*\d*$", re.IGNORECASE
)
ALIKE = 80  # of 100, rapidfuzz's ratio: a locked cell or stub that was edited


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
    from rapidfuzz import fuzz, process  # seldom needed, and long to load

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
