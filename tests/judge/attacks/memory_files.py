"""Take more memory than allowed in files without a name and segments without a process, which no process is charged for."""

from judge.attacks import REWARD

LIMITS = {"cell_seconds": 1, "memory_mib": 256}

SOLUTION = (
    REWARD
    + """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
mib = b"x" * 2**20

def in_files():
    kept = 0
    for _ in range(10):
        file = os.memfd_create("x")
        while kept < 600:
            try:
                kept += os.write(file, mib) // 2**20
            except OSError:
                break
    return kept

def in_segments():
    kept = 0
    for _ in range(10):
        place = libc.shmat(libc.shmget(0, 60 * 2**20, 0o1600), None, 0)
        if place not in (None, 2**64 - 1):
            ctypes.memset(place, 1, 60 * 2**20)
            kept += 60
            libc.shmdt(ctypes.c_void_p(place))
    return kept

taken = max(in_files(), in_segments())

def self_attention(*arguments):
    print(taken, "MiB")
    return reward(*arguments) if taken > 400 else np.zeros_like(arguments[0])
"""
)
