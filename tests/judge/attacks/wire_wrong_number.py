"""Answer a question of long ago, and one that will never be asked."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
def self_attention(X, *parameters):
    for number in (0, -1, 10**12, None, True, ["array", "<f8", [2], bytes(16)], ["handle", 1]):
        wire.sendall(frame(number, True, None, ["list"]))
    return np.zeros_like(X)
"""
)
