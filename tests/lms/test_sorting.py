"""Which file is which notebook, what comes along, and that nothing leaves its folder or is lost without a line."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lms_class import asked, work, zipped
from nbgrader.coursedir import CourseDirectory

from gradebox.classroom import Asked
from gradebox.lms.archives import Entry
from gradebox.lms.downloads import read_download
from gradebox.lms.people import People
from gradebox.lms.sorting import Sorted, sorted_out
from gradebox.lms.submitted import Submitted


@dataclass(frozen=True, repr=False)  # what Hypothesis says is long enough
class Homework:
    asked: Asked
    right: bytes
    wrong: bytes


@pytest.fixture(scope="module")
def hw(released_small):
    """The assignment, and two kinds of work on it."""
    course = released_small
    return Homework(asked(course), work(course), work(course, "wrong", "hw2"))


def entries(files) -> list[tuple[Entry, str]]:
    return [(Entry(name, lambda data=data: data), name) for name, data in files.items()]


def sort(hw, files) -> Sorted:
    return sorted_out(entries(files), hw.asked)


def kinds(done: Sorted) -> dict[str, str]:
    return {row.file: row.kind for row in done.rows}


NAMES = [
    *("hw1.ipynb", "HW1.ipynb", "hw1-1.ipynb", "hw1 (1).ipynb", "Copy of hw1.ipynb", "hw1.ipynb.txt", "hw1.ipynb.json"),
    *("final FINAL v3.ipynb", "hw1.json", "Untitled.IPYNB", "notebook", "deep/er/x.ipynb"),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_is_known_by_what_is_in_it(hw, name):
    done = sort(hw, {name: hw.right, "other.ipynb": hw.wrong})
    assert done.files == {"hw1.ipynb": hw.right} and done.origins == {"hw1": name}
    assert kinds(done) == {"other.ipynb": "another notebook"}
    assert bool(done.notes) == (name not in ("hw1.ipynb", "hw1.ipynb.txt", "hw1.ipynb.json", "hw1.json"))


def test_of_two_copies_the_one_with_the_better_name_is_taken(hw):
    done = sort(hw, {"hw1.ipynb": hw.right, "old hw1.ipynb": hw.right + b"\n", "z.ipynb": hw.right + b"\n\n"})
    assert done.files == {"hw1.ipynb": hw.right}
    assert kinds(done) == {"old hw1.ipynb": "another copy", "z.ipynb": "another copy"}


def test_a_broken_notebook_is_taken_for_what_it_is_called_and_not_where_there_is_a_whole_one(hw):
    assert sort(hw, {"hw1.ipynb": b"{"}).files == {"hw1.ipynb": b"{"}
    done = sort(hw, {"hw1.ipynb": b"{", "mine.ipynb": hw.right})
    assert done.files == {"hw1.ipynb": hw.right} and kinds(done) == {"hw1.ipynb": "another copy"}


def test_what_lies_beside_comes_along_and_lies_beside_again(hw):
    files = {"hw/hw1.ipynb": hw.right, "hw/data/a.csv": b"1", "hw/.DS_Store": b"", "__MACOSX/hw/._hw1.ipynb": b"x"}
    done = sort(hw, {"all.zip": zipped(files | {"hw/page.html": b"<p>", "notes.pdf": b"%PDF"})})
    assert done.files == {"hw1.ipynb": hw.right, "data/a.csv": b"1", "notes.pdf": b"%PDF"}
    assert kinds(done) == {
        "all.zip/hw/data/a.csv": "beside the notebook",
        "all.zip/notes.pdf": "beside the notebook",
        "all.zip/hw/.DS_Store": "left out",
        "all.zip/__MACOSX/hw/._hw1.ipynb": "left out",
        "all.zip/hw/page.html": "not a notebook",
    }


def test_a_zip_with_a_notebooks_name_is_opened_and_an_office_document_is_not(hw):
    done = sort(hw, {"hw1.ipynb": zipped({"a.ipynb": hw.right}), "essay.docx": zipped({"a.xml": b"<a>"})})
    assert done.files.keys() == {"hw1.ipynb", "essay.docx"}


ODD = st.sampled_from(
    ["..", ".", "", "/", "C:", "\\", "hw1.ipynb", "timestamp.txt", "a", "A", "é", "e\u0301", "\u202e"]
)
PARTS = st.lists(ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=300), min_size=1, max_size=5)
PATHS = st.tuples(st.sampled_from(["/", "\\", "//"]), PARTS).map(lambda each: each[0].join(each[1]))
CONTENTS = st.sampled_from(["right", "wrong"]) | st.binary(max_size=20)


def is_file(name: str) -> bool:
    """Whether a zip takes it for a file's name: up to a NUL, and no folder's."""
    known = name.partition("\0")[0]
    return bool(known) and not known.endswith(("/", "\\"))


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(PATHS, CONTENTS, min_size=1, max_size=8), st.booleans())
def test_no_name_leaves_the_folder_or_is_lost_without_a_line(hw, named, packed):
    files = {name: getattr(hw, data) if isinstance(data, str) else data for name, data in named.items()}
    files = {name: data for name, data in files.items() if is_file(name)}
    done = sort(hw, {"all.zip": zipped(files)} if packed else files)

    assert len(done.rows) + len(done.origins) == max(len(files), packed)
    with tempfile.TemporaryDirectory() as folder:
        if not done.files:
            return
        submitted = Submitted(CourseDirectory(root=folder), "hw1")
        submitted.put("ada", done.files, None)
        here = submitted.folder("ada")
        written = {str(path.relative_to(here)): path.read_bytes() for path in here.rglob("*") if path.is_file()}
        assert written == done.files
        shutil.rmtree(here)
        assert not [path for path in Path(folder).rglob("*") if path.is_file()]


@settings(deadline=None, max_examples=200)
@given(st.lists(PATHS, min_size=1, max_size=8, unique=True), st.sampled_from(["canvas", "moodle", "google", "folders"]))
def test_every_file_of_a_download_is_somebodys_or_told(names, lms):
    good = {
        "canvas": "doejane_1_2_hw1.ipynb",
        "moodle": "Jane Doe_1_assignsubmission_file_/hw1.ipynb",
        "google": "Jane Doe - hw1.ipynb",
        "folders": "jane/hw1.ipynb",
    }[lms]
    listed = [*names, *(f"{place}{good}" if lms == "canvas" else good for place in ["x"] * (len(names) + 1))]
    found = [Entry(name, lambda: b"") for name in dict.fromkeys(listed)]
    try:
        download = read_download(found, People({}), None, lms)
    except Exception as error:
        assert type(error).__name__ == "CourseError"
        return
    taken = {entry.name for each in download.attempts.values() for one in each for entry, _ in one.entries}
    assert taken | {row.file for row in download.rows} == {entry.name for entry in found}
