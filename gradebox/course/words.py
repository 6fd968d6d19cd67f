"""Names, reasons and hints come from files that anybody may have written: how they are told on a terminal."""

import unicodedata

MOST = 300  # characters
# Marks that turn the direction of what follows, and so the order of what an instructor reads.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def words(text: object, most: int = MOST) -> str:
    """One line of text in which nothing acts: control characters and turning marks as their numbers, not too long."""
    line = " ".join(str(text).split())
    line = line if len(line) <= most else f"{line[: most - 2]} \N{HORIZONTAL ELLIPSIS}"
    return "".join(each.encode("unicode_escape").decode() if acts(each) else each for each in line)


def acts(character: str) -> bool:
    return character in TURNING or unicodedata.category(character) in ("Cc", "Cs")
