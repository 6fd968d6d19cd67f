"""Number the answer to a request with a tensor, which is neither the right number nor another one."""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)

import gc
import msgpack

two = ['tensor', 'float64', [2], bytes(16), False]
server = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Server")

real = server.answer

def answer(number, operation, arguments):
    if "self-attention-picture" not in arguments:
        return real(number, operation, arguments)
    return msgpack.packb(["tuple", two, None, None, ["list"]])

server.answer = answer
"""
