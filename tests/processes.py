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
