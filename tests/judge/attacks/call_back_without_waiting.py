"""Flood the grader with wishes to have a function called, and never read what came of them."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 2}

SOLUTION = (
    SERVER
    + """
from gradebox.sandbox.values import pack
from gradebox.untrusted.wire import send

def self_attention(X, *parameters):
    question = pack(("ask", -1, "call", (b"x" * 10**5,), {}))
    for _ in range(10**9):
        send(wire, question)
"""
)
