"""Answer with millions of empty sets, a few bytes each on the wire, hundreds in the grader's memory."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
real = server.answer
empty = msgpack.packb(["set"])
count = 6_000_000

def answer(number, operation, arguments):
    if operation != "run" or arguments[0] != "self-attention-picture":
        return real(number, operation, arguments)
    outputs = bytes([0xdd]) + struct.pack("!I", count + 1) + msgpack.packb("list") + empty * count
    return bytes([0x95]) + b"".join(map(msgpack.packb, ("tuple", number, ["dict", "error", None], None))) + outputs

server.answer = answer

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
