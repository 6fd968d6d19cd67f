"""Start threads without end."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import threading, time

def self_attention(*arguments):
    while True:
        try:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        except RuntimeError:
            pass
"""
