"""End the process in the solution cell, and once more in a cell of one's own."""

FIRST = "import os; os._exit(0)"

SOLUTION = """
def self_attention(X, *parameters):
    return np.zeros_like(X)

import os
os._exit(0)
"""

LAST = "import os; os.abort()"
