"""What students really hand in: a right submission in all the ways it is damaged, and what is none at all."""

import copy
import gzip
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


@mended("no notebook may have")
def nan_and_infinity(raw):
    raw["metadata"]["accuracy"] = [float("nan"), float("inf")]
    return dumped(raw)


@mended("no notebook may have")
def a_number_too_large_for_json(raw):
    raw["cells"][2]["metadata"]["loss"] = "LOSS"
    return dumped(raw).replace(b'"LOSS"', b"1e999")


@mended("nested too deeply")
def metadata_nested_deeply(raw):
    raw["cells"][1]["metadata"]["note"] = nested(400)
    raw["metadata"]["note"] = nested(60)
    return dumped(raw)


@mended("no notebook may have")
def attachments_of_the_wrong_kind(raw):
    named(raw, "title")["attachments"] = {"a.png": 5}
    return dumped(raw)


@mended("no notebook may have")
def a_kernelspec_without_a_name(raw):
    raw["metadata"]["kernelspec"] = {"name": 3}
    return dumped(raw)


@mended("kernel")
def metadata_that_is_a_list(raw):
    raw["metadata"] = [raw["metadata"]]
    return dumped(raw)


@mended("marks of cells")
def metadata_of_cells_that_is_a_list(raw):
    for cell in raw["cells"]:
        cell["metadata"] = [cell["metadata"]]
    return dumped(raw)


@mended("marks of cell")
def marks_that_are_a_list(raw):
    named(raw, ANSWER)["metadata"]["nbgrader"] = [1, "solution"]
    return dumped(raw)


@mended("did not name its format")
def a_format_that_is_text(raw):
    return dumped(raw | {"nbformat": "4", "nbformat_minor": "5"})


@mended("did not name its format")
def a_format_of_the_future(raw):
    return dumped(raw | {"nbformat": 7, "nbformat_minor": 3})


@mended("not in UTF-8")
def another_encoding(raw):
    raw["cells"].append(markdown("Größe: 5 µm, “gut”"))
    return json.dumps(raw, ensure_ascii=False).encode("cp1252", "replace")


@mended("line ends")
def line_ends_of_old_macs(raw):
    return dumped(raw).replace(b"\n", b"\r")


@mended("was called", name=f"{'x' * 249}.ipynb")
def a_name_of_255_bytes(raw):
    return dumped(raw)


# --- what is odd and graded as it is ------------------------------------------------------------------------

AS_IT_IS = {}


def as_it_is(odd):
    AS_IT_IS[odd.__name__.replace("_", "-")] = odd
    return odd


def nested(depth: int) -> list:
    inner: list = []
    for _ in range(depth):
        inner = [inner]
    return inner


def markdown(text: str) -> dict:
    return {"cell_type": "markdown", "id": "own-text", "metadata": {}, "source": text}


def code(text: object, outputs: list | None = None) -> dict:
    return {
        "cell_type": "code", "id": "own-code", "metadata": {}, "source": text, "outputs": outputs or [],
        "execution_count": None,
    }  # fmt: skip


@as_it_is
def duplicated_keys(raw):
    return b'{"cells": [], "metadata": 3, ' + dumped(raw).lstrip(b"{")


@as_it_is
def cells_nested_in_cells(raw):
    named(raw, ANSWER)["cells"] = [named(raw, CHECK)]
    return dumped(raw)


@as_it_is
def outputs_that_do_not_exist(raw):
    odd = [{"output_type": "hologram", "data": nested(300)}, 5, None, {"output_type": ["stream"]}]
    named(raw, ANSWER)["outputs"] = odd
    return dumped(raw)


@as_it_is
def an_attachment_of_five_megabytes(raw):
    named(raw, "title")["attachments"] = {"photo.png": {"image/png": "A" * 5_000_000}}
    return dumped(raw)


@as_it_is
def ids_that_are_not_text(raw):
    for number, cell in enumerate(raw["cells"]):
        cell["id"] = number if number % 2 else {"id": number}
    return dumped(raw)


@as_it_is
def nuls_in_cells_of_ones_own(raw):
    raw["cells"] += [code("x = 1\0"), markdown("a\0b")]
    return dumped(raw)


@as_it_is
def halves_of_characters(raw):
    raw["cells"] += [code("x = '\ud83d'"), markdown("\udc00")]
    return dumped(raw)


@as_it_is
def sources_that_are_no_text(raw):
    raw["cells"] += [code(5), code(["x = 1\n", None, 3]), code({"x": 1}), markdown(None)]
    return dumped(raw)


@as_it_is
def hundreds_of_empty_cells(raw):
    raw["cells"] += [code("") for _ in range(500)]
    return dumped(raw)


@as_it_is
def the_first_format_4(raw):
    for cell in raw["cells"]:
        cell.pop("id")
    return dumped(raw | {"nbformat_minor": 0})


@as_it_is
def a_minor_format_of_the_future(raw):
    return dumped(raw | {"nbformat_minor": 9})


@as_it_is
def the_state_of_widgets(raw):
    raw["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": "lost"}}
    return dumped(raw)


@as_it_is
def keys_that_nobody_knows(raw):
    return dumped(raw | {"__class__": "Notebook", "": nested(200)})


@as_it_is
def blanks_around_it(raw):
    return b"\n\n  " + dumped(raw) + b"\n\n\t "


# --- what is refused --------------------------------------------------------------------------------------------------

OTHER_COURSE = nbformat.writes(
    nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Biology 101"), nbformat.v4.new_code_cell("cells = 7\nprint(cells)")]
    )
).encode()
SCRIPT = "# %% [markdown]\n# # 12.2\n\n# %%\nimport numpy as np\n"
REFUSED = {
    "a-script": (SCRIPT.encode(), "is not JSON"),
    "markdown": (b"---\njupyter:\n  kernelspec: python3\n---\n# 12.2\n```python\nx = 1\n```\n", "is not JSON"),
    "pythons-own-words": (repr(right()).encode(), "is not JSON"),
    "twice-in-one-file": (2 * dumped(right()), "is not JSON"),
    "a-comma-too-many": (dumped(right()).replace(b"\n ],", b"\n ,],"), "is not JSON"),
    "a-number-of-5000-digits": (dumped(right() | {"n": "NUMBER"}).replace(b'"NUMBER"', b"7" * 5000), "is not JSON"),
    "a-packed-file": (gzip.compress(dumped(right())), "is a packed file"),
    "a-picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a picture"),
    "any-bytes": (bytes(range(1, 256)) * 20, "is not JSON"),
    "text": (b'"cells"', "not a notebook"),
    "nothing-at-all": (b"null", "not a notebook"),
    "cells-that-are-none": (b'{"cells": null, "nbformat": 4}', "not a notebook"),
    "cells-by-name": (b'{"cells": {"a": {}}, "nbformat": 4}', "not a notebook"),
    "no-cells": (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "is another notebook"),
    "an-old-format-that-is-none": (b'{"worksheets": [{"cells": 3}], "nbformat": 3}', "cannot be converted"),
    "worksheets-that-are-none": (b'{"worksheets": [4, null], "nbformat": 2}', "cannot be converted"),
    "six-thousand-cells": (dumped(right() | {"cells": [code("")] * 6000}), "has 6000 cells"),
    "marks-of-conflicts": (b"{\n<<<<<<< a\n" + b"=======\n" * 100_000, "merge conflicts"),
    "empty": (b"", "is empty"),
    "only-nuls": (b"\0" * 100, "is empty"),
    "not-json": (b"print('hello')\n", "is not JSON"),
    "a-web-page": (b"<!DOCTYPE html><html></html>", "is a web page"),
    "a-pdf": (b"%PDF-1.7\n", "is a PDF"),
    "truncated": (dumped(right())[:-2000], "is cut off"),
    "no-notebook": (b'{"a": 1}', "not a notebook"),
    "a-list": (b"[1, 2]", "not a notebook"),
    "deeply-nested": (b"[" * 100_000, "is nested too deeply"),
    "conflicts-without-end": (b"{\n" + b"<<<<<<< a\n" * 100_000, "100000 marks of merge conflicts"),
    "another-course": (OTHER_COURSE, "is another notebook (it begins “Biology 101”)"),
}
