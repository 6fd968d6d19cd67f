"""Send named tuples whose fields are code, keywords, and the names of what a tuple does."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
import itertools
fields = itertools.cycle([
    ["x=__import__('os')._exit(0)"], ["_replace"], ["class"], ["x", "x"], ["\\ufb01", "fi"], [None], ["x"] * 10**5,
    ["shape", "dtype"], ["__eq__"],
])
real = server.answer

def answer(number, operation, arguments):
    if operation != "call" or arguments[0] is not self_attention:
        return real(number, operation, arguments)
    names = next(fields)
    named = ["named", "self_attention", names, *([0.0] * len(names))]
    return msgpack.packb(["tuple", number, ["tuple", named, ["dict"]], None, ["list"]])

server.answer = answer

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
