"""Feedback pages: what a student reads, whoever graded. Pages are read with BeautifulSoup."""

import re
import shutil

from conftest import run
from feedback_class import EXERCISE, SCALED, cell_of, page_of, path_of, row, words
from nbgrader.api import Gradebook
from sample_class import ATTENTION, MULTIHEAD


def test_the_summary_says_what_happened_and_leads_there(graded):
    page = page_of(graded, "sample-scaling-forgotten", ATTENTION)
    failed = row(page, "scaled dot-product self-attention")
    assert "0 / 6" in words(failed)
    assert re.search(r"12 of 12 numbers differ, by up to [\d.]+\.$", words(failed.select_one("p")))
    assert "reach the softmax?" in words(failed.select_one(".hint"))
    assert cell_of(page, f"{SCALED}-check")["id"] == failed.a["href"][1:]
    assert "right" in words(row(page, "softmax")) and not row(page, "softmax").select(".hint")


def test_the_total_and_what_waits_for_a_grader_are_the_gradebooks(graded):
    page = page_of(graded, "sample-scaling-forgotten", ATTENTION)
    assert "18 / 32" in words(row(page, "Total"))
    assert "Up to 4 more points wait for a grade by hand." in words(row(page, "Total"))
    assert "Waits for a grade by hand." in words(row(page, "why positions must be added"))
    assert words(page.select_one(".score")) == "18 of 32 points so far"


def test_a_cell_that_does_not_run_is_named_before_the_tests_it_fails(graded):
    softmax = row(page_of(graded, "sample-syntax-error", ATTENTION), "softmax")
    assert "Your cell stops with SyntaxError: '(' was never closed" in words(softmax)


def test_a_blank_exercise_is_not_called_wrong(graded):
    assert "Not answered yet." in words(row(page_of(graded, "sample-blank", ATTENTION), "softmax"))


def test_a_removed_test_cell_still_has_its_points_in_the_summary(graded):
    page = page_of(graded, "removed-a-test")
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        score = gradebook.find_submission_notebook(MULTIHEAD.split("/")[1], "nbs12", "removed-a-test").score
    assert f"{score:g} / 13" in words(row(page, "Total"))


def test_own_lines_of_a_crash_are_shown_with_the_visible_check(graded):
    check = cell_of(page_of(graded, "crash"), f"{EXERCISE}-check")
    assert "IndexError" in words(check.select_one(".message"))
    assert "return helper[7]" in check.select_one(".output").text
    assert "site-packages" not in check.text


def test_formulas_are_drawn_without_a_script(graded):
    page = page_of(graded, "sample-scaling-forgotten", ATTENTION)
    assert len(page.select("math")) > 30
    assert "$" not in "".join(cell.text for cell in page.select(".cell.text"))
    assert not page.select("code:-soup-contains('frac')")


def test_comments_scores_by_hand_and_the_late_penalty_appear_and_renew_only_their_page(graded, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        at = (ATTENTION.split("/")[1], "nbs12", "sample-scaling-forgotten")
        grade = gradebook.find_grade("positional-encoding", *at)
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment("positional-encoding", *at).manual_comment = "Good *start*: <script>what</script> order?"
        gradebook.find_submission_notebook(*at).late_submission_penalty = 3
        gradebook.db.commit()

    said = run("gradebox", "feedback", "nbs12", cwd=course).stdout

    page = page_of(course, "sample-scaling-forgotten", ATTENTION)
    assert said.splitlines() == ["Writing feedback for nbs12 1/1: sample-scaling-forgotten"]
    assert "2.5 / 4" in words(row(page, "why positions must be added"))
    assert "17.5 / 32" in words(row(page, "Total"))
    assert "\N{MINUS SIGN}3" in words(row(page, "Late submission"))
    answer = cell_of(page, "positional-encoding")
    assert answer.select_one(".comment em").text == "start" and not page.select("script")
    assert [link["href"] for link in page.select("section p a") if link.text == "positional encoding"] == [
        f"#{answer['id']}"
    ]
    assert run("gradebox", "feedback", "nbs12", cwd=course).stdout == ""


def test_a_page_that_cannot_be_written_stops_no_other(graded, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    shutil.copytree(course / "autograded" / "crash", course / "autograded" / "a-stranger")
    path_of(course, "crash").unlink()
    result = run("gradebox", "feedback", "nbs12", cwd=course, check=False)
    assert result.returncode == 1
    assert "nbs12: no page for a-stranger; the others have theirs" in result.stderr
    assert "Traceback" not in result.stderr
    assert path_of(course, "crash").exists()


def test_feedback_before_grading_says_what_to_do(course):
    result = run("gradebox", "feedback", "nbs12", cwd=course, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "Nothing of 'nbs12' is graded yet: run 'gradebox autograde nbs12'." in result.stderr


def test_a_notebook_graded_by_stock_nbgrader_gives_a_page(graded, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded, course, ignore=shutil.ignore_patterns("autograded", "feedback", "submitted"))
    student = "sample-scaling-forgotten"
    target = course / "submitted" / student / f"{MULTIHEAD}.ipynb"
    target.parent.mkdir(parents=True)
    shutil.copy(graded / "submitted" / student / f"{MULTIHEAD}.ipynb", target)
    config = course / "nbgrader_config.py"
    ours = config.read_text()
    config.write_text("c = get_config()\nc.CourseDirectory.course_id = 'dl'\n")
    run("nbgrader", "autograde", "nbs12", "--force", cwd=course)
    config.write_text(ours)
    run("nbgrader", "generate_feedback", "nbs12", cwd=course)
    page = page_of(course, student)
    assert "The scores are not scaled before the softmax" in words(page.select_one(".summary .hint"))
    assert "0 / 13" in words(row(page, "Total"))
    assert not page.select("figure")
    assert "multihead_oracle" not in page.text and "BEGIN HIDDEN TESTS" not in page.text
