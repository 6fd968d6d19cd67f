"""From the files of one attempt to the files of a folder in submitted/: which is which notebook, and what comes along.

Nothing is written here, and every file that comes in comes out or is told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from gradebox.classroom import Asked, Fit
from gradebox.judge import MAX_FILES_MIB
from gradebox.lms.archives import MIB, Budget, Entry, File, Lost, bad_path, is_litter, taken_out
from gradebox.lms.report import BESIDE, COPY, LEFT, LOST, NO_NOTEBOOK, NOT_USED, STRANGER, Row
from gradebox.lms.submitted import digest

NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # are the collector's to write
PAGES = (".html", ".htm")
ENDING = re.compile(r"(\.ipynb)?(\.(txt|json))?$", re.IGNORECASE)
SAME_NAME = 3  # of `Fit.likeness`


@dataclass
class Sorted:
    """One attempt, sorted."""

    files: dict[str, bytes] = field(default_factory=dict)  # as they are to lie in the student's folder
    origins: dict[str, str] = field(default_factory=dict)  # notebook -> where it was in the download
    notes: dict[str, str] = field(default_factory=dict)  # notebook -> what there is to say about it
    rows: list[Row] = field(default_factory=list)

    @cached_property
    def digest(self) -> str:
        return digest(self.files)

    def tell(self, kind: str, file: str, what: str = "") -> None:
        self.rows.append(Row(kind, file, what=what))


def sorted_out(handed_in: Iterable[tuple[Entry, str]], asked: Asked) -> Sorted:
    """Sort an attempt's files.

    handed_in -- each with the name that the student gave it
    """
    done = Sorted()
    notebooks: dict[str, list[tuple[Fit, File]]] = {}
    others: list[File] = []
    for file in unpacked(handed_in, done):
        fit = asked.fit(bare_name(file.name), file.data) if may_be_notebook(file) else None
        if fit:
            notebooks.setdefault(fit.notebook, []).append((fit, file))
        elif file.name.lower().endswith(".ipynb"):
            done.tell(STRANGER, file.origin, f"hardly a cell of {' or '.join(asked.notebooks)} is in it")
        else:
            others.append(file)
    for notebook, found in notebooks.items():
        take_best(notebook, found, done)
    put_beside(others, [file for found in notebooks.values() for _, file in found], done)
    return done


def unpacked(handed_in: Iterable[tuple[Entry, str]], done: Sorted) -> list[File]:
    """The files, those in zips too, without what nobody meant to hand in."""
    budget, files = Budget(), []
    for entry, name in handed_in:
        if is_litter(name):
            done.tell(LEFT, entry.name, "left by a system or an editor")
            continue
        for file in taken_out(entry, name, budget):
            if isinstance(file, Lost):
                litter = is_litter(file.origin)
                done.tell(LEFT if litter else LOST, file.origin, file.why)
            elif is_litter(file.name):
                done.tell(LEFT, file.origin, "left by a system or an editor")
            elif PurePosixPath(file.name).name in NBGRADERS:
                said = " ".join(file.data[:40].decode("utf-8", "replace").split())
                done.tell(NOT_USED, file.origin, f"the student's own, which decides nothing; it says “{said}”")
            else:
                files.append(file)
    return files


def may_be_notebook(file: File) -> bool:
    if file.name.lower().endswith(".ipynb"):
        return True
    begin = file.data[:200].lstrip()
    return begin[:1] == b"{" and b'"cells"' in file.data


def bare_name(name: str) -> str:
    """A file's own name, ending as a notebook's: browsers and mail programs add to it."""
    return f"{ENDING.sub('', PurePosixPath(name).name, count=1)}.ipynb"


def take_best(notebook: str, found: list[tuple[Fit, File]], done: Sorted) -> None:
    """Of several files that are one notebook, that which can be read and whose name fits best; the last of equals."""
    *copies, (fit, file) = sorted(found, key=lambda each: (not each[0].why_not, each[0].likeness))
    done.files[f"{notebook}.ipynb"] = file.data
    done.origins[notebook] = file.origin
    if fit.why_not:
        done.notes[notebook] = f"it {fit.why_not}"
    elif fit.likeness < SAME_NAME:
        done.notes[notebook] = f"known by what is in it, and taken as {notebook}.ipynb"
    for _, other in copies:
        done.tell(COPY, other.origin, f"{file.origin} is taken for {notebook}")


def put_beside(others: list[File], notebooks: list[File], done: Sorted) -> None:
    """What lies beside a notebook comes along, and lies beside it again."""
    folders = {str(PurePosixPath(file.name).parent) for file in notebooks}
    size = 0
    for file in others:
        size += len(file.data)
        place = place_beside(file.name, folders)
        if why := bad_path(place):
            done.tell(NO_NOTEBOOK, file.origin, f"{why}: not taken")
        elif file.name.lower().endswith(PAGES):
            done.tell(NO_NOTEBOOK, file.origin, "a page, which nbgrader would hand out as feedback: not taken")
        elif size > MAX_FILES_MIB * MIB:
            done.tell(NO_NOTEBOOK, file.origin, f"over {MAX_FILES_MIB} MiB lie beside the notebook: not taken")
        elif taken_already(place, done.files):
            done.tell(NO_NOTEBOOK, file.origin, "another file has its place: not taken")
        else:
            done.files[place] = file.data
            done.tell(BESIDE, file.origin)


def place_beside(name: str, folders: set[str]) -> str:
    """A file's path from the folder that a notebook was in, if it lies in that or below."""
    path = PurePosixPath(name)
    for folder in sorted(folders, key=len, reverse=True):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return str(path)


def taken_already(place: str, files: dict[str, bytes]) -> bool:
    """Whether a file is there, where another is to have a folder too, and on disks that know no capitals."""
    there = {each.casefold() for each in files}
    wanted = place.casefold()
    above = {str(each) for each in PurePosixPath(wanted).parents}
    return wanted in there or bool(above & there) or any(each.startswith(f"{wanted}/") for each in there)
