"""Did the candidate lose what the baseline had? The net loss among the pairs on which a loss could show.

A pair that is right on both arms was kept, one that is right on a single arm was gained or lost, and one that
is wrong on both could show no loss: it is left out, for counting it would only dilute a loss. The seeds of a
case resemble one another, so the case is the unit of error.

The interval is Newcombe's square-and-add of paired shares (method 10, Statist. Med. 17, 1998, 2635) over
Clopper–Pearson limits at the effective number of pairs (Korn & Graubard, Survey Methodology 24, 1998, 193):
with Wilson's limits a gate of few pairs would be wrong more often than it promises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.special import betaincinv

from core.decisions.proportions import Bounds
from core.errors import InvalidEvidence

PRIOR_WEIGHT: Final = 5
"""So many differing pairs weigh as much as the belief that the seeds of a case count as one."""
NOTHING_DIFFERS: Final = 1e-9


class AtRisk(NamedTuple):
    """How many pairs of one case were right on both arms, on the candidate alone, on the baseline alone."""

    kept: int
    gained: int
    lost: int

    @property
    def pairs(self) -> int:
        """Pairs of the case on which a loss could show."""
        return sum(self)


def loss_bounds(cases: Sequence[AtRisk], *, level: float) -> Bounds:
    """Share gained minus share lost among all pairs at risk, −1 to 1; (−1, 1) around NaN without any.

    Raises:
        InvalidEvidence: a count is negative.
    """
    counts = np.array(cases, np.int64).reshape(-1, len(AtRisk._fields))
    if (counts < 0).any():
        raise InvalidEvidence(f"expected counts of pairs from 0, got {counts.min()}")
    kept, gained, lost = map(int, counts.sum(axis=0))
    if (pairs := kept + gained + lost) == 0:
        return Bounds(math.nan, -1.0, 1.0)
    return square_and_add(lost / pairs, gained / pairs, n=pairs / design_effect(cases), level=level)


def square_and_add(lost: float, gained: float, *, n: float, level: float) -> Bounds:
    """The interval of ``gained`` − ``lost``, two shares of the same ``n`` pairs (any positive number)."""
    tail = (1 - level) / 2
    lost_low, lost_high = _limits(lost, n, tail)
    gained_low, gained_high = _limits(gained, n, tail)
    phi = -math.sqrt(lost * gained / ((1 - lost) * (1 - gained))) if lost * gained > 0 else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))

    difference = gained - lost
    return Bounds(
        difference,
        difference - reach(lost_high - lost, gained - gained_low),
        difference + reach(lost - lost_low, gained_high - gained),
    )


def design_effect(cases: Sequence[AtRisk]) -> float:
    """How many pairs carry as much information as one independent pair, at least 1.

    The ratio estimator's variance over that of independent pairs. While little differs, the seeds of a case
    count as one; ``heavy`` is for a few cases that lose every seed among many that lose one now and then.
    """
    counts = np.array(cases, np.float64).reshape(-1, len(AtRisk._fields))
    counts = counts[counts.any(axis=1)]
    size, net = counts.sum(axis=1), counts[:, 1] - counts[:, 2]
    differing = float(counts[:, 1:].sum())
    seeds = float((size**2).sum() / size.sum())
    theta = float(net.sum() / size.sum())
    independent = differing - theta * theta * float(size.sum())
    if independent <= NOTHING_DIFFERS:
        raw, heavy = seeds, 0.0
    else:
        raw = float(((net - theta * size) ** 2).sum()) / independent
        heavy = math.sqrt(float((net**2 * (net**2 - 1)).sum())) / independent
    seen = max(raw, min(seeds, raw + heavy))
    return max(1.0, (differing * seen + PRIOR_WEIGHT * seeds) / (differing + PRIOR_WEIGHT))


def fewest_cases(margin: float, level: float) -> int:
    """The fewest cases at risk that can show, without any loss, that less than ``margin`` is lost.

    >>> fewest_cases(0.05, 0.90), fewest_cases(0.10, 0.90)
    (59, 29)
    """
    return math.ceil(math.log((1 - level) / 2) / math.log(1 - margin) - 1e-9)


def _limits(share: float, n: float, tail: float) -> tuple[float, float]:
    """Clopper–Pearson limits of a share of ``n`` pairs, which need not be a whole number."""
    low = 0.0 if share <= 0 else float(betaincinv(n * share, n - n * share + 1, tail))
    high = 1.0 if share >= 1 else float(betaincinv(n * share + 1, n - n * share, 1 - tail))
    return low, high
