"""Lift the recursion limit and overflow the stack."""

SOLUTION = """
import sys

class Deep:
    def __repr__(self):
        return repr(self)

def self_attention(*arguments):
    sys.setrecursionlimit(10**9)
    return repr(Deep())
"""
