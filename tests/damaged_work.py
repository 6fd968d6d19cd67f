"""What students really hand in: a right submission in all the ways it is damaged, and what is none at all."""

import copy
import json

import nbformat
from sample_class import MULTIHEAD, submission, without_pictures
from small_class import NAME, RIGHT

ANSWER = "multihead-scaled-self-attention"
CHECK, VALUES = f"{ANSWER}-check", f"{ANSWER}-values"
FILE = f"{NAME}.ipynb"


def right() -> dict:
    """A right submission, as JSON."""
    return json.loads(nbformat.writes(without_pictures(submission(MULTIHEAD, RIGHT))))


def dumped(raw: dict) -> bytes:
    return json.dumps(raw, indent=1).encode()


def named(raw: dict, name: str) -> dict:
    return next(cell for cell in raw["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


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


@mended("looks like another edition")
def another_edition(raw):
    raw["cells"] = [cell for cell in raw["cells"] if cell["id"] in ("imports", "title", *RIGHT)]
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
    stub = json.loads(nbformat.writes(without_pictures(submission(MULTIHEAD, {}))))
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
