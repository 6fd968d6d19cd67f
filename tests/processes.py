"""Who descends from a process: what a grader has started, and what outlives it."""

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def descendants(pid: int) -> set[int]:
    """All processes below one, the sandboxed ones too: seen from outside they are ordinary processes."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = parent_of(int(entry))
            except OSError:
                continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {pid}


def parent_of(pid: int) -> int:
    """Raises OSError if the process is gone."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def command_of(pid: int) -> str:
    """A process's command line; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def name_of(pid: int) -> str:
    """What a process is called, by itself or after its program; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@contextmanager
def adopted() -> Iterator[Callable[[], list[str]]]:
    """A function that tells the command lines of what has outlived its parent since, however it detached itself."""
    before = descendants(os.getpid())
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield lambda: sorted(filter(None, map(command_of, descendants(os.getpid()) - before)))  # none: has ended
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def gone(leftovers: Callable[[], object]) -> bool:
    """Whether there are none. The kernel takes its time to clear a process away: only what stays is waited for long."""
    for _ in range(3000):
        if not leftovers():
            return True
        time.sleep(0.02)
    return False
