"""What students name things is text on an instructor's terminal: nothing of it acts, and all of it can be read."""

import nbformat
import pytest
from conftest import run
from nbformat.v4 import new_markdown_cell, new_notebook
from small_class import ASSIGNMENT, NAME, RIGHT, grade, hand_in

from gradebox.course import words


@pytest.mark.parametrize(
    "text, told",
    [
        ("plain", "plain"),
        ("[red]not red[/red] :smile:", "[red]not red[/red] :smile:"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\n\n first\nsecond ", "first second"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("half \ud83d", "half \\ud83d"),
        (
            "\u05e9\u05dc\u05d5\u05dd Zo\u00eb \u6771\u4eac \N{SNOWMAN}",
            "\u05e9\u05dc\u05d5\u05dd Zo\u00eb \u6771\u4eac \N{SNOWMAN}",
        ),
        ("x" * 10_000, "x" * 298 + " \N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_text_is_told_as_text(text, told):
    assert words(text) == told


def test_a_heading_and_a_name_that_are_markup_stop_no_report(course):
    student = "[bold]eve[red] \x1b[31m"
    hand_in(course, "ada", RIGHT)
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    foreign = new_notebook(cells=[new_markdown_cell("# [/b] my notes \x1b[2J[red]")])
    nbformat.write(foreign, folder / f"{NAME}.ipynb")

    said = grade(course)
    marks = run("gradebox", "marks", ASSIGNMENT, cwd=course).stdout

    assert "[bold]eve[red] \\x1b[31m" in said and "[/b] my notes" in said
    assert "ada" in marks and not {"\x1b"} & {*said, *marks}
