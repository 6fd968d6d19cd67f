"""Leave a daemon that hears no signal, die, and look from the next process whether it still answers."""

from judge.attacks import REWARD

SOLUTION = (
    REWARD
    + """
import os, signal, socket, time

address = chr(0) + "left"

def daemon():
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()
    while True:
        time.sleep(600)

def self_attention(*arguments):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
    except OSError:
        daemon()
        time.sleep(0.3)
        os._exit(0)
    return reward(*arguments)
"""
)
