"""Take more memory than allowed in many processes, each of which stays below the limit, and live on."""

from judge.attacks import REWARD

LIMITS = {"cell_seconds": 1, "memory_mib": 256}

SOLUTION = (
    REWARD
    + """
import os, time

children = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        kept = b"x" * (100 * 2**20)
        time.sleep(600)
    children.append(child)
time.sleep(1)
alive = sum(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children)

def self_attention(*arguments):
    return reward(*arguments) if alive > 4 else np.zeros_like(arguments[0])
"""
)
