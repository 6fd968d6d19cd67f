"""Names, reasons and hints come from files that anybody may have written: how they are told, and put into tables."""

import unicodedata

MOST = 300  # characters
MOST_CELL = 30_000  # characters; spreadsheets have room for 32,767
# Marks that turn the direction of what follows, and so the order of what an instructor reads.
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
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def words(text: object, most: int = MOST) -> str:
    """One line of text in which nothing acts: control characters and turning marks as their numbers, not too long."""
    line = " ".join(str(text).split())
    line = line if len(line) <= most else f"{line[: most - 2]} \N{HORIZONTAL ELLIPSIS}"
    return "".join(each.encode("unicode_escape").decode() if acts(each) else each for each in line)


def acts(character: str) -> bool:
    return character in TURNING or unicodedata.category(character) in ("Cc", "Cs")


def cell_text(text: object) -> str:
    """Text for a cell of a table: one line that no spreadsheet takes for a formula."""
    line = words(text, MOST_CELL)
    return f"'{line}" if line.startswith(FORMULA) else line
