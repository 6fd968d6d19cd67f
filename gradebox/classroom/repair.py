"""Every one of the instructor's cells back in its place. A repair never touches an answer.

It finds cells again and puts the instructor's text and metadata back; each is a sentence for the student.
"""

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from gradebox.classroom.matching import before, claimed_name, find_cells
from gradebox.classroom.reading import Reading, give_ids
from gradebox.classroom.released import ReleasedCell, ReleasedNotebook, bare, known

FLAGS = ("grade", "solution", "locked", "task", "points")  # nbgrader's metadata of a cell that decides about marks


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
    missing = put_in(notebook, released, cells)
    note(repairs, "{} had been deleted and was put back.", missing)
    if 2 * len(missing) > len(released.cells):
        repairs.append("It looks like another edition of this notebook: most of its cells were not there.")
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
