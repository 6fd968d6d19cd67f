"""Answer with iterators that never end, or that answer with handles where an item is asked for."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
class Endless:
    def __iter__(self):
        return self
    def __next__(self):
        return self
    def __len__(self):
        return 4
    def __getitem__(self, key):
        return self
    def __array__(self, dtype=None, copy=None):
        return self

def self_attention(*arguments):
    return [Endless() for _ in range(4)]
"""
