"""submitted/, as collecting writes it, and its book: who handed in what, when, and under which names in the download.

submitted/STUDENT/ASSIGNMENT/            what nbgrader expects, written beside and renamed into place
submitted/.collected/ASSIGNMENT.json     the book; `gradebox export` finds the way back by it
submitted/.collected/ASSIGNMENT.csv      the last report
submitted/.collected/earlier/ASSIGNMENT/STUDENT/    what was replaced, until the newer one is graded
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from gradebox.course import CourseError, as_json, found, place, write_whole
from gradebox.lms.people import Person, key

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"
FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader's exchange writes it


@dataclass(frozen=True)
class HandedIn:
    """What the book says of one student."""

    lms: str
    name: str  # as the LMS has it
    keys: dict[str, str]  # as the LMS has them
    origins: dict[str, str]  # notebook -> where it was in the download
    group: list[str]  # all who handed it in, if there are several
    when: str = ""  # UTC
    late: bool = False  # in the LMS's own words
    order: int = 0
    digest: str = ""  # of the files
    collected: str = ""  # UTC


@dataclass
class Submitted:
    """One assignment's folders in submitted/."""

    coursedir: CourseDirectory
    assignment: str
    book: dict[str, HandedIn] = field(init=False)

    def __post_init__(self) -> None:
        self.book = read_book(self.book_path)

    @property
    def home(self) -> Path:
        return Path(self.coursedir.root, self.coursedir.submitted_directory, ".collected")

    @property
    def book_path(self) -> Path:
        return self.home / f"{self.assignment}.json"

    @property
    def report_path(self) -> Path:
        return self.home / f"{self.assignment}.csv"

    def folder(self, student: str) -> Path:
        return place(self.coursedir, self.coursedir.submitted_directory, student, self.assignment)

    def earlier(self, student: str) -> Path:
        return self.home / "earlier" / self.assignment / student

    # --- what is there ------------------------------------------------------------------------------------------

    def digest(self, student: str) -> str:
        """Of the files that are there, whoever put them there; empty if there are none."""
        folder = self.folder(student)
        if not folder.is_dir():
            return ""
        paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        return digest({str(path.relative_to(folder)): path.read_bytes() for path in paths})

    def when(self, student: str) -> datetime | None:
        """When what is there was handed in, if anybody knows."""
        path = self.folder(student) / TIMESTAMP
        try:
            return parse_utc(path.read_text().strip()).replace(tzinfo=UTC)
        except (OSError, ValueError, OverflowError):
            return None

    # --- writing ------------------------------------------------------------------------------------------------

    def put(self, student: str, files: Mapping[str, bytes], when: datetime | None) -> None:
        """Hand in for a student, in place of what is there, which is kept beside."""
        new, target = self.home / "new" / student, self.folder(student)
        shutil.rmtree(new, ignore_errors=True)
        times = {TIMESTAMP: when.astimezone(UTC).strftime(FORMAT).encode()} if when else {}
        for name, data in (dict(files) | times).items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if self.coursedir.groupshared:
            for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
                folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            old = self.earlier(student)
            shutil.rmtree(old, ignore_errors=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            target.rename(old)
        new.rename(target)

    def set_when(self, student: str, when: datetime) -> None:
        """Say when what is there was handed in."""
        write_whole(self.folder(student) / TIMESTAMP, when.astimezone(UTC).strftime(FORMAT).encode())

    def close(self, report: bytes) -> None:
        """Write the book and the report, and forget what was replaced by what is graded by now."""
        shutil.rmtree(self.home / "new", ignore_errors=True)
        book = {"version": 1, "students": {student: asdict(each) for student, each in sorted(self.book.items())}}
        write_whole(self.book_path, as_json(book, indent=1).encode())
        write_whole(self.report_path, report)
        for student in self.replaced():
            graded = found(self.coursedir, self.coursedir.autograded_directory, student, self.assignment, "*.ipynb")
            since = datetime.fromisoformat(self.book[student].collected).timestamp()
            if graded and all(path.stat().st_mtime > since for *_, path in graded):
                shutil.rmtree(self.earlier(student))

    def replaced(self) -> Iterator[str]:
        above = self.earlier("x").parent
        return (each.name for each in list(above.iterdir()) if each.name in self.book) if above.is_dir() else iter(())

    def known_people(self) -> Iterator[Person]:
        """Students whom this or another assignment's downloads have named, by keys that stay theirs."""
        for path in sorted(self.home.glob("*.json")):
            for student, each in read_book(path).items():
                if len(each.group) < 2:
                    stay = [kind for kind in each.keys if kind != "pid" or path == self.book_path]
                    keys = frozenset((kind, key(each.keys[kind])) for kind in stay)
                    yield Person(student, keys, frozenset(filter(None, [each.name])))


def digest(files: Mapping[str, bytes]) -> str:
    """Of names and contents, without what collectors write."""
    mark = hashlib.sha256()
    for name, data in sorted(files.items()):
        if name not in (TIMESTAMP, SECRET):
            mark.update(f"{len(name)} {name} {len(data)} ".encode("utf-8", "surrogatepass") + data)
    return mark.hexdigest()[:32]


def read_book(path: Path) -> dict[str, HandedIn]:
    try:
        found = json.loads(path.read_bytes())["students"]
        return {student: HandedIn(**each) for student, each in found.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged: move it away and collect again.") from error
