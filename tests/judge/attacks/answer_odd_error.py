"""Report an error that is an array, which has no entry for a name."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()
real = shell.run

def once(*args):
    result = real(*args)
    del shell.run
    return result | {"error": np.zeros((4, 3))}

shell.run = once
"""
