"""Shares, with intervals that hold at small numbers; paired ones are in :mod:`core.decisions.losses`.

Intervals are two-sided at the given level unless the name says otherwise.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import bdtr, betaincinv, ndtri

from core.errors import InvalidEvidence


class Bounds(NamedTuple):
    """An estimate and the interval around it."""

    estimate: float
    low: float
    high: float


def wilson(successes: int, total: int, *, level: float) -> Bounds:
    """Score interval of a share (Wilson, JASA 22, 1927); (0, 1) without data."""
    _check_counts(successes, total)
    if total == 0:
        return Bounds(math.nan, 0.0, 1.0)
    z = float(ndtri((1 + level) / 2))
    share = successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # At the ends the exact bound is the end itself; rounding must not move it.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == total else centre + half
    return Bounds(share, low, high)


def clopper_pearson(successes: int, total: int, *, level: float) -> Bounds:
    """Exact interval of a share (Clopper & Pearson, Biometrika 26, 1934); (0, 1) without data."""
    tail = (1 - level) / 2
    low = clopper_pearson_lower(successes, total, confidence=1 - tail)
    high = clopper_pearson_upper(successes, total, confidence=1 - tail)
    return Bounds(successes / total if total else math.nan, low, high)


def clopper_pearson_upper(successes: int, total: int, *, confidence: float) -> float:
    """The one-sided exact upper bound of a share: 1 without data."""
    _check_counts(successes, total)
    return 1.0 if successes == total else float(betaincinv(successes + 1, total - successes, confidence))


def clopper_pearson_lower(successes: int, total: int, *, confidence: float) -> float:
    """The one-sided exact lower bound of a share: 0 without data."""
    _check_counts(successes, total)
    return 0.0 if successes == 0 else float(betaincinv(successes, total - successes + 1, 1 - confidence))


def mcnemar_exact(candidate_only: int, baseline_only: int) -> float:
    """Two-sided exact p of "neither arm passes more often" (McNemar, Psychometrika 12, 1947).

    For display: a large p is not evidence of no harm, so no gate rests on it.
    """
    _check_counts(candidate_only, candidate_only + baseline_only)
    discordant = candidate_only + baseline_only
    return min(1.0, 2 * float(bdtr(min(candidate_only, baseline_only), discordant, 0.5)))


def _check_counts(successes: int, total: int) -> None:
    if not 0 <= successes <= total:
        raise InvalidEvidence(f"expected 0 <= successes <= total, got {successes} of {total}")
