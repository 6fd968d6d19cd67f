"""Sleep without using any CPU time."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import time

def self_attention(*arguments):
    while True:
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            pass
"""
