"""Nothing on a feedback page can do harm: markup that attacks, is nested deeply, endless, or none at all."""

import itertools
import re

import pytest
from conftest import notebook
from feedback_class import page_of, path_of
from nbformat.v4 import new_markdown_cell

from gradebox.feedback.markup import formula, harmless, markdown, picture, text
from gradebox.feedback.page import title_of


def locked_text(source: str):
    about = {"grade": False, "grade_id": "t", "locked": True, "schema_version": 3, "solution": False, "task": False}
    return new_markdown_cell(source, metadata={"nbgrader": about})


def test_nothing_of_a_students_html_that_runs_loads_or_styles_is_left(graded):
    page = page_of(graded, "hostile")
    assert not page.select(
        "script, iframe, form, input, button, base, link, object, embed, main svg script, main style"
    )
    assert len(page.select("meta[http-equiv]")) == 1 and len(page.select("h1")) == 1 and len(page.select("main")) == 1
    ours = page.select("p.to-the-index > a")
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on") or (name == "style")]
        assert not element.get("src") or element["src"].startswith("data:image/")
        assert not element.get("href") or re.match(r"#|https?://", element["href"]) or element in ours
    assert "attack.invalid" not in "".join(str(element.attrs) for element in page.find_all(True))
    assert len(page.select("#summary")) == 1
    shown = page.select_one("#cell-1")
    assert [cell.text for cell in shown.select("table td, table th")] == ["", "kept"]
    assert "kept too" in shown.text and "bold" in shown.text
    assert "red <script>" in shown.text and "\x1b" not in shown.text
    assert "more characters are not shown here" in shown.text
    assert path_of(graded, "hostile").stat().st_size < 800_000


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
def test_a_megabyte_of_anything_ends_as_a_page_of_it(unit):
    content = unit * (LONG // len(unit))
    assert len(text(content)) + len(markdown(content)[0]) < LONG / 3
    assert len(harmless(content)) <= 4 * LONG  # "&lt;" for "<"
    assert len(title_of(notebook(locked_text(f"# {content}")))) <= LONG


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
