"""Files out of zips and folders, zips in zips too: each as bytes, none of them written anywhere.

Names are only ever told, never followed: whoever writes files makes the path. What a member claims about itself is not
believed; limits hold for what comes out. A bad member costs itself alone.
"""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from gradebox.course import CourseError

MIB = 2**20
MOST_ENTRIES = 500_000  # of a download
MOST_FILE = 256 * MIB  # of one file
MOST_PACKED = 5_000  # files that one student packed into a zip
MOST_UNPACKED = 512 * MIB  # of all that one student handed in
MOST_DEPTH = 3  # zips in zips
MOST_RATIO, RATIO_FROM = 200, 32 * MIB  # to the packed size, of what is larger than that
MOST_NAME, MOST_PATH = 240, 1000  # bytes of one part of a path, and of all
HEADER = b"PK\x01\x02"  # of a member, in a zip's directory
UTF8 = 0x800
SPOILT = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
)
LITTER = {"__MACOSX", ".git", ".ipynb_checkpoints", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"}


class Unreadable(Exception):
    """A file that cannot be had. The message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in a download or in a zip."""

    name: str  # path from the top of it, with slashes
    read: Callable[[], bytes]  # raises Unreadable


@dataclass(frozen=True)
class File:
    """A file that was handed in."""

    origin: str  # where it was: path in the download, and on into zips
    name: str  # path in what was handed in
    data: bytes


@dataclass(frozen=True)
class Lost:
    """A file that was handed in and cannot be read."""

    origin: str
    why: str


class Budget:
    """How much may still come out of what one student handed in."""

    def __init__(self, size: int = MOST_UNPACKED):
        self.left = size

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Unreadable(f"more than {MOST_UNPACKED // MIB} MiB were handed in")


def is_litter(name: str) -> bool:
    """Whether systems and editors leave such a file behind by themselves."""
    return any(part in LITTER or part.startswith("._") for part in name.split("/"))


@contextmanager
def opened(path: Path) -> Iterator[list[Entry]]:
    """The files of a download. Raises CourseError if there is none that can be read."""
    if path.is_dir():
        yield list(_folder(path))
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise CourseError(f"There is no {path}: say where the download lies.") from error
    except SPOILT as error:
        what = "a zip that is cut off or damaged" if path.read_bytes()[:2] == b"PK" else "neither a zip nor a folder"
        raise CourseError(f"{path} is {what}: download it again.") from error
    with archive:
        if len(archive.infolist()) > MOST_ENTRIES:
            raise CourseError(f"{path} holds over {MOST_ENTRIES} files: download it in parts.")
        yield _members(archive)


def taken_out(entry: Entry, name: str, budget: Budget, depth: int = 0, origin: str = "") -> Iterator[File | Lost]:
    """A file, or what is in it if it is a zip."""
    origin = origin or entry.name
    try:
        data = entry.read()
        budget.take(len(data))
        if not _is_zip(name, data):
            yield File(origin, name, data)
            return
        if depth == MOST_DEPTH:
            raise Unreadable(f"a zip in {MOST_DEPTH} other zips")
        packed = _packed(data)
    except Unreadable as error:
        yield Lost(origin, str(error))
        return
    if not packed:
        yield Lost(origin, "a zip with nothing in it")
    for each in packed:
        yield from taken_out(each, each.name, budget, depth + 1, f"{origin}/{each.name}")


def _is_zip(name: str, data: bytes) -> bool:
    """Also a zip that was given a notebook's name; but no document of an office, which is a zip inside."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and name.lower().endswith((".zip", ".ipynb"))


def _packed(data: bytes) -> list[Entry]:
    if data.count(HEADER) > MOST_PACKED:  # before a million of them are read
        raise Unreadable(f"a zip with more than {MOST_PACKED} files")
    try:
        return _members(zipfile.ZipFile(io.BytesIO(data)))
    except SPOILT as error:
        raise Unreadable("a zip that is cut off or damaged") from error


def _members(archive: zipfile.ZipFile) -> list[Entry]:
    infos = [(info, _name(info)) for info in archive.infolist()]
    return [Entry(name, partial(_read, archive, info, name)) for info, name in infos if not name.endswith("/")]


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name. Where it does not say that it is UTF-8, it often is all the same."""
    name = info.filename
    if not info.flag_bits & UTF8:
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    if why := _forbidden(info, name):
        raise Unreadable(why)
    try:
        with archive.open(info) as stream:
            return stream.read()
    except RuntimeError as error:  # zipfile's word for a missing password
        raise Unreadable("encrypted: ask for it without a password") from error
    except SPOILT as error:
        raise Unreadable("damaged in the zip: ask for it again") from error


def _forbidden(info: zipfile.ZipInfo, name: str) -> str:
    """Why a member is not read; empty if it may be. No more than its ``file_size`` is ever read of it."""
    if why := bad_path(name):
        return why
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "a link or device, which may lead anywhere"
    if info.flag_bits & 1:
        return "encrypted: ask for it without a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way: ask for an ordinary zip"
    if info.file_size > MOST_FILE:
        return f"{info.file_size // MIB} MiB, over the {MOST_FILE // MIB} there may be"
    if info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * info.compress_size:
        return f"unpacks to {info.file_size // max(1, info.compress_size)} times its size, as only a zip bomb does"
    return ""


def bad_path(name: str) -> str:
    """Why a path is none that a file of a student's may have; empty if it may."""
    path = PurePosixPath(name)
    try:
        longest = max((len(part.encode()) for part in path.parts), default=0)
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    if not longest or "\0" in name:
        return "a name that is none"
    if path.is_absolute() or name[1:2] == ":":
        return "an absolute path"
    if ".." in path.parts:
        return "a path that leads out of its folder"
    if longest > MOST_NAME or len(name.encode()) > MOST_PATH:
        return f"a name of more than {MOST_NAME} bytes, or a path of more than {MOST_PATH}"
    return ""


def _folder(top: Path) -> Iterator[Entry]:
    for folder, below, files in os.walk(top):
        here = Path(folder)
        links = [name for name in below if (here / name).is_symlink()]
        whole = [name for name in below if name in LITTER]  # a repository's thousand objects are told as one
        below[:] = sorted(set(below) - set(links) - set(whole))
        for name in sorted([*files, *links, *whole]):
            path = here / name
            yield Entry(path.relative_to(top).as_posix(), partial(_read_regular, path))


def _read_regular(path: Path) -> bytes:
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("a link or device, which may lead anywhere")
        if about.st_size > MOST_FILE:
            raise Unreadable(f"{about.st_size // MIB} MiB, over the {MOST_FILE // MIB} there may be")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
