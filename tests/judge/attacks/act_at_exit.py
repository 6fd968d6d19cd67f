"""Leave work for the end: exit hooks, finalizers and a child that outlives the process."""

FIRST = """
import atexit, os, weakref

def leave(*args):
    open("/tmp/left-behind", "w").write("here")
    while True:
        pass

class Last:
    __del__ = leave

last = Last()
last.itself = last
weakref.finalize(last, leave)
atexit.register(leave)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            os.nice(1)
    os._exit(0)
"""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)
"""
