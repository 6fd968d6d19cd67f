"""Keep the grader waiting when it asks what names are bound to, also between two cells where no test could fail."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 1}

SOLUTION = (
    SERVER
    + """
real, left = server.do_export, [4]

def export(names):
    left[0] -= 1
    while left[0] >= 0:
        pass
    return real(names)

server.do_export = export

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
