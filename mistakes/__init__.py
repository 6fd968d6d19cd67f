"""What students get wrong, one module per notebook: oracle, hidden cases and known mistakes of every exercise.

The hidden tests ask here (`gradebox.checks`), so this package is never where student code runs.
"""
