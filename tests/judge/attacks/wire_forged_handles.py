"""Answer with handles that do not exist and with the numbers of other objects."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
import itertools

class Forged:
    pass

numbers = itertools.cycle([id(np), id(softmax), id(server), 1, 0, -1, 2**63])
real = server.handle
server.handle = lambda value: next(numbers) if isinstance(value, Forged) else real(value)

def self_attention(X, *parameters):
    return [Forged() for _ in range(12)]
"""
)
