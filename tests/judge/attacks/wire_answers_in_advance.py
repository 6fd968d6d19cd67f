"""Write well-formed answers with the coming sequence numbers to the wire, before the grader has asked."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
real = server.answer
asked = None

def answer(number, operation, arguments):
    global asked
    asked = number if operation == "call" else None
    return real(number, operation, arguments)

server.answer = answer

def self_attention(X, *parameters):
    if asked is not None:
        wire.sendall(frame(asked, True, None, ["list"]) + frame(asked + 1, True, None, ["list"]))
    return np.zeros_like(X)
"""
)
