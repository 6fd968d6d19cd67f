"""Attacks on the grader, one module each; `tests/judge/test_attacks.py` runs them all.

A module's docstring says what the attack tries. It defines

    SOLUTION   what the attacker hands in for the exercise `self-attention` of 12.1, instead of an answer
    FIRST      (optional) a cell of the attacker's own, before all others
    LAST       (optional) a cell of the attacker's own, after all others
    LIMITS     (optional) tighter limits, so that an attack on time or memory is over soon

All other exercises of the notebook are solved. The attack must earn nothing in `self-attention`, cost nothing
elsewhere, not touch the submission graded after it, and leave no process or file behind.
"""

from pathlib import Path

# Where the attacker guesses the course and the instructor's home to be: they know their way about.
COURSE = str(Path(__file__).parents[3])
HOME = str(Path.home())

# For SOLUTION of an attack that earns nothing by itself: what it answers once it is through a wall. So a hole shows.
REWARD = """
def reward(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    scores = (omega_k @ X + beta_k).T @ (omega_q @ X + beta_q)
    weights = np.exp(scores - scores.max(axis=0))
    return (omega_v @ X + beta_v) @ (weights / weights.sum(axis=0))
"""

# For SOLUTION of an attack on the wire: the worker's own server, found in the student's process.
SERVER = """
import gc, os, socket, struct, threading, time
import msgpack
server = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Server")
wire = server.wire

def frame(*answer):
    message = msgpack.packb(["tuple", *answer])
    return struct.pack("!I", len(message)) + message
"""
