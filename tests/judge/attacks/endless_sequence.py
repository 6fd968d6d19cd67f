"""Return an object with a length whose iteration never ends, one small answer after the other."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
class Endless:
    def __len__(self):
        return 4
    def __getitem__(self, index):
        return 0.0
    def __iter__(self):
        while True:
            yield 0.0

def self_attention(*arguments):
    return Endless()
"""
