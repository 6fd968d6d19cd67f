"""Return lists and dictionaries that contain themselves."""

SOLUTION = """
def self_attention(X, *parameters):
    nested = [0.0]
    nested.append(nested)
    if X.shape == (4, 3):
        return nested
    table = {}
    table[1] = {2: table}
    return table
"""
