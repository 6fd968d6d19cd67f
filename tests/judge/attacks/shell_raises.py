"""Replace the shell's run_cell by one that raises, so that the request itself fails and not the cell."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()

def once(*args, **kwargs):
    del shell.run_cell
    raise ValueError("no cell today")

shell.run_cell = once
"""
