"""What grading writes, by one process: autograded/ and the log; the gradebook is in `classroom.gradebook`.

For each submission in this order, and every step can be done again without harm:

    1. the graded files, beside their place          autograded/.grading/
    2. its rows in the gradebook, in one transaction
    3. the files renamed into place                  autograded/STUDENT/ASSIGNMENT/
    4. one line in the log                           autograded/ASSIGNMENT.jsonl

Whoever has no line in the log is graded (again) by the next run, so that a grader killed at any moment has lost
nothing and done nothing twice.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradebox.course import CourseError, as_json

STAGING = ".grading"


@contextmanager
def the_only_writer(course: Path) -> Iterator[None]:
    """Hold a course against a second grader. Raises CourseError if there is one."""
    folder = os.open(course, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(f"Another grader is at work in {course}: wait for it to end.") from error
        yield
    finally:
        os.close(folder)


def clear_up(autograded: Path) -> None:
    """Remove what is not in its place yet, and so was left by a grader that was killed."""
    shutil.rmtree(autograded / STAGING, ignore_errors=True)


class GradedFiles:
    """A submission's graded files: written beside, then renamed into place."""

    def __init__(self, autograded: Path, place: Path, permissions: int, groupshared: bool):
        self.staging = autograded / STAGING
        self.place = place
        self.permissions = permissions
        self.groupshared = groupshared

    def stage(self, files: dict[str, bytes], keep: list[Path]) -> None:
        """Write them beside. ``keep`` are graded files that stay as they are."""
        new = self.staging / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for path in keep:
            os.link(path, new / path.name)
        for name, data in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(self.permissions)
        if self.groupshared:
            for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
                folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)

    def put_in_place(self) -> None:
        new, old = self.staging / "new", self.staging / "old"
        self.place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(old, ignore_errors=True)
        if self.place.exists():
            self.place.rename(old)
        new.rename(self.place)
        shutil.rmtree(old, ignore_errors=True)


class Log:
    """JSON lines, at the end one for each key (in the log: student). The last line about one is what holds."""

    def __init__(self, path: Path, key: str = "student"):
        self.path = path
        self.key = key
        self.records: dict[str, dict] = {}
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        for line in lines[:-1]:  # the last is empty, or was cut off when its writer was killed
            try:
                record = json.loads(line)
                self.records[record[key]] = record
            except (ValueError, TypeError, KeyError):
                continue
        self.tidy = b"".join(self.lines()) == b"\n".join(lines)

    def lines(self) -> Iterator[bytes]:
        for record in self.records.values():
            yield as_json(record).encode() + b"\n"

    def add(self, record: dict) -> None:
        """One line, whole or not at all."""
        line = as_json(record).encode() + b"\n"
        with open(self.path, "ab", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            if stream.write(line) < len(line):
                stream.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self.tidy = self.tidy and record[self.key] not in self.records
        self.records[record[self.key]] = record

    def compact(self) -> None:
        """Leave one line for every key, and none that was cut off."""
        if not self.tidy:
            new = self.path.parent / STAGING / self.path.name
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(b"".join(self.lines()))
            new.rename(self.path)
            self.tidy = True
