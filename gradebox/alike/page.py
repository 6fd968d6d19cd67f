"""Pairs of answers side by side, as one page for the instructor: no network, no script, nothing on it is trusted."""

from dataclasses import dataclass

from gradebox.alike.comparing import Pair, groups
from gradebox.course import lines as text_lines
from gradebox.feedback import page_environment

MOST_PAIRS = 100  # side by side; the table has all
MOST_LINES = 200  # of an answer
MOST_LINE = 400  # characters of a line


@dataclass(frozen=True)
class Line:
    text: str
    alike: bool


def similar_page(assignment: str, pairs: list[Pair], students: int) -> str:
    """The page.

    pairs    -- as `alike` ranks them
    students -- how many were compared
    """
    return _environment.get_template("similar.html.j2").render(
        assignment=assignment, students=students, pairs=pairs, shown=pairs[:MOST_PAIRS], groups=groups(pairs)
    )


def lines(text: str, alike: frozenset[int]) -> list[Line]:
    """An answer's lines in which nothing acts, and whether they are in what is shared."""
    every = text.split("\n")
    shown = [Line(_still(line), number in alike) for number, line in enumerate(every[:MOST_LINES])]
    if len(every) > MOST_LINES:
        shown.append(Line(f"... {len(every) - MOST_LINES} more lines are not shown here.", False))
    return shown


def _still(line: str) -> str:
    line = line if len(line) <= MOST_LINE else f"{line[:MOST_LINE]} \N{HORIZONTAL ELLIPSIS}"
    return text_lines(line.expandtabs(4).rstrip("\r"))


_environment = page_environment("gradebox.alike")  # and the style of feedback pages
_environment.filters |= {"percent": lambda share: f"{100 * share:.0f} %"}
_environment.globals["lines"] = lines
