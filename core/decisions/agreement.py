"""Whether a panel's verdicts may be believed: known answers, side bias, agreement, and the panel veto.

No reviewer is excluded for disagreeing with the others or with the outcome: only known answers disqualify.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from scipy.special import bdtr, stdtr

from core.errors import InvalidEvidence

LOW_AGREEMENT: Final = 0.2
"""Below this alpha the page warns; agreement never gates."""
FEWEST_OVERLAPS: Final = 20
"""Below so many items judged twice no agreement is told. Reviewers who choose at random show an alpha between
-.27 and .27 in 9 of 10 samples of 20 items, and anything between -.5 and 1 in samples of 2."""


class Sides(NamedTuple):
    """How often a reviewer's decisive verdicts chose the left (A) and the right (B) image."""

    left: int
    right: int


class SideBias(NamedTuple):
    """A reviewer's inclination to one side."""

    left_share: float
    p: float
    """Two-sided exact p of "no side preferred", adjusted for the number of reviewers (Holm)."""
    flagged: bool


class Veto(NamedTuple):
    """Whether the reviewers, each counted once, lean the same way as the prompts do."""

    reviewers: int
    mean: float
    p: float
    """One-sided p of "the mean over reviewers is at most the null score"; 1 with fewer than two."""
    passed: bool


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float:
    """Agreement beyond chance on nominal labels: 1 perfect, 0 as by chance; NaN when nothing can disagree.

    ``units`` holds the labels given to each item; items with fewer than two labels say nothing. From the
    coincidence matrix: alpha = 1 - (n-1) * observed / expected disagreements (Krippendorff, Content Analysis,
    2004, ch. 11).
    """
    coincidences: defaultdict[tuple[Hashable, Hashable], float] = defaultdict(float)
    for labels in units:
        for pair in itertools.permutations(labels, 2):
            coincidences[pair] += 1 / (len(labels) - 1)
    totals: defaultdict[Hashable, float] = defaultdict(float)
    for (label, _), weight in coincidences.items():
        totals[label] += weight
    n = sum(totals.values(), 0.0)
    observed = sum(weight for (one, other), weight in coincidences.items() if one != other)
    expected = n * n - sum(total * total for total in totals.values())
    return 1 - (n - 1) * observed / expected if expected > 1e-9 else math.nan


def two_sided_binomial(successes: int, total: int) -> float:
    """Exact two-sided p of "both sides equally likely"; 1 without data."""
    if not 0 <= successes <= total:
        raise InvalidEvidence(f"expected 0 <= successes <= total, got {successes} of {total}")
    return min(1.0, 2 * float(bdtr(min(successes, total - successes), total, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for their number, in the order given (Holm, Scand. J. Statist. 6, 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def side_bias(sides: Mapping[str, Sides], *, alpha: float) -> dict[str, SideBias]:
    """Who prefers a side more than chance explains; sides are drawn at random, so no reviewer should."""
    adjusted = holm([two_sided_binomial(s.left, s.left + s.right) for s in sides.values()])
    return {
        reviewer: SideBias(s.left / (s.left + s.right) if s.left + s.right else math.nan, p, p < alpha)
        for (reviewer, s), p in zip(sides.items(), adjusted, strict=True)
    }


def panel_veto(reviewer_means: Sequence[float], *, null_score: float, alpha: float) -> Veto:
    """One-sided t-test over reviewers' own mean scores: approval needs them to lean the same way.

    It softens, and does not remove, the limit that a decision holds for this panel: another panel of the
    same size may have other tastes.
    """
    count = len(reviewer_means)
    mean = sum(reviewer_means) / count if count else math.nan
    if count < 2:
        return Veto(count, mean, 1.0, False)
    spread = math.sqrt(sum((value - mean) ** 2 for value in reviewer_means) / (count - 1))
    if spread == 0:
        p = 0.0 if mean > null_score else 1.0
    else:
        p = 1 - float(stdtr(count - 1, (mean - null_score) / spread * math.sqrt(count)))
    return Veto(count, mean, p, p < alpha)
