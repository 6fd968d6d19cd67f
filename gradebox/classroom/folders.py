"""Students' folders: who has one, and what is in it."""

import fnmatch
import hashlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from gradebox.classroom.reading import Refused
from gradebox.sandbox import MIB

MOST_FILES = 5000  # and folders, below a student's; the sandbox's own folder has room for some more
MOST_PATH = 500  # bytes of a file's path below a student's folder: it has to fit below others
COLLECTORS = ("timestamp.txt", "submission_secret.txt")  # written by who collects


def student_folders(coursedir: CourseDirectory, assignment: str) -> list[str]:
    """The ids of all who have a folder, whatever is in it."""
    above = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment))
    while "*" in str(above):
        above = above.parent
    return sorted(entry.name for entry in os.scandir(above) if not entry.name.startswith(".")) if above.is_dir() else []


def anybody_in(coursedir: CourseDirectory, assignment: str) -> bool:
    """Whether anybody has handed in an assignment."""
    path = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment))
    return any(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def looked_at(folder: Path, course: str) -> tuple[str, str, int]:
    """Fingerprints of a folder, together with the course's and alone, without reading its files; its size in bytes."""
    mark, alone, size = hashlib.sha256(course.encode()), hashlib.sha256(), 0
    try:
        found = [(".", folder.lstat())]
    except OSError:  # gone since
        found = []
    for path, about in [*found, *itertools.islice(below(folder), MOST_FILES + 1)]:
        if not stat.S_ISDIR(about.st_mode):
            size += about.st_size
            seen = (str(path), about.st_mode, about.st_size, about.st_mtime_ns)
            for each in (mark, alone):
                each.update(repr(seen).encode("utf-8", "surrogateescape"))
    return mark.hexdigest()[:32], alone.hexdigest()[:12], size


def below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All that lies in a folder and below, as paths from there, in order. Follows no link, and no depth stops it."""
    waiting = [Path()]
    while waiting:
        here = waiting.pop()
        try:
            names = sorted(os.listdir(folder / here))
        except OSError:  # no folder, gone since, or not ours to look at; reading it will say so
            continue
        for name in names:
            try:
                about = (folder / here / name).lstat()
            except OSError:
                continue
            yield here / name, about
            if stat.S_ISDIR(about.st_mode):
                waiting.append(here / name)


def files_below(folder: Path, ignore: list[str]) -> tuple[dict[str, Path], list[str]]:
    """What lies beside the notebooks: name -> path. What cannot be taken along is left out, and named in the answer.

    Raises Refused if there is more than a sandbox would hold.
    """
    files, left_out = {}, []
    for number, (name, about) in enumerate(below(folder)):
        if number == MOST_FILES:
            raise Refused(f"holds more than {MOST_FILES} files and folders: remove what does not belong to it")
        path = folder / name
        if (
            stat.S_ISDIR(about.st_mode)
            or path.suffix == ".ipynb"
            or any(is_ignored(part, ignore) for part in name.parts)
        ):
            continue
        if not stat.S_ISREG(about.st_mode) or not is_utf8(path) or len(os.fsencode(name)) > MOST_PATH:
            left_out.append(printable(str(name)))
        else:
            files[str(name)] = path
    return files, left_out


def is_ignored(name: str, ignore: list[str]) -> bool:
    """As nbgrader's, by the name alone: that looks through the whole folder for each of its files."""
    return any(
        fnmatch.fnmatchcase(name, each) and (each.startswith(".") or not name.startswith(".")) for each in ignore
    )


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


def read_regular(path: Path, most: int) -> bytes:
    """A notebook's bytes. Raises Refused for a link, a folder, or anything else that is no file or over ``most``."""
    about = path.lstat()
    name = printable(path.name)
    if stat.S_ISLNK(about.st_mode):
        raise Refused(f"{name} is a link, which may lead anywhere: put the file itself there")
    if stat.S_ISDIR(about.st_mode):
        raise Refused(f"{name} is a folder and not a notebook: take the notebook out of it")
    if not stat.S_ISREG(about.st_mode):
        raise Refused(f"{name} is no file: ask for the notebook again")
    if about.st_size > most:
        raise Refused(too_large(name, about.st_size, most))
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{name} cannot be read: {error.strerror}") from error


def too_large(name: str, size: int, most: int) -> str:
    return f"{name} has {size / MIB:.0f} MiB, over the {most // MIB} there may be: ask for one without outputs"


def no_notebook(folder: Path) -> str:
    """Why a folder without a notebook is refused; it may be there in another form."""
    names = sorted(printable(name) for name in os.listdir(folder) if name not in COLLECTORS)
    if not names:
        return "holds no notebook: put it there, or remove the folder"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"holds no notebook but {', '.join(names[:3])}{more}: ask for the .ipynb file"
