"""What students name things is text on an instructor's terminal: nothing of it acts, and all of it can be read."""

import pytest

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
