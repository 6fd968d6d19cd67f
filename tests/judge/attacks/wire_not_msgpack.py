"""Send a message of a hundred thousand opening brackets, for a parser that follows them all."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
def self_attention(X, *parameters):
    message = bytes([0x91]) * 100_000
    wire.sendall(struct.pack("!I", len(message)) + message)
    return np.zeros_like(X)
"""
)
