"""Answer every question just before time is up, so that one notebook takes hours."""

LIMITS = {"cell_seconds": 1, "clock_seconds": 2}

SOLUTION = """
import time

class Slow:
    def __len__(self):
        return 4
    def __getitem__(self, index):
        time.sleep(0.9)
        return 0.0
    def __iter__(self):
        while True:
            time.sleep(0.9)
            yield self
    def __getattr__(self, name):
        time.sleep(0.9)
        raise AttributeError(name)

def self_attention(*arguments):
    time.sleep(0.9)
    return [Slow() for _ in range(len(arguments[0]))]
"""
