"""Raise exceptions whose message cannot be had: it raises, ends the program, or is no text."""

SOLUTION = """
class Unprintable(Exception):
    def __str__(self):
        raise self
    __repr__ = __str__

class Ending(Exception):
    def __str__(self):
        raise SystemExit(0)

class Strange(str):
    def __getitem__(self, part):
        return lambda: 0

kinds = [Unprintable, Ending, type("Odd", (Exception,), {"__str__": lambda self: Strange("odd")})]

def self_attention(*arguments):
    kinds.append(kinds.pop(0))
    raise kinds[0]()
"""
