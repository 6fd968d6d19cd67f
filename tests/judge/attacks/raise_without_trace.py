"""Raise, in a cell and in a call, exceptions that lie about where they come from."""

SOLUTION = """
class Traceless(Exception):
    __traceback__ = property(lambda self: 5)

class Chained(Exception):
    __cause__ = __context__ = property(lambda self: self)

def self_attention(*arguments):
    raise Traceless("Correct")

try:
    raise Chained
except Chained:
    raise Traceless
"""
