"""Files that people edit, and the environment, read into records: models, suites and settings.

Policies are read in :mod:`core.gates.policies`, beside the rules that read their settings.
"""
