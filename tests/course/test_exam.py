"""Exam mode: the release without its hints, in a folder of its own, graded like the release."""

import ast
import shutil

import nbformat
import numpy as np
import pytest
from conftest import run
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade
from sample_class import BEGIN, COURSE, END, NOTEBOOKS, PRACTICE, points, solutions, source, written_in
from solved_notebook import grade

from gradebox.course.marks import read_marks, total
from gradebox.course.release import without_folded_hints, without_slips
from gradebox.course.source import exercise_of
from mistakes import operators

ASSIGNMENT, NAME = PRACTICE.split("/")
COLUMNS = "def softmax(X):\n    e = np.exp(X)\n    return e / e.sum(axis=0, keepdims=True)\n"


def text_of(path) -> dict[str, str]:
    """Cells by their grade_id, without the header that every release gets."""
    cells = nbformat.read(path, as_version=4).cells
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells if "nbgrader" in cell.metadata}


@pytest.fixture(scope="module")
def exam(released_course, tmp_path_factory):
    course = tmp_path_factory.mktemp("exam") / "course"
    shutil.copytree(released_course, course)
    run("gradebox", "release", ASSIGNMENT, "--exam", "--start=09:00", cwd=course)
    return course / "exam" / ASSIGNMENT / f"{NAME}.ipynb"


def test_exam_is_the_release_without_the_checks_hints(exam):
    theirs, ours = text_of(exam), text_of(COURSE / "release" / ASSIGNMENT / f"{NAME}.ipynb")

    assert theirs.keys() == ours.keys()
    different = {name for name in ours if theirs[name] != ours[name]}
    assert different == {"title", "softmax-check", "self-attention-forward-check"}
    for check in different - {"title"}:
        assert "slips=" in ours[check] and "slips=" not in theirs[check]
        assert "compare(" in theirs[check]


def test_exam_says_when_it_begins_and_ends_and_does_not_lead_to_the_hints(exam):
    title = text_of(exam)["title"]

    assert "45 minutes: from 09:00 to 09:45." in title
    assert "colab.research.google.com" not in title


def test_without_a_start_students_fill_in_the_times(course):
    run("gradebox", "release", ASSIGNMENT, "--exam", cwd=course)

    assert "**45 minutes.** Begun at" in text_of(course / "exam" / ASSIGNMENT / f"{NAME}.ipynb")["title"]


def test_building_an_exam_leaves_the_release_and_the_gradebook_alone(course):
    before = {path: path.read_bytes() for path in [*course.glob("release/*/*"), course / "gradebook.db"]}

    run("gradebox", "release", ASSIGNMENT, "--exam", cwd=course)

    assert {path: path.read_bytes() for path in [*course.glob("release/*/*"), course / "gradebook.db"]} == before


def test_a_start_that_is_no_time_is_one_clear_line_and_builds_nothing(course):
    done = run("gradebox", "release", ASSIGNMENT, "--exam", "--start=9h", cwd=course, check=False)

    assert done.returncode == 1
    assert done.stderr == "gradebox release: The exam begins at '9h', expected a time like '09:00'\n"
    assert not (course / "exam").exists()


def test_an_exam_is_graded_like_the_release_and_the_hints_come_with_the_feedback(exam, whole_course):
    course = whole_course
    handed_in = nbformat.read(exam, as_version=4)
    for cell in handed_in.cells:
        cell.source = (solutions(PRACTICE) | {"softmax": COLUMNS}).get(cell.get("id"), cell.source)
    folder = course / "submitted" / "somebody" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(handed_in, folder / f"{NAME}.ipynb")

    run("gradebox", "autograde", ASSIGNMENT, cwd=course)
    run("gradebox", "feedback", ASSIGNMENT, cwd=course)

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        marks = read_marks(gradebook, ASSIGNMENT)[NAME]["somebody"]
    assert total(marks).points == 16 - marks["softmax"].possible - marks["softmax-large-inputs"].possible == 11
    page = (course / "feedback" / "somebody" / ASSIGNMENT / f"{NAME}.html").read_text()
    assert "which axis runs along a row?" in page


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_taking_the_hints_out_leaves_everything_else_in(notebook):
    for cell in source(notebook).cells:
        if is_grade(cell) and cell.metadata.nbgrader.grade_id.endswith("-check"):
            before, after = (ast.parse(text) for text in (cell.source, without_slips(cell.source)))
            for call in (node for node in ast.walk(before) if isinstance(node, ast.Call)):
                call.keywords = [keyword for keyword in call.keywords if keyword.arg != "slips"]
            assert ast.dump(before) == ast.dump(after)


def test_folded_hints_are_taken_out_of_the_text_and_folded_answers_are_not():
    answer = "<details><summary>Answer</summary>\n\nSeven.\n</details>"
    hint = "<details><summary>Hint: sizes</summary>\n\nCount them.\n</details>"

    assert without_folded_hints(f"How many?\n\n{hint}\n{answer}") == f"How many?\n{answer}"


# --- the model solution and the others beside it ---------------------------------------------------------------------


def alternatives() -> dict[str, str]:
    """Other ways to write it, from the instructor's notebook: name -> text."""
    text = next(cell.source for cell in source(PRACTICE).cells if cell.id == "alternatives")
    return {
        node.name: ast.get_source_segment(text, node) + "\n" for node in ast.parse(text).body if hasattr(node, "name")
    }


@pytest.mark.parametrize("name", alternatives())
def test_every_alternative_earns_full_marks(name):
    cell, asked = ("softmax", "softmax") if name.startswith("softmax") else ("self-attention", "SelfAttention")

    marks = grade(PRACTICE, {cell: alternatives()[name].replace(name, asked)}).marks

    assert sum(marks.values()) == sum(points(PRACTICE).values()) == 16


def test_alternatives_are_loops_einsum_and_more():
    text = "".join(alternatives().values())

    assert {"SelfAttentionInLoops", "SelfAttentionWithEinsum"} <= alternatives().keys()
    assert "np.einsum(" in text and "for j in range(n):" in text


RANDOM = {
    "randn": "np.random.randn(dims, dims)",
    "standard_normal": "np.random.standard_normal(size=(dims, dims))",
    "normal with names": "np.random.normal(loc=0.0, scale=1.0, size=(dims, dims))",
    "a generator": "np.random.default_rng().normal(size=(dims, dims))",
    "single precision": "np.random.randn(dims, dims).astype(np.float32)",
    "one entry at a time": "np.array([[np.random.normal() for _ in range(dims)] for _ in range(dims)])",
}


@pytest.mark.parametrize("draw", RANDOM.values(), ids=RANDOM)
def test_weights_may_be_drawn_in_any_way_and_from_any_state(draw):
    # A seed above the class is nobody's mistake.
    text = "np.random.seed(3)\n\n" + solutions(PRACTICE)["self-attention"].replace(
        "np.random.normal(0, 1, size=(dims, dims))", draw
    )
    assert text.count(draw) == 4

    marks = grade(PRACTICE, {"self-attention": text}).marks

    assert sum(marks.values()) == 16


LIAR = """class Anything:
    shape, ndim, dtype = (4, 4), 2, np.dtype(float)

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return np.random.randn(4, 4)

    def __getattr__(self, name):
        return Anything()


class SelfAttention:
    def __init__(self, dims):
        self.dims = self.W_q = self.W_k = self.W_v = self.W_o = Anything()

    def __getattr__(self, name):
        return Anything()

    def forward(self, x):
        return Anything()
"""


def test_a_layer_of_objects_that_agree_with_everything_earns_nothing():
    marks = grade(PRACTICE, {"self-attention": LIAR}).marks

    assert {
        name for name, mark in marks.items() if mark and written_in(PRACTICE)[exercise_of(name)] != "softmax"
    } == set()


def test_a_layer_that_forgets_dims_loses_them_alone():
    model = solutions(PRACTICE)["self-attention"].replace("        self.dims = dims\n", "")

    marks = grade(PRACTICE, {"self-attention": model}).marks

    assert {name for name, mark in marks.items() if not mark} == {
        f"self-attention-weights-{part}" for part in ("check", "values", "general")
    }


def test_weights_that_are_too_small_cost_one_point_and_say_so():
    model = solutions(PRACTICE)["self-attention"].replace("normal(0, 1,", "normal(0, 0.1,")

    graded = grade(PRACTICE, {"self-attention": model})

    lost = [name for name, mark in graded.marks.items() if not mark]
    assert lost == ["self-attention-standard-deviation-values"]
    assert sum(graded.marks.values()) == 15
    (message,) = (
        output.evalue for cell in graded.notebook.cells for output in cell.get("outputs", []) if "evalue" in output
    )
    assert "their standard deviation is 0.1, and 1 was asked for" in message


@pytest.mark.parametrize("text", [None, "def softmax(X):\n    return X\n", "softmax = 3\n", "def softmax(X:\n"])
def test_a_softmax_that_is_missing_or_wrong_costs_the_layer_nothing(text):
    blank = {} if text is not None else {"softmax": "def softmax(X):\n    raise NotImplementedError()\n"}

    marks = grade(PRACTICE, {"softmax": text} if text is not None else blank).marks

    layer = {name for name, cell in written_in(PRACTICE).items() if cell == "self-attention"}
    assert sum(marks.values()) == sum(most for exercise, most in points(PRACTICE).items() if exercise in layer) == 11


def test_a_right_softmax_of_ones_own_is_kept():
    own = "def softmax(X, axis=1):\n    e = np.exp(X)\n    return e / e.sum(axis=axis, keepdims=True)\n"
    layer = solutions(PRACTICE)["self-attention"].replace("softmax(scores)", "softmax(scores, axis=1)")

    marks = grade(PRACTICE, {"softmax": own, "self-attention": layer}).marks

    assert sum(marks.values()) == 15  # all but the bonus


def test_the_example_gets_most_of_its_weights_from_where_the_text_says():
    space = {"np": np}
    exec(text_of(COURSE / "source" / ASSIGNMENT / f"{NAME}.ipynb")["self-attention-forward-data"], space)
    x, W_q, W_k = (space[name] for name in ("x_example", "W_q", "W_k"))
    attention = operators.softmax(x @ W_q @ (x @ W_k).T / np.sqrt(4), dim=1)

    assert list(attention.argmax(axis=1)) == [2, 0, 1]
    assert ((attention.max(axis=1) > 0.5) & (attention.max(axis=1) < 0.6)).all()


def test_the_solution_cells_of_the_exam_hold_two_gaps_and_one():
    gaps = {cell.id: cell.source.count(BEGIN) for cell in source(PRACTICE).cells if BEGIN in cell.source}

    assert gaps == {"softmax": 1, "self-attention": 2}
    assert all(cell.source.count(BEGIN) == cell.source.count(END) for cell in source(PRACTICE).cells)
