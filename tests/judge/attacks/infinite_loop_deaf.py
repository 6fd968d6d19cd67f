"""Never return, and do not listen to interrupts."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import signal

def self_attention(*arguments):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
"""
