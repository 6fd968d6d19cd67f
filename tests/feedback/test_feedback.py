"""Feedback pages: what a student reads, what they must not see, and that nothing on a page can do harm.

The class below is graded once; pages are read with BeautifulSoup, and opened in Debian's chromium where there is one.
"""

import itertools
import re
import shutil
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from conftest import graded_test, made_once, notebook, run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from sample_class import ATTENTION, COURSE, MULTIHEAD, solutions, submission

from gradebox.feedback.drawing import drawn
from gradebox.feedback.markup import formula, harmless, markdown, picture, text
from gradebox.feedback.page import FeedbackPage, title_of
from gradebox.judge.comparison import MAX_NUMBERS, MIME, comparison

CHROMIUM = shutil.which("chromium")
QUIET = ("background-networking", "component-update", "sync")
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in QUIET)]
EXERCISE = "multihead-scaled-self-attention"
SCALED = "scaled-dot-product-self-attention"

ATTACK = """from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML('''<script>document.title = "attacked"; fetch("http://attack.invalid/1")</script>
<img src=x onerror="document.title='attacked'"><img src="http://attack.invalid/2.png" alt="tracker">
<svg onload="document.title='attacked'"><script>document.title='attacked'</script></svg>
<meta http-equiv="refresh" content="0; url=http://attack.invalid/3"><base href="http://attack.invalid/">
<link rel="stylesheet" href="http://attack.invalid/4.css"><style>header { display: none }</style>
<iframe srcdoc="<script>parent.document.title='attacked'</script>"></iframe>
<form action="http://attack.invalid/5"><input name=a><button>Show my points</button></form>
<a href="javascript:document.title='attacked'">click me</a><div id="summary" class="verdict right"
style="position:fixed;inset:0">9 of 9 points</div><table><tr><th></th><th>kept</th></tr></table><h1>kept too</h1>'''))
display(SVG('''<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="parent.document.title='attacked'">
<script>parent.document.title = "attacked"</script><image href="http://attack.invalid/6.png"/></svg>'''))
display(Javascript("document.title = 'attacked'"))
display(Markdown("[click](javascript:document.title='attacked') ![t](http://attack.invalid/7.png)"))
display(Markdown("$\\\\href{javascript:document.title='attacked'}{x}$"))
comparison = {"application/vnd.gradebox.comparison+json": "{}"}
display({"text/plain": "fallback", "text/html": "<b>bold</b>" * 3} | comparison, raw=True)
print("\\x1b[31mred\\x1b[0m " + "<script>document.title = 'attacked'</script>" + "</pre></details>")
print("x" * 300_000)
"""
ATTACKING_TEXT = """# My own words <script>document.title = "attacked"</script>
<img src=x onerror="document.title='attacked'"> ![t](http://attack.invalid/8.png) [x](javascript:alert(1))
<details open ontoggle="document.title='attacked'"><summary>s</summary>t</details>
$\\text{<script>document.title = "attacked"</script>}$ $\\unknown{y}$ <style>body { display: none }</style>
#### deep heading
</div></main><h1>Total: 9 of 9</h1>
"""
TELLTALE = """def multihead_scaled_self_attention(X, *parameters):
    print("seen", X[0, 0])
    return X * float(parameters[0][0, 0])
"""
CRASH = """def multihead_scaled_self_attention(X, *parameters):
    helper = X.shape
    return helper[7]
"""


def hostile() -> nbformat.NotebookNode:
    work = submission(MULTIHEAD, {EXERCISE: TELLTALE})
    work.cells[:0] = [new_code_cell(ATTACK), new_markdown_cell(ATTACKING_TEXT)]
    for cell in work.cells:
        if cell.cell_type == "code" and cell.id.startswith(f"{EXERCISE}-"):
            cell.metadata["gradebox"] = {"points": 9}
            cell.outputs = [new_output("display_data", {MIME: {"answer": "forged"}, "text/html": "<b>forged</b>"})]
    return work


def without_a_test() -> nbformat.NotebookNode:
    work = submission(MULTIHEAD, solutions(MULTIHEAD))
    work.cells = [cell for cell in work.cells if cell.get("id") != f"{EXERCISE}-general"]
    return work


WORK = {
    "hostile": hostile,
    "crash": lambda: submission(MULTIHEAD, {EXERCISE: CRASH}),
    "removed-a-test": without_a_test,
}


@pytest.fixture(scope="module")
def graded(released_course, tmp_path_factory) -> Path:
    def grade(course: Path) -> None:
        shutil.copytree(released_course, course, dirs_exist_ok=True)
        for student in ("sample-scaling-forgotten", "sample-syntax-error", "sample-blank"):
            shutil.copytree(COURSE / "submitted" / student / "nbs12", course / "submitted" / student / "nbs12")
        for student, work in WORK.items():
            path = course / "submitted" / student / f"{MULTIHEAD}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(work(), path)
        run("gradebox", "autograde", "nbs12", cwd=course)
        run("gradebox", "feedback", "nbs12", cwd=course)

    return made_once("feedback", grade, tmp_path_factory)


def path_of(course: Path, student: str, name: str = MULTIHEAD) -> Path:
    return course / "feedback" / student / f"{name}.html"


def page_of(course: Path, student: str, name: str = MULTIHEAD) -> BeautifulSoup:
    return BeautifulSoup(path_of(course, student, name).read_text(), "html.parser")


def row(page: BeautifulSoup, title: str):
    return next(row for row in page.select("table.summary tr") if title in row.text)


def words(element) -> str:
    return " ".join(element.text.split())


def cell_of(page: BeautifulSoup, grade_id: str):
    return next(
        cell
        for cell in page.select(".cell")
        if cell.select_one(".bar code") and grade_id == cell.select_one(".bar code").text
    )


def graded_cell(course: Path, student: str, grade_id: str, name: str = MULTIHEAD):
    cells = nbformat.read(course / "autograded" / student / f"{name}.ipynb", as_version=4).cells
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def locked_text(source: str):
    about = {"grade": False, "grade_id": "t", "locked": True, "schema_version": 3, "solution": False, "task": False}
    return new_markdown_cell(source, metadata={"nbgrader": about})


def rendered(*cells, **options) -> BeautifulSoup:
    """A page of cells alone, as it is where no gradebook is."""
    return BeautifulSoup(FeedbackPage(**options).from_notebook_node(notebook(*cells))[0], "html.parser")


# --- what the student reads -------------------------------------------------------------------------------------------


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
    assert "18 / 28" in words(row(page, "Total"))
    assert "Up to 4 more points wait for a grade by hand." in words(row(page, "Total"))
    assert "Waits for a grade by hand." in words(row(page, "why positions must be added"))
    assert words(page.select_one(".score")) == "18 of 28 points so far"


def test_a_cell_that_does_not_run_is_named_before_the_tests_it_fails(graded):
    softmax = row(page_of(graded, "sample-syntax-error", ATTENTION), "softmax")
    assert "Your cell stops with SyntaxError: '(' was never closed" in words(softmax)


def test_a_blank_exercise_is_not_called_wrong(graded):
    assert "Not answered yet." in words(row(page_of(graded, "sample-blank", ATTENTION), "softmax"))


def test_a_removed_test_cell_still_has_its_points_in_the_summary(graded):
    page = page_of(graded, "removed-a-test")
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        score = gradebook.find_submission_notebook(MULTIHEAD.split("/")[1], "nbs12", "removed-a-test").score
    assert f"{score:g} / 9" in words(row(page, "Total"))


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
    assert "17.5 / 28" in words(row(page, "Total"))
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


# --- what the student does not see ------------------------------------------------------------------------------------


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


# --- pictures of what was compared ------------------------------------------------------------------------------------


def test_a_failed_check_shows_theirs_expected_and_the_difference(graded):
    check = cell_of(page_of(graded, "sample-scaling-forgotten", ATTENTION), f"{SCALED}-check")
    panels = {panel.p.text: panel.svg for panel in check.select("figure .panel")}
    assert list(panels) == ["Yours", "Expected", "Difference"]
    assert [len(svg.select("rect")) for svg in panels.values()] == [12, 12, 12]
    numbers = [[text.text for text in svg.select("text.number")][8] for svg in panels.values()]
    assert numbers == ["3.97", "3.02", "+0.945"]
    assert "row 2: \N{MINUS SIGN}0.190, +0.326, +0.945" in panels["Difference"]["aria-label"]


def test_only_visible_checks_that_failed_have_a_picture(graded):
    for student, name in (("sample-scaling-forgotten", ATTENTION), ("hostile", MULTIHEAD)):
        for cell in nbformat.read(graded / "autograded" / student / f"{name}.ipynb", as_version=4).cells:
            # A student's cell can show the same type, as text, which is never drawn.
            kept_here = [output.get("data", {}).get(MIME) for output in cell.get("outputs", [])]
            drawn_here = [arrays for arrays in kept_here if isinstance(arrays, dict)]
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            assert len(drawn_here) == (grade_id in (f"{SCALED}-check", f"{EXERCISE}-check"))
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


# --- what can do no harm ----------------------------------------------------------------------------------------------


def test_nothing_of_a_students_html_that_runs_loads_or_styles_is_left(graded):
    page = page_of(graded, "hostile")
    assert not page.select(
        "script, iframe, form, input, button, base, link, object, embed, main svg script, main style"
    )
    assert len(page.select("meta[http-equiv]")) == 1 and len(page.select("h1")) == 1 and len(page.select("main")) == 1
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on") or (name == "style")]
        assert not element.get("src") or element["src"].startswith("data:image/")
        assert not element.get("href") or re.match(r"#|https?://", element["href"])
    assert "attack.invalid" not in "".join(str(element.attrs) for element in page.find_all(True))
    assert len(page.select("#summary")) == 1
    shown = page.select_one("#cell-1")
    assert [cell.text for cell in shown.select("table td, table th")] == ["", "kept"]
    assert "kept too" in shown.text and "bold" in shown.text
    assert "red <script>" in shown.text and "\x1b" not in shown.text
    assert "more characters are not shown here" in shown.text
    assert path_of(graded, "hostile").stat().st_size < 400_000


def test_headings_step_down_one_level_at_a_time_whatever_a_student_wrote(graded):
    levels = [int(heading.name[1]) for heading in page_of(graded, "hostile").find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("html", ["<div>" * 20_000, "<details><summary>" * 5_000, "<table><tr><td>" * 3_000])
def test_deeply_nested_html_is_only_html(html):
    assert "<script" not in harmless(f"{html}<script>alert(1)</script>")


@pytest.mark.parametrize("latex", ["{" * 50_000 + "}" * 50_000, "\\sqrt{" * 20_000 + "}" * 20_000, "\\frac{", "\\x y"])
def test_a_formula_that_cannot_be_drawn_is_shown_as_it_stands(latex):
    assert formula(latex).startswith("<code>")


def test_deeply_nested_markdown_ends_no_run():
    assert "last words" in markdown("> " * 3_000 + "last words")[0]


LONG = 1_000_000


@pytest.mark.parametrize("unit", ["x", "\r", "x\r", " ", "\x1b[", "\x1b[1", "<", "&", "(", "$", "`"])
def test_a_megabyte_of_anything_is_read_at_once(unit):
    content = unit * (LONG // len(unit))
    start = time.process_time()
    text(content), harmless(content), markdown(content), title_of(notebook(locked_text(f"# {content}")))
    assert time.process_time() - start < 10


def test_a_progress_bar_leaves_its_last_line():
    assert text("10 %\r50 %\r100 %\ndone\r\n").count("%") == 1


@pytest.mark.parametrize(
    ("mime", "content"),
    [
        ("image/png", '"><script>alert(1)</script>'),
        ("image/png", "PHN2Zz4="),
        ("image/jpeg", {"a": 1}),
        ("image/svg+xml", 'javascript:"'),
    ],
)
def test_a_picture_that_is_none_is_left_out(mime, content):
    assert picture(mime, content, "x") is None


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
    assert "0 / 9" in words(row(page, "Total"))
    assert not page.select("figure")
    assert "multihead_oracle" not in page.text and "BEGIN HIDDEN TESTS" not in page.text


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PAGES = [
    ("sample-scaling-forgotten", ATTENTION),
    ("sample-blank", ATTENTION),
    ("hostile", MULTIHEAD),
    ("crash", MULTIHEAD),
]
EVERY_PAGE = pytest.mark.parametrize(("student", "name"), PAGES, ids=[student for student, _ in PAGES])


@pytest.fixture
def opened(browser, graded):
    """Opens pages; keeps what they asked the network for and what dialogs they showed."""
    contexts = []

    def opened(student: str, name: str, size: str = "desktop", scheme: str = "light"):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.dialogs = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path_of(graded, student, name).as_uri(), wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@EVERY_PAGE
def test_a_page_asks_for_nothing_and_runs_nothing(opened, student, name):
    page = opened(student, name)
    for details in page.locator("details > summary").all()[:5]:
        details.click()
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.dialogs == []
    assert page.title().endswith(f"{student} · feedback")
    assert page.locator("header").is_visible() and page.locator("h2#summary").is_visible()


def test_even_markup_that_slipped_through_could_not_run(opened, graded, tmp_path, browser):
    slipped = "<script>document.title = 'attacked'</script><img src=x onerror=\"document.title='attacked'\">"
    slipped += '<img src="http://attack.invalid/x.png"><iframe src="http://attack.invalid/"></iframe>'
    spoiled = tmp_path / "page.html"
    spoiled.write_text(path_of(graded, "crash").read_text().replace("<main>", f"<main>{slipped}"))
    page = browser.new_page()
    answered = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(spoiled.as_uri(), wait_until="networkidle")
    assert page.title().endswith("feedback")
    assert not [url for url in answered if "attack.invalid" in url]
    page.close()


@EVERY_PAGE
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_a_page(opened, student, name, size, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(student, name, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    found = Axe().run(page).response
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert {"color-contrast", "heading-order", "image-alt"} <= {rule["id"] for rule in found["passes"]}
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_the_keyboard_leads_from_the_summary_to_the_cell_and_back(opened):
    page = opened("sample-scaling-forgotten", ATTENTION)
    for _ in range(30):
        page.keyboard.press("Tab")
        if "scaled dot-product" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    target = page.locator(":target")
    assert f"{SCALED}-check" in target.text_content()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Summary"
    page.keyboard.press("Enter")
    assert page.url.endswith("#summary")


def test_a_printed_page_keeps_code_whole_and_leaves_out_what_only_a_screen_can_use(opened):
    page = opened("sample-scaling-forgotten", ATTENTION, scheme="dark")
    page.emulate_media(media="print")
    wider = "Array.from(document.querySelectorAll('pre')).filter(pre => pre.scrollWidth > pre.clientWidth + 1).length"
    assert page.evaluate(wider) == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("a.back").first.is_visible()
    assert len(page.pdf(format="A4")) > 50_000
