"""Errors of a small share of live traffic: is the candidate failing more often than the baseline?

Requests are split at random, a share ``f`` to the candidate. If both fail equally often, an error comes from
the candidate with probability f, whatever the error rate: counting *which arm each error came from* needs no
assumption about traffic. Errors must be independent; a burst with one cause counts once.
"""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple

from scipy.special import bdtrc

from core.decisions.proportions import clopper_pearson_upper
from core.errors import InvalidEvidence

RISK_RATIOS: Final = (1.5, 2.0, 4.0)
"""The ratios of error rates that the three bets are made for, in equal parts."""


class FixedTest(NamedTuple):
    """A test of one planned look: fail at ``critical`` errors or more."""

    critical: int
    false_alarm: float
    power: float


def log_harm_evidence(candidate_errors: int, baseline_errors: int, *, share: float) -> float:
    """Log of the betting evidence that the candidate fails more often.

    When it does not, the evidence ever reaches 1/a with probability a at most, however often one looks.

    E = mean over r of (r / (1+f(r-1)))^candidate_errors * (1 / (1+f(r-1)))^baseline_errors, the likelihood
    ratio of "an error comes from the candidate r times as often" (Ville's inequality, as in ``preference``).
    """
    _check(candidate_errors, baseline_errors, share)
    logs = [
        candidate_errors * math.log(r) - (candidate_errors + baseline_errors) * math.log1p(share * (r - 1))
        for r in RISK_RATIOS
    ]
    largest = max(logs)
    return largest + math.log(sum(math.exp(log - largest) for log in logs) / len(logs))


def risk_ratio_upper(
    candidate_errors: int, baseline_errors: int, *, share: float, confidence: float
) -> float:
    """One-sided upper bound of candidate error rate / baseline error rate; inf without errors to compare.

    The Clopper–Pearson bound q of the candidate's share of all errors, as a ratio: q(1-f) / (f(1-q)).
    """
    _check(candidate_errors, baseline_errors, share)
    q = clopper_pearson_upper(candidate_errors, candidate_errors + baseline_errors, confidence=confidence)
    return math.inf if q == 1 else q * (1 - share) / (share * (1 - q))


def risk_ratio(candidate_errors: int, baseline_errors: int, *, share: float) -> float:
    """Candidate error rate / baseline error rate as observed; NaN without errors, inf without baseline's."""
    _check(candidate_errors, baseline_errors, share)
    if baseline_errors == 0:
        return math.inf if candidate_errors else math.nan
    return candidate_errors / baseline_errors * (1 - share) / share


def fixed_test(requests: int, *, usual_rate: float, ratio: float, alpha: float) -> FixedTest:
    """What a planned number of candidate requests can detect: exact binomial, known usual error rate.

    The critical count is the smallest whose false-alarm probability is at most ``alpha``.
    """
    critical = next(c for c in itertools.count(1) if bdtrc(c - 1, requests, usual_rate) <= alpha)
    return FixedTest(
        critical,
        float(bdtrc(critical - 1, requests, usual_rate)),
        float(bdtrc(critical - 1, requests, usual_rate * ratio)),
    )


def _check(candidate_errors: int, baseline_errors: int, share: float) -> None:
    if candidate_errors < 0 or baseline_errors < 0 or not 0 < share < 1:
        raise InvalidEvidence(
            "expected counts from 0 and a share inside (0, 1), "
            f"got {candidate_errors}, {baseline_errors} and {share}"
        )
