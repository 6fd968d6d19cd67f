"""What students really hand in is mended and graded, or refused with a reason; nothing stops the others."""

import json
import os
import shutil
from html import escape

import nbformat
import pytest
from conftest import run, with_long
from damaged_folders import DAMAGE, FOLDERS
from damaged_work import (
    ANSWER,
    AS_IT_IS,
    CHECK,
    FILE,
    MENDED,
    REFUSED,
    dumped,
    metadata_and_ids_stripped,
    named,
    right,
)
from mending import mend, notebooks_of
from sample_class import ATTENTION, MULTIHEAD, solutions, submission, without_pictures
from small_class import ASSIGNMENT, NAME, RIGHT, grade, log

from gradebox.classroom.matching import sorted_out
from gradebox.classroom.reading import Refused


def handed_in(notebook: str, cells: dict[str, str]) -> nbformat.NotebookNode:
    return without_pictures(submission(notebook, cells))


@pytest.fixture(scope="module")
def notebooks(plain_course):
    return notebooks_of(plain_course, ASSIGNMENT)


# --- what is mended: each damage leaves the answer and every one of the instructor's cells as they were -----


def test_half_a_character_does_not_stop_anybody(notebooks):
    raw = right()
    raw["cells"][1]["metadata"]["note"] = "\ud83d"
    named(raw, ANSWER)["source"] += "  # \udc00"
    assert mend(notebooks, dumped(raw), FILE).cells[ANSWER][1].encode().endswith(b"# ?")


@pytest.mark.parametrize("name", MENDED)
def test_damage_is_mended_and_told(name, notebooks):
    damage, says, file = MENDED[name]
    whole = mend(notebooks, dumped(right()), FILE)
    assert whole.repairs == []

    mended = mend(notebooks, damage(right()), file)

    assert mended.wanted == NAME
    assert mended.cells.keys() == whole.cells.keys()
    for grade_id, (kind, source, about) in whole.cells.items():
        assert (mended.cells[grade_id][0], mended.cells[grade_id][2]) == (kind, about)
        assert mended.cells[grade_id][1].strip() == source.strip()
    assert any(says in repair for repair in mended.repairs), mended.repairs


def test_a_written_answer_without_its_marks_is_found_by_its_place(notebooks):
    raw = json.loads(nbformat.writes(handed_in(ATTENTION, {"positional-encoding": "Because of the order."})))
    for cell in raw["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    raw["nbformat_minor"] = 4
    cells = mend(notebooks, dumped(raw), "12_1_Self_Attention.ipynb").cells
    assert cells["positional-encoding"][1] == "Because of the order."


def test_code_alone_is_recognised_by_what_it_defines(notebooks):
    code = [nbformat.v4.new_code_cell(source) for source in ("import numpy as np", RIGHT[ANSWER])]
    mended = mend(notebooks, nbformat.writes(nbformat.v4.new_notebook(cells=code)).encode(), "x.ipynb")
    assert mended.wanted == NAME
    assert mended.cells[ANSWER][1] == RIGHT[ANSWER]


def test_innocent_changes_are_not_held_against_anybody(notebooks):
    raw = right()
    check = named(raw, CHECK)
    check["source"] = "".join(check["source"]).replace("\n", "  \n") + "\n\n"
    raw["cells"].insert(
        4, {"cell_type": "code", "id": "mine", "metadata": {}, "source": "1", "outputs": [], "execution_count": 7}
    )
    assert mend(notebooks, dumped(raw), FILE).repairs == []


def test_the_same_file_is_always_mended_the_same_way(notebooks):
    data = metadata_and_ids_stripped(right())
    once, twice = (mend(notebooks, data, FILE).notebook for _ in range(2))
    assert once == twice


def test_two_notebooks_swapped_by_name_are_told_apart(notebooks):
    first, second = (nbformat.writes(handed_in(each, solutions(each))).encode() for each in (ATTENTION, MULTIHEAD))
    chosen, _ = sorted_out({"12_1_Self_Attention.ipynb": second, FILE: first}, notebooks)
    assert {wanted: name for wanted, (name, _) in chosen.items()} == {
        NAME: "12_1_Self_Attention.ipynb",
        "12_1_Self_Attention": FILE,
    }


def test_a_stray_file_beside_whole_work_is_only_logged(notebooks):
    files = {
        f"{each.split('/')[1]}.ipynb": nbformat.writes(handed_in(each, {})).encode() for each in (ATTENTION, MULTIHEAD)
    }
    chosen, said = sorted_out(files | {"scratch.ipynb": b"{"}, notebooks)
    assert len(chosen) == 2
    assert "scratch.ipynb was not graded" in said[0]


@pytest.mark.parametrize("name", AS_IT_IS)
def test_what_is_only_odd_is_graded_as_it_is(name, notebooks):
    mended = mend(notebooks, AS_IT_IS[name](right()), FILE)
    assert (mended.wanted, mended.repairs) == (NAME, [])
    assert mended.cells == mend(notebooks, dumped(right()), FILE).cells


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_graded_is_refused_with_a_reason(name, notebooks):
    data, why = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        sorted_out({FILE: data}, notebooks)
    assert str(refusal.value).startswith(FILE) and why in str(refusal.value)
    assert "\n" not in str(refusal.value)


# --- a class of them ----------------------------------------------------------------------------------------


NEIGHBOURS = ("a-neighbour", "n-neighbour", "z-neighbour")


@pytest.mark.parametrize("every", with_long([6, 1], 1))
def test_nothing_stops_the_batch_and_everybody_ends_in_one_state(every, damaged_course):
    """All that is refused, and of what is mended or odd every sixth; all in `make test-long`."""
    course, submitted = damaged_course, damaged_course / "submitted"

    def place(student):
        path = submitted / student / ASSIGNMENT
        path.mkdir(parents=True)
        return path

    edited = [f"mended-{name}" for name in MENDED] + [f"graded-{name}" for name in AS_IT_IS]
    for student in {*DAMAGE} - {*edited} | {*edited[::every]}:
        DAMAGE[student](place(student))
    for student in NEIGHBOURS:
        (place(student) / FILE).write_bytes(dumped(right()))
    (submitted / "refused-a-file" / ASSIGNMENT).parent.mkdir()
    (submitted / "refused-a-file" / ASSIGNMENT).write_bytes(dumped(right()))
    (submitted / "refused-another-folder").mkdir()
    (submitted / "refused-another-folder" / ASSIGNMENT).symlink_to(submitted / NEIGHBOURS[0] / ASSIGNMENT)

    said = grade(course)

    records = log(course)
    assert records.keys() == {path.name for path in submitted.iterdir()}
    for student, record in records.items():
        if student.startswith("refused-"):
            assert record["state"] == "refused" and record["reason"] and record["log"] == [], student
            assert f"{student} refused: {record['reason'][:40]}" in said
            assert not (course / "autograded" / student).exists()
        else:
            state = "graded after repair" if student.startswith("mended-") else "graded"
            assert (record["score"], record["state"]) == (13, state), (student, record)
    for name, (_, says) in FOLDERS.items():
        assert says in records.get(f"refused-{name}", {"reason": ""})["reason"]
    graded = {(course / "autograded" / student / ASSIGNMENT / FILE).read_bytes() for student in NEIGHBOURS}
    assert len(graded) == 1
    assert "left out" in records["graded-odd-files-beside"]["remarks"][0]

    run("gradebox", "feedback", ASSIGNMENT, cwd=course)
    for student, record in records.items():
        page = course / "feedback" / student / ASSIGNMENT / f"{NAME}.html"
        assert page.exists() == (record["state"] != "refused")
        for repair in record["repairs"].get(NAME, ()):
            assert escape(repair[:30], quote=False) in page.read_text()

    os.unlink(submitted / "refused-a-pipe" / ASSIGNMENT / FILE)
    shutil.rmtree(submitted / "refused-a-pipe")
    (submitted / "refused-empty" / ASSIGNMENT / FILE).write_bytes(dumped(right()))
    said = grade(course)
    assert "1/1" in said and "refused-empty graded" in said
    assert "refused-truncated" in said  # still to be looked at


def test_an_earlier_grade_stands_when_what_follows_is_refused(course):
    path = course / "submitted" / "ada" / ASSIGNMENT / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(dumped(right()))
    grade(course)
    before = (course / "autograded" / "ada" / ASSIGNMENT / FILE).read_bytes()
    path.write_bytes(b"{")

    grade(course)

    assert log(course)["ada"]["state"] == "refused"
    assert (course / "autograded" / "ada" / ASSIGNMENT / FILE).read_bytes() == before
