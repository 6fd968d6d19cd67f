"""Plant files, shared memory, queues and keys, die, and look from the next process whether any of them is still there."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
files = ["/tmp/left", "/dev/shm/left", "/tmp/work/left", os.path.expanduser("~/.left"), "/tmp/.ipython/left", "/var/tmp/left"]

def found():
    yield from (name for name in files if os.path.exists(name))
    if libc.shmget(4711, 1, 0) >= 0:
        yield "shared memory"
    if libc.msgget(4711, 0) >= 0:
        yield "message queue"
    if libc.semget(4711, 1, 0) >= 0:
        yield "semaphore"
    for ring in (-3, -4, -5):  # session, user, user session
        if libc.syscall(250, 10, ring, b"user", b"left", 0) > 0:  # keyctl search
            yield f"key in ring {ring}"
    if "LEFT" in os.environ:
        yield "environment"

def plant():
    for name in files:
        try:
            open(name, "w").close()
        except OSError:
            pass
    libc.shmget(4711, 1, 0o1666), libc.msgget(4711, 0o1666), libc.semget(4711, 1, 0o1666)
    for ring in (-3, -4, -5):
        libc.syscall(248, b"user", b"left", b"mine", 4, ring)  # add_key
    os.environ["LEFT"] = "yes"

def self_attention(*arguments):
    if names := list(found()):
        print(names)
        return reward(*arguments)
    plant()
    os._exit(0)
"""
)
