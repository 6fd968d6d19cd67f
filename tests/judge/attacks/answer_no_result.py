"""Answer the request to run a cell with a number where a dictionary should be."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()
real = shell.run

def once(*args):
    result = real(*args)
    del shell.run
    return 7

shell.run = once
"""
