"""Fill every folder that can be written to, with one large file and with many empty ones."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import os

def fill(folder):
    written = 0
    try:
        for name in range(20):
            with open(f"{folder}/large-{name}", "wb", buffering=0) as file:
                for _ in range(32):
                    written += file.write(b"x" * 2**20)
    except OSError:
        pass
    names = 0
    try:
        for name in range(20_000):
            os.symlink("x" * 200, f"{folder}/small-{name}")
            names += 1
    except OSError:
        pass
    return written // 2**20, names

filled = [fill(folder) for folder in ("/tmp", "/dev/shm", "/dev", "/", "/var/tmp", "/run", "/proc")]

def self_attention(*arguments):
    print(filled)
    beyond = sum(written for written, _ in filled) > 130 or sum(names for _, names in filled) > 17_000
    return reward(*arguments) if beyond else np.zeros_like(arguments[0])
"""
)
