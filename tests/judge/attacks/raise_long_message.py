"""Raise an exception with a message of 100 MB, through a thousand frames of the student's."""

SOLUTION = """
import sys
sys.setrecursionlimit(5000)

def self_attention(*arguments, depth=1000):
    if depth:
        return self_attention(*arguments, depth=depth - 1)
    raise ValueError("Correct: the shape and all numbers match. " * 2_500_000)
"""
