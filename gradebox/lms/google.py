"""Google Classroom. Down: a folder of Google Drive, as a zip: Jane Doe - hw1.ipynb. Up: a table (--to csv).

Google hands out no table and no fixed form of names; this is the one that is common. Students write these names.
"""

import re
from collections.abc import Callable, Sequence

from gradebox.lms.interface import Aside, Lms, Piece, Who

FILE = re.compile(r"(?:copy of )?(?P<name>[^/]+?) - (?P<file>[^/]+)", re.IGNORECASE)


class Google(Lms):
    name = "google"
    title = "Google Classroom"
    page_uploads = "Google Classroom takes no pages from files: this zip has a folder for each student."

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        found = {name: one for name in names if (one := FILE.fullmatch(name))}
        return {name: Piece((Who(name=one["name"]),), one["file"]) for name, one in found.items()}
