"""Raise errors of classes that claim to be what ends a test early, and that stand for classes they are not."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
import itertools
bases = itertools.cycle([
    ["StopIteration"], ["KeyboardInterrupt", "SystemExit"], ["GeneratorExit"], ["NotImplementedError", "AssertionError"],
    ["OSError", "AttributeError", "KeyError"], ["handle"], [["type", "int"]], [["type", "ValueError"]], [1] * 1000,
])
numbers = itertools.count(1)
real = server.answer

def answer(number, operation, arguments):
    if operation != "call" or arguments[0] is not self_attention:
        return real(number, operation, arguments)
    kind = ["handle", next(numbers), "StudentGone", ["tuple", *next(bases)]]
    error = ["dict", "ename", "SystemExit", "evalue", "0", "traceback", ["list"], "kind", kind, "object", kind, "lent", 0]
    return msgpack.packb(["tuple", number, None, error, ["list"]])

server.answer = answer

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
