"""Return the numbers as text, as bytes, as dates and as objects, for a conversion to fall for."""

SOLUTION = """
values = [np.zeros((4, 3), object), "__import__('os')._exit(0)", [["0.0"] * 3] * 4, np.zeros((4, 3), "m8[s]")]

def self_attention(*arguments):
    values.append(values.pop(0))
    return values[0]
"""
