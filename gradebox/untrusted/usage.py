"""What a process uses, as the kernel tells in /proc."""

import os
import time
from pathlib import Path


def family_of(child: int) -> list[int]:
    """The child and its descendants: those who have the supervisor as an ancestor."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended between the two calls
            parents[int(entry)] = int(fields[1])
    family = [child]
    for pid in family:
        family.extend(descendant for descendant, parent in parents.items() if parent == pid)
    return family


def memory_of(pid: int | str) -> int:
    """Bytes of memory a process holds that are not a file's; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")))


def open_in(pid: int) -> int:
    """How many files, pipes and sockets a process holds open; 0 once it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def peak_memory_of(pid: int) -> int:
    """The most bytes a process held, those of files included; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of its children that it has waited for; 0 once it is gone."""
    try:
        own = time.clock_gettime((~pid << 3) | 2)  # linux/posix-timers.h: the CPU clock of a process
    except OSError:
        return 0.0
    return own + cpu_of_children(pid)


def cpu_of_children(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[13:15]) / os.sysconf("SC_CLK_TCK")


def waited_for_others(child: int) -> float:
    """Seconds for which a process waited for a processor, less what those had of it that it has started itself."""
    helpers = sum(cpu_of(pid) for pid in family_of(child) if pid != child) + cpu_of_children(child)
    return max(0.0, waited(child) - helpers)


def waited(process: int | str) -> float:
    """Seconds for which a process could have run and others did; 0 where the kernel does not say."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
