"""What students really hand in is mended and graded, or refused with a reason; nothing stops the others."""

import copy
import json
import os
import shutil

import nbformat
import pytest
from conftest import run
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sample_class import ATTENTION, MULTIHEAD, solutions, submission
from test_classroom import ASSIGNMENT, NAME, RIGHT, grade, log
from traitlets.config import Config

from gradebox.classroom.assignment import released_assignment
from gradebox.classroom.gradebook import AssignmentRecords, open_gradebook
from gradebox.classroom.matching import sorted_out
from gradebox.classroom.reading import Refused
from gradebox.classroom.repair import restored

ANSWER = "multihead-scaled-self-attention"
CHECK, VALUES = f"{ANSWER}-check", f"{ANSWER}-values"
FILE = f"{NAME}.ipynb"


@pytest.fixture(scope="module")
def notebooks(released_course):
    """The assignment's notebooks as released."""
    config = Config()
    config.CourseDirectory.root = str(released_course)
    config.IncludeHeaderFooter.header = "source/header.ipynb"
    coursedir = CourseDirectory(config=config)
    with open_gradebook(coursedir.db_url, "dl") as gradebook:
        records = AssignmentRecords(gradebook, ASSIGNMENT, None)
        converter = Autograde(coursedir=coursedir, config=config)
        return list(released_assignment(coursedir, converter, ASSIGNMENT, records.notebooks).notebooks)


def right() -> dict:
    """A right submission, as JSON."""
    return json.loads(nbformat.writes(submission(MULTIHEAD, RIGHT)))


def dumped(raw: dict) -> bytes:
    return json.dumps(raw, indent=1).encode()


def named(raw: dict, name: str) -> dict:
    return next(cell for cell in raw["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def mend(notebooks, data: bytes, name: str = FILE):
    """The notebook after repair, as far as it matters for grading, and what was said about it."""
    chosen, _ = sorted_out({name: data}, notebooks)
    ((wanted, (_, reading)),) = chosen.items()
    released = next(each for each in notebooks if each.name == wanted)
    reading = restored(reading, released)
    cells = {
        cell.metadata.nbgrader.grade_id: (cell.cell_type, cell.source, dict(cell.metadata.nbgrader))
        for cell in reading.notebook.cells
        if "nbgrader" in cell.metadata
    }
    nbformat.validate(reading.notebook)
    return wanted, cells, reading.repairs


# --- what is mended: each damage leaves the answer and every one of the instructor's cells as they were -----

MENDED = {}


def mended(says: str, name: str = FILE):
    """A damage that is mended: what is handed in, and a word of what the student is told."""

    def add(damage):
        MENDED[damage.__name__.replace("_", "-")] = damage, says, name
        return damage

    return add


@mended("more than once")
def a_duplicated_test(raw):
    raw["cells"].append(copy.deepcopy(named(raw, CHECK)) | {"id": "again"})
    return dumped(raw)


@mended("more than once")
def a_duplicated_answer_of_which_the_last_counts(raw):
    answer = named(raw, ANSWER)
    draft = copy.deepcopy(answer) | {"id": "draft", "source": f"def {ANSWER.replace('-', '_')}(*arguments):\n    pass"}
    raw["cells"].insert(raw["cells"].index(answer), draft)
    return dumped(raw)


@mended("had been deleted")
def missing_tests(raw):
    for name in (CHECK, VALUES):
        raw["cells"].remove(named(raw, name))
    return dumped(raw)


@mended("had been deleted")
def a_missing_import(raw):
    raw["cells"].remove(named(raw, "imports"))
    return dumped(raw)


@mended("type of cells")
def changed_cell_types(raw):
    for name, kind in ((ANSWER, "markdown"), (CHECK, "raw"), ("title", "code")):
        cell = named(raw, name)
        cell["cell_type"] = kind
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
    return dumped(raw)


@mended("had been edited")
def edited_locked_cells(raw):
    named(raw, CHECK)["source"] = "print('passed')"
    named(raw, "imports")["source"] = "import numpy as np\nnp.allclose = lambda *a: True"
    return dumped(raw)


@mended("marks of cells")
def all_metadata_stripped(raw):
    for cell in raw["cells"]:
        cell["metadata"] = {}
    return dumped(raw)


@mended("marks of cells")
def metadata_and_ids_stripped(raw):
    for cell in raw["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    raw["nbformat_minor"] = 4
    return dumped(raw)


@mended("marks of cells")
def rewritten_by_colab(raw):
    for cell in raw["cells"]:
        cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}}
    raw["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    raw["nbformat_minor"] = 0
    return dumped(raw)


@mended("put back")
def points_and_flags_rewritten(raw):
    named(raw, CHECK)["metadata"]["nbgrader"] |= {"points": 1000, "solution": True, "locked": False}
    named(raw, VALUES)["metadata"]["nbgrader"] = {"grade_id": VALUES}
    return dumped(raw)


@mended("was called", name=f"Copy of {FILE}")
def a_colab_copy(raw):
    return dumped(raw)


@mended("was called", name=f"{NAME} (1).ipynb")
def a_second_download(raw):
    return dumped(raw)


@mended("was called", name="homework.ipynb")
def another_name_altogether(raw):
    return dumped(raw)


@mended("old format")
def notebook_format_3(raw):
    return nbformat.writes(nbformat.convert(nbformat.reads(dumped(raw), 4), 3), 3).encode()


@mended("kernel")
def no_kernelspec(raw):
    del raw["metadata"]["kernelspec"]
    return dumped(raw)


@mended("byte-order mark")
def a_byte_order_mark(raw):
    return b"\xef\xbb\xbf" + dumped(raw)


@mended("byte-order mark")
def utf_16(raw):
    return json.dumps(raw).encode("utf-16")


@mended("Windows line ends")
def windows_line_ends(raw):
    return dumped(raw).replace(b"\n", b"\r\n")


@mended("Empty bytes")
def trailing_nuls(raw):
    return dumped(raw) + b"\0" * 5000


def conflict(raw, ours: str, theirs: str) -> bytes:
    """The file after a merge that failed at the answer."""
    answer = named(raw, ANSWER)
    sides = []
    for source in (ours, theirs):
        answer["source"] = source.splitlines(keepends=True)
        sides.append(json.dumps(raw, indent=1).splitlines(keepends=True))
    start = next(number for number, (one, two) in enumerate(zip(*sides, strict=False)) if one != two)
    end = next(number for number, (one, two) in enumerate(zip(*map(reversed, sides), strict=False)) if one != two)
    mine, others = (side[start : len(side) - end] for side in sides)
    marked = ["<<<<<<< HEAD\n", *mine, "=======\n", *others, ">>>>>>> origin/main\n"]
    return "".join([*sides[0][:start], *marked, *sides[0][len(sides[0]) - end :]]).encode()


@mended("above =======")
def a_merge_conflict(raw):
    return conflict(raw, RIGHT[ANSWER], "def nothing():\n    pass\n")


@mended("below =======")
def a_merge_conflict_with_the_stub(raw):
    stub = json.loads(nbformat.writes(submission(MULTIHEAD, {})))
    return conflict(raw, "".join(named(stub, ANSWER)["source"]), RIGHT[ANSWER])


@mended("above =======")
def a_merge_conflict_inside_the_text(raw):
    answer = named(raw, ANSWER)
    answer["source"] = f"<<<<<<< local\n{RIGHT[ANSWER]}\n=======\nx = 1\n>>>>>>> remote\n"
    return dumped(raw)


@mended("no notebook may have")
def metadata_of_the_wrong_kind(raw):
    raw["cells"][3]["metadata"] |= {"tags": "none", "name": 3}
    return dumped(raw)


@mended("no cells")
def an_entry_that_is_no_cell(raw):
    raw["cells"].insert(2, "cell")
    return dumped(raw)


def test_half_a_character_does_not_stop_anybody(notebooks):
    raw = right()
    raw["cells"][1]["metadata"]["note"] = "\ud83d"
    named(raw, ANSWER)["source"] += "  # \udc00"
    _, cells, _ = mend(notebooks, dumped(raw))
    assert cells[ANSWER][1].encode().endswith(b"# ?")


@pytest.mark.parametrize("name", MENDED)
def test_damage_is_mended_and_told(name, notebooks):
    damage, says, file = MENDED[name]
    _, whole, nothing = mend(notebooks, dumped(right()))
    assert nothing == []

    wanted, cells, repairs = mend(notebooks, damage(right()), file)

    assert wanted == NAME
    assert cells.keys() == whole.keys()
    for grade_id, (kind, source, about) in whole.items():
        assert (cells[grade_id][0], cells[grade_id][2]) == (kind, about)
        assert cells[grade_id][1].strip() == source.strip()
    assert any(says in repair for repair in repairs), repairs


def test_a_written_answer_without_its_marks_is_found_by_its_place(notebooks):
    raw = json.loads(nbformat.writes(submission(ATTENTION, {"positional-encoding": "Because of the order."})))
    for cell in raw["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    raw["nbformat_minor"] = 4
    _, cells, _ = mend(notebooks, dumped(raw), "12_1_Self_Attention.ipynb")
    assert cells["positional-encoding"][1] == "Because of the order."


def test_code_alone_is_recognised_by_what_it_defines(notebooks):
    code = [nbformat.v4.new_code_cell(source) for source in ("import numpy as np", RIGHT[ANSWER])]
    wanted, cells, _ = mend(notebooks, nbformat.writes(nbformat.v4.new_notebook(cells=code)).encode(), "x.ipynb")
    assert wanted == NAME
    assert cells[ANSWER][1] == RIGHT[ANSWER]


def test_innocent_changes_are_not_held_against_anybody(notebooks):
    raw = right()
    check = named(raw, CHECK)
    check["source"] = "".join(check["source"]).replace("\n", "  \n") + "\n\n"
    raw["cells"].insert(
        4, {"cell_type": "code", "id": "mine", "metadata": {}, "source": "1", "outputs": [], "execution_count": 7}
    )
    assert mend(notebooks, dumped(raw))[2] == []


def test_the_same_file_is_always_mended_the_same_way(notebooks):
    data = metadata_and_ids_stripped(right())
    once, twice = ([restored(sorted_out({FILE: data}, notebooks)[0][NAME][1], notebooks[1]).notebook] for _ in range(2))
    assert once == twice


def test_two_notebooks_swapped_by_name_are_told_apart(notebooks):
    first, second = (nbformat.writes(submission(each, solutions(each))).encode() for each in (ATTENTION, MULTIHEAD))
    chosen, _ = sorted_out({"12_1_Self_Attention.ipynb": second, FILE: first}, notebooks)
    assert {wanted: name for wanted, (name, _) in chosen.items()} == {
        NAME: "12_1_Self_Attention.ipynb",
        "12_1_Self_Attention": FILE,
    }


def test_a_stray_file_beside_whole_work_is_only_logged(notebooks):
    files = {
        f"{each.split('/')[1]}.ipynb": nbformat.writes(submission(each, {})).encode() for each in (ATTENTION, MULTIHEAD)
    }
    chosen, said = sorted_out(files | {"scratch.ipynb": b"{"}, notebooks)
    assert len(chosen) == 2
    assert "scratch.ipynb was not graded" in said[0]


# --- what is refused --------------------------------------------------------------------------------------------------

OTHER_COURSE = nbformat.writes(
    nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Biology 101"), nbformat.v4.new_code_cell("cells = 7\nprint(cells)")]
    )
).encode()
REFUSED = {
    "empty": (b"", "is empty"),
    "only-nuls": (b"\0" * 100, "is empty"),
    "not-json": (b"print('hello')\n", "is not JSON"),
    "a-web-page": (b"<!DOCTYPE html><html></html>", "is a web page"),
    "a-pdf": (b"%PDF-1.7\n", "is a PDF"),
    "truncated": (dumped(right())[:-2000], "is cut off"),
    "no-notebook": (b'{"a": 1}', "not a notebook"),
    "a-list": (b"[1, 2]", "not a notebook"),
    "deeply-nested": (b"[" * 100_000, "is not JSON"),
    "conflicts-without-end": (b"{\n" + b"<<<<<<< a\n" * 100_000, "100000 merge conflicts"),
    "another-course": (OTHER_COURSE, "is another notebook (it begins “Biology 101”)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_graded_is_refused_with_a_reason(name, notebooks):
    data, why = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        sorted_out({FILE: data}, notebooks)
    assert str(refusal.value).startswith(FILE) and why in str(refusal.value)
    assert "\n" not in str(refusal.value)


# --- a class of them ----------------------------------------------------------------------------------------


def test_nothing_stops_the_batch_and_everybody_ends_in_one_state(course):
    submitted = course / "submitted"

    def folder(student):
        path = submitted / student / ASSIGNMENT
        path.mkdir(parents=True)
        return path

    for name, (damage, _, file) in MENDED.items():
        (folder(f"mended-{name}") / file).write_bytes(damage(right()))
    for name, (data, _) in REFUSED.items():
        (folder(f"refused-{name}") / FILE).write_bytes(data)
    (folder("refused-a-link") / FILE).symlink_to(folder("honest") / FILE)
    (submitted / "honest" / ASSIGNMENT / FILE).write_bytes(dumped(right()))
    (folder("refused-a-folder") / FILE).mkdir()
    os.mkfifo(folder("refused-a-pipe") / FILE)
    folder("refused-nothing-there")
    (folder("refused-bad-time") / FILE).write_bytes(dumped(right()))
    (submitted / "refused-bad-time" / ASSIGNMENT / "timestamp.txt").write_text("yesterday")
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 2**20}] * 100
    large = right()
    named(large, ANSWER)["outputs"] = outputs
    (folder("large") / FILE).write_bytes(json.dumps(large).encode())

    said = grade(course)

    records = log(course)
    assert records.keys() == {path.name for path in submitted.iterdir()}
    for student, record in records.items():
        if student.startswith("refused-"):
            assert record["state"] == "refused" and record["reason"] and record["reason"][:40] in " ".join(said.split())
            assert not (course / "autograded" / student).exists()
        else:
            assert (record["score"], record["state"]) == (
                9,
                "graded" if student in ("honest", "large") else "graded after repair",
            )
    assert "outputs are not read" in records["large"]["log"][0]

    run("nbgrader", "generate_feedback", ASSIGNMENT, "--student", "mended-no-kernelspec", cwd=course)
    page = (course / "feedback" / "mended-no-kernelspec" / ASSIGNMENT / f"{NAME}.html").read_text()
    assert "The notebook did not name its kernel." in page

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
