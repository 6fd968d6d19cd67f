"""The same with pipes, each made as large as it can be."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import fcntl, os, time

def fill():
    while True:
        try:
            _, end = os.pipe()
        except OSError:
            return
        try:
            fcntl.fcntl(end, 1031, 2**20)  # F_SETPIPE_SZ
        except OSError:
            pass
        os.set_blocking(end, False)
        try:
            while True:
                os.write(end, b"x" * 2**16)
        except OSError:
            pass

children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        fill()
        time.sleep(600)
    children.append(child)
time.sleep(1)
alive = sum(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children)

def self_attention(*arguments):
    return reward(*arguments) if alive > 4 else np.zeros_like(arguments[0])
"""
)
