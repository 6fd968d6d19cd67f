"""Report an error whose traceback is a number."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()
real = shell.run

def once(*args):
    result = real(*args)
    del shell.run
    return result | {"error": {"ename": "E", "evalue": "", "traceback": 7}}

shell.run = once
"""
