"""Errors of the canary: exact values, Ville's promise and what the success rule is worth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.decisions.canary import fixed_test, log_harm_evidence, risk_ratio, risk_ratio_upper
from core.errors import InvalidEvidence

SHARE = 0.01
errors = st.integers(0, 200)


def chance_of_success(requests: int, *, ratio: float) -> float:
    """Exact probability that the bound is below 2, when the baseline fails in just 1% of its requests."""
    theirs = round(requests * 99 * 0.01)
    most = max(ours for ours in range(60) if risk_ratio_upper(ours, theirs, share=SHARE, confidence=0.95) < 2)
    return float(stats.binom.cdf(most, requests, 0.01 * ratio))


def test_the_planned_look_has_the_published_error_and_power() -> None:
    test = fixed_test(1020, usual_rate=0.01, ratio=2, alpha=0.05)
    assert test.critical == 17
    assert test[1:] == pytest.approx((0.0309401, 0.8063572), abs=1e-7)
    assert fixed_test(1350, usual_rate=0.01, ratio=2, alpha=0.05).power == pytest.approx(0.901, abs=5e-4)


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.2])
def test_the_critical_count_is_the_smallest_that_keeps_the_false_alarm(rate: float) -> None:
    test = fixed_test(500, usual_rate=rate, ratio=2, alpha=0.05)
    assert test.false_alarm == pytest.approx(stats.binom.sf(test.critical - 1, 500, rate))
    assert test.false_alarm <= 0.05 < stats.binom.sf(test.critical - 2, 500, rate)


@pytest.mark.parametrize(("requests", "equal", "doubled"), [(1020, 0.773, 0.031), (1350, 0.910, 0.043)])
def test_the_success_rule_has_the_published_error_and_power(
    requests: int, equal: float, doubled: float
) -> None:
    assert chance_of_success(requests, ratio=1) == pytest.approx(equal, abs=6e-4)
    assert chance_of_success(requests, ratio=2) == pytest.approx(doubled, abs=6e-4)


@given(errors, errors, st.floats(0.001, 0.9))
def test_evidence_of_harm_is_the_mean_of_three_likelihood_ratios(
    ours: int, theirs: int, share: float
) -> None:
    expected = [
        stats.binom.logpmf(ours, ours + theirs, r * share / (1 + share * (r - 1)))
        - stats.binom.logpmf(ours, ours + theirs, share)
        for r in (1.5, 2, 4)
    ]
    mean = np.logaddexp.reduce(expected) - math.log(3)
    assert log_harm_evidence(ours, theirs, share=share) == pytest.approx(mean, abs=1e-6, rel=1e-9)


def test_one_more_error_is_worth_exactly_one_when_neither_arm_is_worse() -> None:
    for ours, theirs in ((0, 0), (3, 200), (12, 40)):
        now = math.exp(log_harm_evidence(ours, theirs, share=SHARE))
        later = SHARE * math.exp(log_harm_evidence(ours + 1, theirs, share=SHARE)) + (1 - SHARE) * math.exp(
            log_harm_evidence(ours, theirs + 1, share=SHARE)
        )
        assert later == pytest.approx(now, rel=1e-12)


def test_false_alarms_stay_below_the_promise_however_often_one_looks() -> None:
    rng = np.random.default_rng(11)
    mine = rng.random((4000, 800)) < 0.05
    ours, total = mine.cumsum(axis=1), np.arange(1, 801)
    logs = np.stack([ours * math.log(r) - total * math.log1p(0.05 * (r - 1)) for r in (1.5, 2.0, 4.0)])
    ever = (np.logaddexp.reduce(logs) - math.log(3) >= math.log(20)).any(axis=1).mean()
    sample = log_harm_evidence(int(ours[0, -1]), int(800 - ours[0, -1]), share=0.05)
    assert sample == pytest.approx(np.logaddexp.reduce(logs)[0, -1] - math.log(3))
    assert ever <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)


@given(errors, errors)
def test_an_error_of_the_candidate_is_never_evidence_for_it(ours: int, theirs: int) -> None:
    now, later = (log_harm_evidence(count, theirs, share=SHARE) for count in (ours, ours + 1))
    assert later > now
    bound, worse = (
        risk_ratio_upper(count, theirs, share=SHARE, confidence=0.95) for count in (ours, ours + 1)
    )
    assert worse >= bound


def test_without_errors_nothing_is_excluded() -> None:
    assert risk_ratio_upper(0, 0, share=SHARE, confidence=0.95) == math.inf
    assert math.isnan(risk_ratio(0, 0, share=SHARE))
    assert risk_ratio(2, 0, share=SHARE) == math.inf
    assert log_harm_evidence(0, 0, share=SHARE) == pytest.approx(0.0)


def test_the_observed_ratio_is_one_when_errors_split_like_traffic() -> None:
    assert risk_ratio(10, 990, share=SHARE) == pytest.approx(1.0)
    assert risk_ratio(20, 990, share=SHARE) == pytest.approx(2.0)


@pytest.mark.parametrize(("ours", "theirs", "share"), [(-1, 0, 0.1), (0, -1, 0.1), (0, 0, 0.0), (0, 0, 1.0)])
def test_impossible_counts_are_refused(ours: int, theirs: int, share: float) -> None:
    with pytest.raises(InvalidEvidence, match="expected counts from 0"):
        log_harm_evidence(ours, theirs, share=share)
