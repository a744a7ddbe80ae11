"""Checks prove themselves: drawn trials, what each check promises of them, and the run."""
