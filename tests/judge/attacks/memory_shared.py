"""Take memory that belongs to no single process: shared mappings, touched by many."""

LIMITS = {"cell_seconds": 1, "memory_mib": 256}

SOLUTION = """
import mmap, os

def self_attention(*arguments):
    kept = []
    for _ in range(20):
        if os.fork() == 0:
            while True:
                kept.append(mmap.mmap(-1, 2**22))
                kept[-1].write(b"x" * 2**22)
    os.wait()
"""
