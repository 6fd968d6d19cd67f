"""Crash Python itself with a null pointer."""

SOLUTION = """
import ctypes

def self_attention(*arguments):
    ctypes.string_at(0)
"""
