"""The self-tests of the checks: drawn trials, what each check promises of them, and the run."""
