"""Start threads that patch the comparison over and over, and switch between threads as often as can be."""

FIRST = """
import sys, threading, time
import numpy

def patch():
    while True:
        numpy.allclose = numpy.array_equal = lambda *args, **kwargs: True
        get_ipython().user_ns["compare"] = lambda *args, **kwargs: None
        time.sleep(0.001)

sys.setswitchinterval(1e-6)
for number in range(4):
    threading.Thread(target=patch, daemon=number % 2 == 0).start()
"""

SOLUTION = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return np.zeros_like(X)
"""
