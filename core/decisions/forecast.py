"""How much longer a preference test is likely to take: an expectation for planning, never evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from core.decisions.preference import Course, PreferencePlan, decide, decide_many

UNDECIDED_UNITS: Final = (1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0)
"""Ten units without a preference, added to those seen so that a forecast from few units stays modest."""
FUTURES: Final = 200


class Forecast(NamedTuple):
    """How much more is needed if the coming units look like those so far."""

    units: int
    """In half of all futures the decision comes sooner."""
    soonest: int
    latest: int
    """In four of five futures the decision comes between these numbers of units."""
    towards: Course
    """The likeliest end."""
    chance: float
    """Share of futures with that end."""


def forecast(scores: Sequence[float], plan: PreferencePlan, *, seed: int = 0) -> Forecast | None:
    """How many more units until a decision, if the coming ones look like those so far; None if decided.

    Draws the units still open from those seen, together with ten undecided ones, and carries each of these
    futures to its end by the rule itself. An expectation, not a promise: typically within a factor of two.
    """
    if decide(scores, plan).course is not Course.COLLECTING:
        return None
    seen = np.asarray(scores, dtype=float)
    pool = np.concatenate([seen[~np.isnan(seen)], UNDECIDED_UNITS])
    coming = np.random.default_rng(seed).choice(pool, size=(FUTURES, plan.planned_units - len(seen)))
    ends = decide_many(np.hstack([np.tile(seen, (FUTURES, 1)), coming]), plan)
    soonest, units, latest = np.quantile(ends.unit - len(seen), [0.1, 0.5, 0.9], method="inverted_cdf")
    approved, rejected = float(ends.approved.mean()), float(ends.rejected.mean())
    chances = {
        Course.APPROVED: approved,
        Course.REJECTED: rejected,
        Course.INCONCLUSIVE: 1 - approved - rejected,
    }
    towards = max(chances, key=chances.__getitem__)
    return Forecast(int(units), int(soonest), int(latest), towards, chances[towards])
