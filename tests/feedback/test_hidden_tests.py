"""Of a test with a hidden region a feedback page shows its visible lines and the message of its error, and no more."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from conftest import graded_test, notebook, run
from feedback_class import EXERCISE, cell_of, graded_cell, page_of, path_of, words
from nbformat.v4 import new_output

from gradebox.feedback.page import FeedbackPage


def rendered(*cells, **options) -> BeautifulSoup:
    """A page of cells alone, as it is where no gradebook is."""
    return BeautifulSoup(FeedbackPage(**options).from_notebook_node(notebook(*cells))[0], "html.parser")


@pytest.mark.parametrize("student", ["sample-scaling-forgotten", "sample-blank", "hostile", "crash", "removed-a-test"])
def test_the_source_of_hidden_tests_is_not_shown(graded, student):
    kept = graded_cell(graded, student, f"{EXERCISE}-values").source
    page = path_of(graded, student).read_text()
    assert "BEGIN HIDDEN TESTS" in kept
    for line in kept.splitlines()[1:]:
        assert len(line) < 12 or line.strip() not in BeautifulSoup(page, "html.parser").text


def test_the_message_of_a_hidden_test_is_shown(graded):
    hidden = cell_of(page_of(graded, "sample-scaling-forgotten"), f"{EXERCISE}-values")
    said = graded_cell(graded, "sample-scaling-forgotten", f"{EXERCISE}-values").outputs[-1].evalue
    assert words(hidden.select_one(".message")) in " ".join(said.split())
    assert len(words(hidden.select_one(".message"))) > 10


def test_what_code_prints_or_where_it_crashes_in_a_hidden_test_is_not_shown(graded):
    hostile, crash = page_of(graded, "hostile"), page_of(graded, "crash")
    printed = graded_cell(graded, "hostile", f"{EXERCISE}-values").outputs[0].text
    assert re.match(r"seen -?\d", printed)
    assert printed.splitlines()[0] not in hostile.text
    assert "seen" in cell_of(hostile, f"{EXERCISE}-check").text
    assert not cell_of(hostile, f"{EXERCISE}-values").select(".output")
    assert not cell_of(crash, f"{EXERCISE}-general").select(".output")


def test_an_instructor_can_show_hidden_tests(graded, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("\nc.FeedbackPage.show_hidden_tests = True\n")
    run("nbgrader", "generate_feedback", "nbs12", "--force", cwd=course)
    page = page_of(course, "hostile")
    assert "BEGIN HIDDEN TESTS" in cell_of(page, f"{EXERCISE}-values").text
    assert "seen" in cell_of(page, f"{EXERCISE}-values").text


def test_a_hidden_region_that_never_ends_hides_the_rest():
    cell = graded_test("t-values", "1 + 1  # shown\n### BEGIN HIDDEN TESTS\nassert secret\n")
    assert "shown" in rendered(cell).text and "secret" not in rendered(cell).text


def test_a_traceback_of_stock_nbgrader_shows_nothing_of_a_hidden_test():
    cell = graded_test("t-values", "### BEGIN HIDDEN TESTS\nassert f(3) == 42\n### END HIDDEN TESTS\n")
    lines = ["\x1b[31mAssertionError\x1b[0m  Traceback", "----> 2 assert f(3) == 42", "AssertionError: no"]
    cell.outputs = [new_output("error", ename="AssertionError", evalue="no", traceback=lines)]
    page = rendered(cell)
    assert "42" not in page.text and words(page.select_one(".message")) == "no"
