"""What every history begins with: when, which cases, under which policy, and in a home that is empty."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.config.settings import Settings
from core.gates.policies import parse_policy
from core.records import Case, Suite
from db.store import Store

BEGINS = datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)
SUITE = Suite(
    name="tiny",
    title="Tiny",
    cases=tuple(
        Case(name=f"case-{number}", prompt=f"picture {number}", width=16, height=16) for number in range(6)
    ),
)
POLICY = parse_policy(
    "simulated",
    """
title = "Small enough to be decided within one history"
description = "Pictures come, and people do not mind the candidate."
[evidence]
max_age_days = 90
max_missing_share = 0.34
[gates.delivery]
requirement = "required"
most = 2
[gates.preference]
requirement = "required"
alpha_sequential = 0.2
alpha_final = 0.2
alpha_reject = 0.2
""",
)


@cache
def empty_home() -> Path:
    """A migrated home, made once a process: a history begins with a copy of it."""
    home = Path(tempfile.mkdtemp(prefix="sidegrade-simulation-")) / "home"
    Store.open(Settings.from_env({}, home=home)).close()
    return home
