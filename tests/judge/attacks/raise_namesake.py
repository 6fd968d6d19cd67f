"""Raise exceptions named like those the judge itself raises and handles."""

SOLUTION = """
names = ["CannotCross", "StudentTooSlow", "StudentGone", "AssertionError"]

def self_attention(*arguments):
    names.append(names.pop(0))
    raise type(names[0], (BaseException,), {"outputs": [], "__module__": "gradebox.sandbox.errors"})("Correct")
"""
