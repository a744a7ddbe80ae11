"""One file a check: the function ``measure`` that a row of :data:`core.checks.CHECKS` names."""
