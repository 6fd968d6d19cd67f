"""Names, reasons and hints come from files that anybody may have written: how they are told, and put into files."""

import json
import re
from typing import Any

MOST = 300  # characters
MOST_CELL = 30_000  # characters; spreadsheets have room for 32,767
# Control characters, marks that turn the direction of what follows and so the order of what is read, half characters.
ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#+!|&~$]")
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)  # what a cell begins with that a spreadsheet computes


def words(text: object, most: int = MOST) -> str:
    """One line of text in which nothing acts: control characters and turning marks as their numbers, not too long."""
    line = " ".join(str(text).split())
    line = line if len(line) <= most else f"{line[: most - 2]} \N{HORIZONTAL ELLIPSIS}"
    return ACTING.sub(as_number, line)


def lines(text: str) -> str:
    """The same for text that has lines and is bounded elsewhere: line ends and tabs stay."""
    return ACTING.sub(lambda found: found[0] if found[0] in "\n\t" else as_number(found), text)


def cell_text(text: object) -> str:
    """Text for a cell of a table: one line that no spreadsheet takes for a formula."""
    line = words(text, MOST_CELL)
    return f"'{line}" if line.startswith(FORMULA) else line


def markdown_text(text: object, most: int = MOST) -> str:
    """Text for a cell of a notebook, in which it stands as it is."""
    return MARKDOWN.sub(r"\\\g<0>", words(text, most))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON that can be looked at: letters of all languages stay, what acts is escaped, and is read back as it was."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return ACTING.sub(lambda found: "\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def as_number(found: re.Match) -> str:
    return found[0].encode("unicode_escape").decode()
