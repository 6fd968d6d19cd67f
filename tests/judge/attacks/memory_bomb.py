"""Take memory until there is none left, in every process one may start."""

LIMITS = {"cell_seconds": 1, "memory_mib": 256}

SOLUTION = """
import os

def self_attention(*arguments):
    for _ in range(5):
        os.fork()
    kept = []
    while True:
        kept.append(b"x" * 2**20)
"""
