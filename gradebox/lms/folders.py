"""A folder for each student, whoever made them (ILIAS does, and so do people): jane/hw1.ipynb, Jane Doe/hw1.ipynb."""

import re
from collections.abc import Callable, Sequence

from gradebox.lms.interface import Aside, Lms, Piece, Who

FILE = re.compile(r"(?P<who>[^/]+)/(?P<file>.+)", re.DOTALL)


class Folders(Lms):
    name = "folders"
    title = "A folder for each student"
    page_uploads = "This zip has a folder for each student."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        found = {name: one for name in names if (one := FILE.fullmatch(name))}
        if len({one["who"] for one in found.values()}) == 1 and all("/" in one["file"] for one in found.values()):
            return {}  # the folder that holds the students'
        return {name: Piece((Who((("id", one["who"]),), one["who"]),), one["file"]) for name, one in found.items()}
