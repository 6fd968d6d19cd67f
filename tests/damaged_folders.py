"""What students' folders hold instead of a notebook, or beside it: each function fills one.

``DAMAGE`` has every kind of damage there is, that of the notebook itself, too.
"""

import json
import os
import socket
import stat
from pathlib import Path

import nbformat
from damaged_work import AS_IT_IS, FILE, MENDED, REFUSED, SCRIPT, dumped, right
from sample_class import MULTIHEAD, submission

FOLDERS = {}


def folder(says: str = ""):
    """A function that fills a folder: with a word of the reason why it is refused, or none if it is graded."""

    def add(fill):
        FOLDERS[fill.__name__.replace("_", "-")] = fill, says
        return fill

    return add


@folder("is a link")
def a_link(place):
    (place / FILE).symlink_to("/etc/passwd")


@folder("is a link")
def a_link_to_a_device(place):
    (place / FILE).symlink_to("/dev/zero")


@folder("is a folder")
def a_folder_named_like_a_notebook(place):
    (place / FILE).mkdir()


@folder("is no file")
def a_pipe(place):
    os.mkfifo(place / FILE)


@folder("is no file")
def a_socket(place):
    with socket.socket(socket.AF_UNIX) as end:
        here = os.open(place, os.O_PATH)
        end.bind(f"/proc/self/fd/{here}/{FILE}")
        os.close(here)


@folder("is no file")
def a_device(place):
    if os.getuid():
        os.mkfifo(place / FILE)
    else:
        os.mknod(place / FILE, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero


@folder("MiB, over the 256")
def a_sparse_file(place):
    with open(place / FILE, "wb") as file:
        file.truncate(2**40)


@folder("MiB of files beside")
def a_sparse_file_beside(place):
    (place / FILE).write_bytes(dumped(right()))
    with open(place / "data.bin", "wb") as file:
        file.truncate(2**40)


@folder("holds no notebook: put")
def nothing_there(place):
    return


@folder("holds no notebook but solution.md, solution.py: ask")
def other_forms_of_it(place):
    (place / "solution.py").write_text(SCRIPT)
    (place / "solution.md").write_text("# 12.2")


@folder("holds no notebook but work: ask")
def a_notebook_one_folder_down(place):
    (place / "work").mkdir()
    (place / "work" / FILE).write_bytes(dumped(right()))


@folder("holds 60 notebooks")
def many_notebooks(place):
    for number in range(60):
        (place / f"{number}.ipynb").write_bytes(b"{}")


@folder("more than 5000 files")
def thousands_of_files(place):
    (place / FILE).write_bytes(dumped(right()))
    for number in range(5001):
        (place / f"{number}").touch()


@folder("is no time")
def a_time_that_is_none(place):
    (place / FILE).write_bytes(dumped(right()))
    (place / "timestamp.txt").write_text("yesterday" + "y" * 10**6)


@folder()
def two_that_differ_by_case(place):
    (place / FILE).write_bytes(dumped(right()))
    (place / FILE.upper()).write_bytes(dumped(json.loads(nbformat.writes(submission(MULTIHEAD, {})))))


@folder()
def folders_in_folders(place):
    (place / FILE).write_bytes(dumped(right()))
    before = Path.cwd()
    os.chdir(place)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    Path("bottom").touch()
    os.chdir(before)


@folder()
def odd_files_beside(place):
    (place / FILE).write_bytes(dumped(right()))
    os.mkfifo(place / "pipe")
    (place / "link").symlink_to("/")
    (place / "around").symlink_to(".")
    (Path(os.fsdecode(os.fsencode(place) + b"/\xff\xfe"))).write_bytes(b"1")
    (place / ("y" * 255)).write_bytes(b"1")


@folder()
def modules_beside(place):
    (place / FILE).write_bytes(dumped(right()))
    (place / "numpy.py").write_text("raise SystemExit('numpy')")
    (place / "sitecustomize.py").write_text("raise SystemExit('site')")
    (place / "mistakes").mkdir()
    (place / "mistakes" / "__init__.py").write_text("raise SystemExit('mistakes')")


@folder()
def what_an_editor_leaves(place):
    (place / FILE).write_bytes(dumped(right()))
    (place / ".ipynb_checkpoints").mkdir()
    (place / ".ipynb_checkpoints" / FILE).write_bytes(b"{")
    (place / "Untitled.ipynb").write_bytes(b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')


# --- all of it ------------------------------------------------------------------------------------------------------


def holding(damage, file: str = FILE):
    """A function that fills a folder with a right notebook that was damaged so."""

    def fill(place):
        (place / file).write_bytes(damage(right()))

    return fill


# By what comes of it (mended, graded as it is, refused) and its name: functions that fill a student's folder.
DAMAGE = (
    {f"mended-{name}": holding(damage, file) for name, (damage, _, file) in MENDED.items()}
    | {f"graded-{name}": holding(odd) for name, odd in AS_IT_IS.items()}
    | {f"refused-{name}": holding(lambda _, data=data: data) for name, (data, _) in REFUSED.items()}
    | {f"{'refused' if says else 'graded'}-{name}": fill for name, (fill, says) in FOLDERS.items()}
)
