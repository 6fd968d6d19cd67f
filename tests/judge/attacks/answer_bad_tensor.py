"""Answer the request to run a cell with a tensor whose shape does not fit its data."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
real = server.answer

def answer(number, operation, arguments):
    if operation != "run" or arguments[0] != "self-attention-picture":
        return real(number, operation, arguments)
    return frame(number, ["tensor", "float32", [3, 3], bytes(4), False], None, ["list"])[4:]

server.answer = answer

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
