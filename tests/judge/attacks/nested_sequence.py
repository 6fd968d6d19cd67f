"""Return a sequence of two sequences of two sequences, and so on without end."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
class Nested:
    def __len__(self):
        return 2
    def __getitem__(self, index):
        return Nested()

def self_attention(*arguments):
    return Nested()
"""
