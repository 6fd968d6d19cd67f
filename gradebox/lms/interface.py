"""What all learning management systems have in common here, and what each has to say about itself.

A module for each (`canvas.py`, `moodle.py`, ...) holds one `Lms`: how its downloads name files, what the columns of its
tables are, and how it takes marks and pages back. Adding an LMS is adding such a module to `lms.known`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gradebox.course import CourseError
from gradebox.lms.marks import Graded
from gradebox.lms.sheets import Rows
from gradebox.lms.tables import Table

Keys = tuple[tuple[str, str], ...]  # (kind, value); kinds are those of `people.LIKE`


@dataclass(frozen=True)
class Who:
    """Somebody as a download or a table names them: by keys, each of which is one person's, and by a name."""

    keys: Keys = ()
    name: str = ""

    def __str__(self) -> str:
        known = ", ".join(f"{kind} {value}" for kind, value in self.keys)
        return f"“{self.name}” ({known})" if self.name and known else f"“{self.name}”" if self.name else known


@dataclass(frozen=True)
class Piece:
    """A file that somebody handed in, as far as the names in a download tell."""

    who: tuple[Who, ...]  # several: each handed it in
    file: str  # what it was called, and where it lay in what was handed in
    attempt: str = ""  # which of several
    when: datetime | None = None  # without a zone: local time
    late: bool = False  # in the LMS's own words
    order: int = 0  # grows from one upload to the next


@dataclass(frozen=True)
class Aside:
    """A file in a download that nobody handed in as a file, and why."""

    why: str
    open: bool = False  # whether somebody's work is in it all the same


@dataclass(frozen=True)
class Sheet:
    """Where the marks of an assignment go in a table of an LMS's own."""

    column: int
    rows: Sequence[tuple[int, Who]]  # the row's number, and whose it is
    most: float | None  # points, as the LMS has them
    beside: int | None = None  # a column with numbers as the table writes them


class Lms:
    """One learning management system. What one does not have, it leaves as it is here."""

    name = ""  # as --from and --to have it
    title = ""  # as people call it
    uploads = ""  # what to do with the file that marks were written into
    page_uploads = ""  # and with the pages
    takes_pages = False  # as a zip, by the names of its downloads
    takes_marks = False  # as a table
    may_be_made = False  # a table, from nothing

    def read(self, names: Sequence[str], text: Callable[[str], str]) -> dict[str, Piece | Aside]:
        """What the files of a download are; those that this LMS would not have named so are left out.

        names -- paths in the download
        text  -- reads one of them
        """
        return {}

    def columns(self, table: Table) -> dict[int, str] | None:
        """What the columns of a table of this LMS's say about people: number -> kind. None: it is not one of its."""
        return None

    def sheet(self, table: Table, wanted: str) -> Sheet:
        """Where marks go. Raises CourseError if that is not certain."""
        raise CourseError(f"{self.title} takes no table of marks back: use --to csv.")

    def made(self, title: str, graded: Sequence[Graded], provisional: bool) -> Rows:
        """A table of marks from nothing. Raises CourseError where only the LMS's own will do."""
        raise CourseError(f"{self.title} takes marks back in its own table only: download it and name it with --into.")

    def page(self, origin: str, notebook: str, keys: dict[str, str]) -> str:
        """The name of a page in the zip that is uploaded; empty if it has none there.

        origin -- where the notebook was in the download
        keys   -- the student's, as the LMS has them
        """
        return ""


def chosen_column(titles: dict[int, str], wanted: str, file: str) -> int:
    """The one column of marks that is meant. Raises CourseError, naming those there are.

    titles -- of the columns that can hold marks of an assignment: number -> what it is called
    """
    exact = [number for number, title in titles.items() if title.strip() == wanted.strip()]
    found = exact or [number for number, title in titles.items() if folded(title) == folded(wanted)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"“{title}”" for title in titles.values()) or "none"
    what = "no column" if not found else f"{len(found)} columns"
    raise CourseError(f"{file} has {what} of marks called “{wanted}” (there: {there}): say which with --column.")


def folded(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(each for each in text.casefold() if each.isalnum())
