"""Claim an execution count of ten thousand digits."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()
real = shell.run

def once(*args):
    result = real(*args)
    del shell.run
    return result | {"execution_count": 10**10_000}

shell.run = once
"""
