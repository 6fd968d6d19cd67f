"""Students' folders: who has one, what is in it, and when it was handed in."""

import hashlib
import os
import stat
from datetime import datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files, parse_utc

from gradebox.classroom.reading import Refused


def student_folders(coursedir: CourseDirectory, assignment: str) -> list[str]:
    """The ids of all who have a folder, whatever is in it."""
    above = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment))
    while "*" in str(above):
        above = above.parent
    return sorted(entry.name for entry in os.scandir(above) if not entry.name.startswith(".")) if above.is_dir() else []


def looked_at(folder: Path, course: str) -> tuple[str, str, int]:
    """Fingerprints of a folder, together with the course's and alone, without reading its files; its size in bytes."""
    mark, alone, size = hashlib.sha256(course.encode()), hashlib.sha256(), 0
    for path in (folder, *sorted(folder.rglob("*"))):
        try:
            about = path.lstat()
        except OSError:  # gone since, or not ours to look at; reading it will say so
            continue
        if not stat.S_ISDIR(about.st_mode):
            size += about.st_size
            seen = (str(path.relative_to(folder)), about.st_mode, about.st_size, about.st_mtime_ns)
            for each in (mark, alone):
                each.update(repr(seen).encode("utf-8", "surrogateescape"))
    return mark.hexdigest()[:32], alone.hexdigest()[:12], size


def files_below(folder: Path, ignore: list[str]) -> tuple[dict[str, Path], list[Path]]:
    """What lies beside the notebooks: name -> path. Links and what is no file are left out, second in the answer."""
    files, left_out = {}, []
    for path in map(Path, sorted(find_all_files(str(folder), [*ignore, "*.ipynb"]))):
        if path.is_symlink() or not path.is_file() or not is_utf8(path):
            left_out.append(path)
        else:
            files[str(path.relative_to(folder))] = path
    return files, left_out


def is_utf8(path: Path) -> bool:
    return printable(str(path)) == str(path)


def printable(name: str) -> str:
    """A file's name as text that can be written anywhere."""
    return name.encode("utf-8", "replace").decode()


def read_files(paths: dict[str, Path]) -> dict[str, bytes]:
    try:
        return {name: path.read_bytes() for name, path in paths.items()}
    except OSError as error:
        raise Refused(f"{Path(error.filename).name} cannot be read: {error.strerror}") from error


def read_regular(path: Path) -> bytes:
    """A notebook's bytes. Raises Refused for a link, a folder, or anything else that is no file."""
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        raise Refused(f"{path.name} is a link, which may lead anywhere: put the file itself there")
    if stat.S_ISDIR(about.st_mode):
        raise Refused(f"{path.name} is a folder and not a notebook: take the notebook out of it")
    if not stat.S_ISREG(about.st_mode):
        raise Refused(f"{path.name} is no file: ask for the notebook again")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}") from error


def timestamp_of(files: dict[str, bytes]) -> datetime | None:
    """When it was handed in, from nbgrader's timestamp.txt. Raises Refused if that says something else."""
    text = files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError) as error:
        raise Refused(
            f"timestamp.txt says “{text[:40]}”, which is no time: write one like 2026-01-31 18:00:00 UTC"
        ) from error
