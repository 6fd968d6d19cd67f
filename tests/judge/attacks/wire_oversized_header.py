"""Announce a message of four gigabytes and begin to send it."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
def self_attention(X, *parameters):
    wire.sendall(bytes([255] * 4) + bytes(100_000))
    return np.zeros_like(X)
"""
)
