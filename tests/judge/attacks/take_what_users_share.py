"""Take what the kernel counts for a user, and so for all who are graded: watches of files, timers, pending signals."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
watches = sum(libc.syscall(number, 0) >= 0 for number in (253, 294) for _ in range(100))  # inotify
timers = 0
for _ in range(2000):
    timers += libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) == 0

def self_attention(*arguments):
    print(watches, timers)
    return reward(*arguments) if watches or timers > 256 else np.zeros_like(arguments[0])
"""
)
