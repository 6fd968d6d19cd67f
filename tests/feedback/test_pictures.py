"""Pictures of what a failed check compared: what is kept for them, what is drawn, and what never is."""

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from feedback_class import EXERCISE, SCALED, cell_of, graded_cell, page_of
from nbgrader.utils import determine_grade
from sample_class import ATTENTION, MULTIHEAD

from gradebox.feedback.drawing import drawn
from gradebox.judge.comparison import MAX_NUMBERS, MIME, comparison


def test_a_failed_check_shows_theirs_expected_and_the_difference(graded):
    check = cell_of(page_of(graded, "sample-scaling-forgotten", ATTENTION), f"{SCALED}-check")
    panels = {panel.p.text: panel.svg for panel in check.select("figure .panel")}
    assert list(panels) == ["Yours", "Expected", "Difference"]
    assert [len(svg.select("rect")) for svg in panels.values()] == [12, 12, 12]
    numbers = [[text.text for text in svg.select("text.number")][8] for svg in panels.values()]
    assert numbers == ["3.97", "3.02", "+0.945"]
    assert "row 2: \N{MINUS SIGN}0.190, +0.326, +0.945" in panels["Difference"]["aria-label"]


WRONG = (f"{SCALED}-check", "masked-self-attention-check", f"{EXERCISE}-check")


def test_only_visible_checks_that_failed_have_a_picture(graded):
    for student, name in (("sample-scaling-forgotten", ATTENTION), ("hostile", MULTIHEAD)):
        for cell in nbformat.read(graded / "autograded" / student / f"{name}.ipynb", as_version=4).cells:
            # A student's cell can show the same type, as text, which is never drawn.
            kept_here = [output.get("data", {}).get(MIME) for output in cell.get("outputs", [])]
            drawn_here = [arrays for arrays in kept_here if isinstance(arrays, dict)]
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            assert len(drawn_here) == (grade_id in WRONG)
    hostile = page_of(graded, "hostile")
    assert "forged" not in hostile.text and len(hostile.select("figure")) == 1


def test_the_arrays_kept_for_the_picture_change_no_mark(graded):
    cell = graded_cell(graded, "hostile", f"{EXERCISE}-check")
    assert [output.output_type for output in cell.outputs] == ["stream", "error", "display_data"]
    assert determine_grade(cell) == (0, 3)
    cell.outputs = cell.outputs[2:]
    assert determine_grade(cell) == (3, 3)  # nor does it count as partial credit


def failed_comparison(answer, expected) -> BaseException:
    def compare(answer, expected):
        raise AssertionError("differs")

    try:
        compare(answer, expected)
    except AssertionError as error:
        return error


HIDES = "### BEGIN HIDDEN TESTS\ncompare(1, 2)\n### END HIDDEN TESTS"


@pytest.mark.parametrize(
    ("name", "source", "answer"),
    [
        pytest.param("f-values", "compare(f(x), y)", np.zeros(3), id="not a visible check"),
        pytest.param("f-check", HIDES, np.zeros(3), id="hidden tests in a check"),
        pytest.param("f-check", "compare(f(x), y)", np.zeros(MAX_NUMBERS + 1), id="too large"),
        pytest.param("f-check", "compare(f(x), y)", np.zeros(3, dtype=object), id="objects"),
        pytest.param("f-check", "compare(f(x), y)", np.zeros(3, dtype=complex), id="complex"),
        pytest.param("f-check", "compare(f(x), y)", np.float64(3), id="one number"),
        pytest.param("f-check", "compare(f(x), y)", None, id="nothing came back"),
    ],
)
def test_nothing_is_kept_of(name, source, answer):
    assert comparison(name, source, failed_comparison(answer, np.ones(3))) == []


def kept(answer, expected) -> dict:
    (output,) = comparison("f-check", "compare(f(x), y)", failed_comparison(np.array(answer), np.array(expected)))
    return output.data[MIME]


def test_of_a_large_array_the_part_around_the_largest_difference_is_drawn():
    expected = np.zeros((60, 60))
    answer = expected.copy()
    answer[50, 7] = 5
    figure = BeautifulSoup(drawn(kept(answer, expected)), "html.parser")
    assert [len(svg.select("rect")) for svg in figure.select("svg")] == [576, 576, 576]
    assert "24 rows and columns from index (36, 0) on" in figure.figcaption.text
    assert "1 of 3600 numbers differ, by up to 5" in figure.select("svg")[2]["aria-label"]


def test_of_a_batch_the_slice_that_is_furthest_off_is_drawn():
    expected = np.zeros((2, 4, 5, 3))
    answer = expected.copy()
    answer[1, 2, 0, 0], answer[0, 3, 1, 1] = -7, 1
    caption = BeautifulSoup(drawn(kept(answer, expected)), "html.parser").figcaption.text
    assert "the slice [1, 2] of an array of shape (2, 4, 5, 3)" in caption and "2 of 8 slices differ" in caption


def test_arrays_of_different_shapes_are_drawn_without_a_difference():
    figure = BeautifulSoup(drawn(kept(np.ones((3, 4)), np.ones((4, 3)))), "html.parser")
    assert [panel.p.text for panel in figure.select(".panel")] == ["Yours", "Expected"]
    assert "yours is (3, 4), the expected one (4, 3)" in figure.figcaption.text


def test_what_is_no_number_is_drawn_as_such():
    figure = BeautifulSoup(drawn(kept([1.0, np.nan, np.inf], [1.0, 2.0, 3.0])), "html.parser")
    assert [text.text for text in figure.select("svg")[0].select(".number")] == ["1.00", "?", "?"]
    assert [text.text for text in figure.select("svg")[2].select(".number")] == ["0", "?", "?"]


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32])
def test_every_real_array_can_be_drawn(dtype):
    assert "<rect" in drawn(kept(np.arange(6, dtype=dtype), np.ones(6, dtype=dtype)))


@pytest.mark.parametrize(
    "claim",
    [
        None,
        "text",
        [],
        {"answer": {"shape": [2], "values": [1, 2]}},
        {"shape": [3], "values": [1, 2]},
        {"shape": [-1, -2], "values": [1, 2]},
        {"shape": [2], "values": ["<script>", 2]},
        {"shape": [True, 2], "values": [1, 2]},
        {"shape": [2], "values": [float("nan"), 2]},
        {"shape": "2", "values": [1, 2]},
        {"shape": [10**9], "values": [1, 2]},
    ],
)
def test_forged_arrays_are_not_drawn(claim):
    assert drawn({"answer": claim, "expected": {"shape": [2], "values": [1, 2]}}) is None
    assert drawn(claim) is None
