"""Ask the grader to call functions of the test's that nobody lent, over and over, in words it does not know."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 2}

SOLUTION = (
    SERVER
    + """
import itertools
from gradebox.sandbox.values import pack
from gradebox.untrusted.wire import receive, send
questions = itertools.cycle([
    (-1, "call", (), {}), (0, "__class__", (), {}), ("eval", "call", ("1",), {}), (None, None, None, None),
    ([], "next", 5, 5), (-1, "next", (), {}), (10**30, "call", (self_attention_error := 1,), {"x": 1}),
])

def self_attention(X, *parameters):
    while True:
        send(wire, pack(("ask", *next(questions))))
        receive(wire)
"""
)
