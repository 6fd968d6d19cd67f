"""GitHub Classroom. Down: hw1-submissions/hw1-jane/, a clone for each student. Up: a table by user name (--to csv).

Commits carry the time that their author's machine says: who hands in writes it. Times are taken from the table that
``gh classroom assignment-grades`` writes, where that is given as a roster.
"""

import re
from collections.abc import Callable, Sequence

from gradebox.lms.archives import is_litter
from gradebox.lms.interface import Aside, Lms, Piece, Who
from gradebox.lms.tables import Table

REPOSITORY = re.compile(r"(?P<repository>[^/]+)/(?P<file>.+)", re.DOTALL)
COLUMNS = {
    "identifier": "id",
    "roster identifier": "id",
    "github username": "github",
    "name": "name",
    "submission timestamp": "when",
}


class GitHub(Lms):
    name = "github"
    title = "GitHub Classroom"
    page_uploads = "GitHub Classroom takes no pages from files: this zip has a folder for each student."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        parts = {name: one for name in names if (one := REPOSITORY.fullmatch(name))}
        clones = {one["repository"] for one in parts.values() if one["file"].partition("/")[0] == ".git"}
        slug = common_slug({one["repository"] for one in parts.values()})
        if not slug or not clones:
            return {}
        found: dict[str, Piece | Aside] = {}
        for name, one in parts.items():
            if not is_litter(name):
                login = one["repository"].removeprefix(slug)
                found[name] = Piece((Who((("github", login),)),), one["file"])
        return found

    def columns(self, table: Table) -> dict[int, str] | None:
        if "github username" not in table.header or not {"identifier", "roster identifier"} & set(table.header):
            return None
        return {place: COLUMNS[title] for place, title in enumerate(table.header) if title in COLUMNS}


def common_slug(repositories: set[str]) -> str:
    """What all names of repositories begin with, up to a dash: the assignment's name in GitHub Classroom."""
    if len(repositories) < 2:
        return ""
    first = min(repositories)
    starts = [first[: place + 1] for place, letter in enumerate(first) if letter == "-"]
    return max((each for each in starts if all(name.startswith(each) for name in repositories)), key=len, default="")
