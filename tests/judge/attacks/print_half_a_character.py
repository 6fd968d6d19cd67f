"""Print and raise halves of surrogate pairs, which are text in Python and in no file."""

SOLUTION = """
print("half", chr(0xD800))

def self_attention(*arguments):
    print("half", chr(0xDFFF))
    raise ValueError(chr(0xD83D))
"""
