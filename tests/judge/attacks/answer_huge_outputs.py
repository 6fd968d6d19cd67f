"""Claim thirty megabytes of output for every cell, more than a graded notebook can hold."""

from judge.attacks import SERVER

LIMITS = {"clock_seconds": 60}  # a busy machine takes long to carry all that

SOLUTION = (
    SERVER
    + """
shell = get_ipython()
shell.end = lambda: [{"output_type": "stream", "name": "stdout", "text": "z" * 30_000_000}]

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
