"""Freeze the supervisor through the process group it shares, so that nobody ends what takes too long."""

LIMITS = {"cell_seconds": 1}

SOLUTION = """
import os, signal, time

def self_attention(X, *parameters):
    os.kill(0, signal.SIGSTOP)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""
