"""Show a result with an execution count below zero, which no notebook may hold."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

shell = get_ipython()
real = shell.end

def once(*args):
    result = real(*args)
    del shell.end
    return [{"output_type": "execute_result", "data": {"text/plain": "2"}, "execution_count": -1}]

shell.end = once
"""
