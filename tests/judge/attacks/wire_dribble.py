"""Send an answer one byte at a time, so that the grader always has something to wait for; do not listen to interrupts."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 1}

SOLUTION = (
    SERVER
    + """
import signal

def self_attention(X, *parameters):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wire.sendall(struct.pack("!I", 10_000))
    while True:
        wire.sendall(b"0")
        time.sleep(0.05)
"""
)
