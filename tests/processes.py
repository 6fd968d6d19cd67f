"""Who descends from a process: what a grader has started, and what outlives it."""

import os
from pathlib import Path


def descendants(pid: int) -> set[int]:
    """All processes below one, the sandboxed ones too: seen from outside they are ordinary processes."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {pid}


def command_of(pid: int) -> str:
    """A process's command line; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
