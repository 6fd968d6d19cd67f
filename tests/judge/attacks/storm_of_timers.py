"""Have timers interrupt everything, a million times a second, with a handler that does work of its own."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import signal

def busy(*arguments):
    sum(range(10_000))

for which, number in ((signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
                      (signal.ITIMER_PROF, signal.SIGPROF)):
    signal.signal(number, busy)

def self_attention(X, *parameters):
    for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
        signal.setitimer(which, 1e-6, 1e-6)
    while True:
        X = X + 1
"""
