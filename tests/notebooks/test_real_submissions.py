"""Pieces of work by other people, put into our release notebooks and graded. Skipped where they are not at hand."""

import nbformat
import pytest
from conftest import run
from nbgrader.api import Gradebook
from sample_class import ATTENTION, COURSE, LAB, MULTIHEAD, PRACTICE, points, solutions, submission, without_pictures

from gradebox.course.marks import read_marks

REAL = COURSE.parent / "shared" / "submissions"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="no real submissions beside this repository")


def real_cells(name: str, **starts: str) -> dict[str, str]:
    """Cells of a real notebook by the grade_id of ours they answer, told by how they begin or what they define."""
    cells = [cell.source for cell in nbformat.read(REAL / name, as_version=4).cells]
    return {grade_id.replace("_", "-"): next(c for c in cells if mark in c) for grade_id, mark in starts.items()}


def grade(course, notebook: str, cells: dict[str, str]) -> dict[str, float]:
    assignment, name = notebook.split("/")
    folder = course / "submitted" / "somebody" / assignment
    folder.mkdir(parents=True)
    nbformat.write(without_pictures(submission(notebook, cells)), folder / f"{name}.ipynb")
    run("gradebox", "autograde", assignment, cwd=course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        marks = read_marks(gradebook, assignment)[name]["somebody"]
    return {exercise: mark.points for exercise, mark in marks.items()}


def test_multihead_is_right(course):
    cells = real_cells("12_2_multihead.ipynb", multihead_scaled_self_attention="def multihead_scaled_self_attention(")

    # An exercise that came later is not among what they wrote.
    assert grade(course, MULTIHEAD, cells) == points(MULTIHEAD) | {"multihead-attention": 0}


def test_loops_are_right_and_matrix_forms_are_transposed_and_unscaled(course):
    cells = real_cells(
        "12_1_self_attention.ipynb",
        queries_keys_values="all_queries = []",
        softmax="def softmax(",
        x_prime="all_x_prime = []",
        self_attention="def self_attention(",
        scaled_dot_product_self_attention="def scaled_dot_product_self_attention(",
    )

    earned = grade(course, ATTENTION, cells)

    most = points(ATTENTION)
    assert {name: earned[name] for name in ("queries-keys-values", "softmax", "x-prime")} == {
        name: most[name] for name in ("queries-keys-values", "softmax", "x-prime")
    }
    assert earned["self-attention"] == 0
    assert earned["scaled-dot-product-self-attention"] == 0
    assert earned["masked-self-attention"] == 0  # not there yet when this was written
    told = (course / "autograded" / "somebody" / f"{ATTENTION}.ipynb").read_text()
    assert "the numbers are right, but rows and columns are swapped (transposed)" in told
    assert "Outputs should be columns, like the inputs. This is the unscaled version" in told


def test_practice_layer_loses_the_point_for_the_standard_deviation_and_says_why(course):
    cells = real_cells("practice_attention_layer.ipynb", softmax="def softmax(", self_attention="class SelfAttention")

    earned = grade(course, PRACTICE, cells)

    # No bonus either, which this exam did not have.
    assert earned == points(PRACTICE) | {"self-attention-standard-deviation": 0, "softmax-large-inputs": 0}
    graded = nbformat.read(course / "autograded" / "somebody" / f"{PRACTICE}.ipynb", as_version=4)
    (message,) = (
        output.evalue
        for cell in graded.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "self-attention-standard-deviation-values"
        for output in cell.outputs
    )
    assert "their standard deviation is 0.1, and 1 was asked for" in message


@pytest.mark.torch
def test_lab_with_plain_lists_one_batch_element_and_a_bare_reshape_earns_nothing_for_them(course):
    cells = real_cells(
        "lab_multihead_and_vit.ipynb",
        multi_head_self_attention="class MultiHeadSelfAttention(",
        vision_transformer="class VisionTransformer(",
    )
    cells["patchify"] = bare_reshape(REAL / "lab_multihead_and_vit.ipynb")

    earned = grade(course, LAB, solutions(LAB) | cells)

    wrong = ("multi-head-self-attention", "patchify", "vision-transformer")
    assert earned == points(LAB) | dict.fromkeys(wrong, 0)


def bare_reshape(path) -> str:
    """The lines that cut patches in that notebook, which has them outside any function, as a function."""
    lines = next(c.source for c in nbformat.read(path, as_version=4).cells if "# Patchify" in c.source).splitlines()
    body = lines[lines.index("    # Patchify") : lines.index("    # Embedding")]
    text = "\n".join(body).replace("* 16 * 16", "* h * w").replace("// 16", "// {}").format("h", "w")
    return (
        f"def patchify(X, patch_dims):\n    B, C, H, W = X.shape\n    h, w = patch_dims\n{text}\n    return patches\n"
    )
