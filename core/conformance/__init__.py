"""Drives one model through its contract and through edits, and examines what comes back.

It depends on backends and checks, never the reverse.
"""
