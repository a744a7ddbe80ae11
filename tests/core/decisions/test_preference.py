"""The preference test: published values, exact error rates and what must never happen.

Long: published figures beside properties.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from core.decisions.preference import (
    EFFECT_WEIGHTS,
    Course,
    PreferencePlan,
    bets,
    decide,
    decide_many,
    final_test,
    log_wealth_above,
    log_wealth_below,
    net_preference,
    score_interval,
)
from core.errors import InvalidEvidence

PLAN = PreferencePlan(planned_units=400)
SHORT = PreferencePlan(planned_units=40)
verdict = st.sampled_from([0.0, 0.5, 1.0])
unit_score = st.one_of(verdict, st.floats(0, 1), st.just(math.nan))
rollout = st.lists(unit_score, max_size=60)


def wealth_by_counts(units: int) -> NDArray[np.float64]:
    """E_up for k wins among n verdicts, without ties, from the product's own stakes; shape (n+1, n+1)."""
    n, k = np.arange(units + 1)[:, None, None], np.arange(units + 1)[None, :, None]
    stakes = bets(0.5)
    with np.errstate(over="ignore", invalid="ignore"):
        logs = k * np.log1p(stakes / 2) + (n - k) * np.log1p(-stakes / 2)
        return np.asarray((np.exp(logs) * EFFECT_WEIGHTS).sum(axis=-1))


def chance_of_ever_reaching(threshold: float, *, units: int, final: bool = False) -> float:
    """Exact probability, for equal models without ties, that a test which looks at every unit approves."""
    wealth = wealth_by_counts(units)
    alive, reached = np.zeros(units + 1), 0.0
    alive[0] = 1.0
    for n in range(1, units + 1):
        alive = alive / 2 + np.concatenate([[0.0], alive[:-1] / 2])
        crossed = wealth[n] >= threshold
        crossed[n + 1 :] = False
        reached += alive[crossed].sum()
        alive[crossed] = 0.0
    if final:
        rows = np.array([[1.0] * k + [0.0] * (units - k) for k in range(units + 1)])
        reached += alive[final_test(rows, PreferencePlan(planned_units=units))].sum()
    return float(reached)


def test_six_wins_are_worth_what_the_formula_says() -> None:
    assert math.exp(log_wealth_above([1.0] * 6, 0.5)[-1]) == pytest.approx(3.5344589882, abs=1e-9)


def test_thirty_ties_are_worth_exactly_nothing() -> None:
    assert log_wealth_above([0.5] * 30, 0.5).tolist() == pytest.approx([0.0] * 30, abs=1e-12)


def test_straight_wins_cross_twenty_at_thirteen_and_fifty_at_seventeen() -> None:
    wealth = np.exp(log_wealth_above([1.0] * 20, 0.5))
    assert (wealth >= 20).argmax() + 1 == 13
    assert (wealth >= 50).argmax() + 1 == 17
    assert decide([1.0] * 20, PLAN) == (Course.APPROVED, 17, False)


def test_ten_straight_losses_reject() -> None:
    assert decide([0.0] * 9, PLAN).course is Course.COLLECTING
    assert decide([0.0] * 10, PLAN) == (Course.REJECTED, 10, False)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 1.0), (0.45, 0.5477250580)])
def test_expected_wealth_after_thirty_units_is_exact(share: float, expected: float) -> None:
    chances = stats.binom.pmf(np.arange(31), 30, share)
    assert chances @ wealth_by_counts(30)[30] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("threshold", "units", "expected"),
    [(20, 400, 0.036862), (50, 100, 0.005721), (50, 200, 0.009486), (50, 400, 0.013677)],
)
def test_chance_of_a_false_crossing_is_the_exact_one(threshold: float, units: int, expected: float) -> None:
    assert chance_of_ever_reaching(threshold, units=units) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("units", "expected"), [(100, 0.029822), (200, 0.031849), (400, 0.038894)])
def test_false_approvals_with_the_final_test_are_the_exact_ones(units: int, expected: float) -> None:
    assert chance_of_ever_reaching(50, units=units, final=True) == pytest.approx(expected, abs=1e-6)


def test_the_final_test_is_students_t_test() -> None:
    rng = np.random.default_rng(7)
    rows = rng.choice([0.0, 0.5, 1.0], p=[0.3, 0.2, 0.5], size=(200, 40))
    p = stats.ttest_1samp(rows, 0.5, axis=1, alternative="greater").pvalue
    assert final_test(rows, SHORT).tolist() == (p < 0.03).tolist()


def test_the_final_test_leaves_out_units_that_expired() -> None:
    row = np.array([[1.0] * 26 + [0.0] * 12 + [math.nan] * 2])
    p = stats.ttest_1samp(row[0, :38], 0.5, alternative="greater").pvalue
    assert final_test(row, SHORT)[0] == (p < 0.03)


def test_the_final_test_needs_thirty_units_and_some_spread() -> None:
    plan = PreferencePlan(planned_units=29)
    assert not final_test(np.array([[1.0] * 20 + [0.5] * 9]), plan)[0]
    assert not final_test(np.array([[0.5] * 40]), SHORT)[0]


def test_thirty_units_are_enough_for_the_final_test_and_a_gain_without_spread_is_not() -> None:
    assert final_test(np.array([[1.0] * 20 + [0.5] * 10]), PreferencePlan(planned_units=30))[0]
    assert not final_test(np.array([[0.75] * 40]), SHORT)[0]


def test_the_final_test_is_made_only_when_every_planned_unit_is_closed() -> None:
    scores = ([1.0, 0.5, 1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 0.0, 1.0] * 4)[:40]
    assert decide(scores[:39], SHORT).course is Course.COLLECTING
    assert decide(scores, SHORT) == (Course.APPROVED, 40, True)


def test_an_undecided_end_is_inconclusive() -> None:
    assert decide([1.0, 0.0, 0.5, 0.5] * 10, SHORT) == (Course.INCONCLUSIVE, 40, True)


def test_no_evidence_decides_nothing() -> None:
    assert decide([], PLAN) == (Course.COLLECTING, None, False)
    assert score_interval([], PLAN)[:2] == (0.0, 1.0)


def test_only_missing_units_never_approve() -> None:
    assert decide([math.nan] * 400, PLAN).course is Course.INCONCLUSIVE


def test_too_many_missing_units_hold_an_approval_back_but_not_a_rejection() -> None:
    missing = [math.nan] * 3
    assert decide(missing + [1.0] * 20, PLAN).course is Course.COLLECTING
    assert decide(missing + [1.0] * 57, PLAN) == (Course.APPROVED, 60, False)
    assert decide(missing + [0.0] * 20, PLAN).course is Course.REJECTED


def test_crossing_both_thresholds_at_once_rejects() -> None:
    # Null and hoped score lie far apart and the units in between: both hypotheses are refuted.
    plan = PreferencePlan(planned_units=400, null_score=0.2, hoped_score=0.8)
    both = plan.alpha_sequential
    scores = [0.5] * 60
    up = log_wealth_above(scores, 0.2) >= -math.log(both)
    down = log_wealth_below(scores, 0.8) >= -math.log(both)
    assert up.argmax() == down.argmax() > 0
    fair = PreferencePlan(planned_units=400, null_score=0.2, hoped_score=0.8, alpha_reject=both)
    assert decide(scores, fair).course is Course.REJECTED


@given(rollout)
def test_wealth_is_the_product_the_definition_names(scores: list[float]) -> None:
    present = [score for score in scores if not math.isnan(score)]
    weights, stakes = (0.25, 0.5, 0.25), (0.2, 0.375, 0.75)
    bet = list(zip(weights, stakes, strict=True))
    up = sum(w * math.prod(1 + stake * (x - 0.5) for x in present) for w, stake in bet)
    down = sum(w * math.prod(1 + stake * (0.575 - x) for x in present) for w, stake in bet)
    if scores:
        assert math.exp(log_wealth_above(scores, 0.5)[-1]) == pytest.approx(up, rel=1e-9)
        assert math.exp(log_wealth_below(scores, 0.575)[-1]) == pytest.approx(down, rel=1e-9)


@given(rollout.flatmap(lambda scores: st.tuples(st.just(scores), st.permutations(scores))))
def test_the_order_of_units_does_not_change_the_evidence(scores: tuple[list[float], list[float]]) -> None:
    one, other = scores
    if one:
        assert log_wealth_above(one, 0.5)[-1] == pytest.approx(log_wealth_above(other, 0.5)[-1], abs=1e-9)
        assert score_interval(one, PLAN) == pytest.approx(score_interval(other, PLAN), abs=1e-6)


@given(rollout)
def test_swapping_the_arms_mirrors_the_interval(scores: list[float]) -> None:
    here = score_interval(scores, PLAN)
    there = score_interval([1 - score for score in scores], PLAN)
    assert (1 - there.high, 1 - there.low) == pytest.approx((here.low, here.high), abs=1e-6)


@given(rollout)
def test_swapping_the_arms_swaps_the_two_wealths(scores: list[float]) -> None:
    if scores:
        mirrored = log_wealth_below([1 - score for score in scores], 0.5)
        assert log_wealth_above(scores, 0.5) == pytest.approx(mirrored, abs=1e-9)


@given(rollout, st.integers(0, 50))
def test_ties_leave_the_evidence_for_the_candidate_unchanged(scores: list[float], ties: int) -> None:
    if scores:
        after = log_wealth_above([*scores, *[0.5] * ties], 0.5)[-1]
        assert after == pytest.approx(log_wealth_above(scores, 0.5)[-1], abs=1e-9)


@given(st.lists(unit_score, min_size=1, max_size=60), rollout)
def test_later_units_never_change_a_decision(scores: list[float], later: list[float]) -> None:
    first = decide(scores, SHORT)
    if first.course is not Course.COLLECTING:
        assert decide([*scores, *later], SHORT) == first


@given(st.lists(unit_score, max_size=400))
def test_an_approval_needs_the_interval_above_the_null_score_where_it_was_made(scores: list[float]) -> None:
    decision = decide(scores, PLAN)
    if decision.course is Course.APPROVED and not decision.by_final_test:
        assert score_interval(scores[: decision.unit], PLAN).low >= 0.5 - 1e-6


@given(rollout, st.integers(0, 59))
def test_a_worse_score_never_turns_into_more_evidence_for_the_candidate(scores: list[float], at: int) -> None:
    if at < len(scores):
        worse = [*scores[:at], 0.0, *scores[at + 1 :]]
        if not math.isnan(scores[at]):
            assert log_wealth_above(worse, 0.5)[-1] <= log_wealth_above(scores, 0.5)[-1] + 1e-9


def test_more_verdicts_on_one_unit_raise_the_stakes_less_than_their_number() -> None:
    for one, more in pairwise(bets(0.5, votes) for votes in (1, 2, 3)):
        assert (one < more).all()
        assert (more < 2 * one).all()
    assert bets(0.5, 1).tolist() == pytest.approx([0.2, 0.375, 0.75])


def test_many_rollouts_at_once_end_like_each_alone() -> None:
    rng = np.random.default_rng(3)
    rows = rng.choice([0.0, 0.5, 1.0, math.nan], p=[0.28, 0.2, 0.5, 0.02], size=(60, 40))
    many = decide_many(rows, SHORT)
    for row, approved, rejected in zip(rows, many.approved, many.rejected, strict=True):
        course = decide(list(row), SHORT).course
        assert (course is Course.APPROVED, course is Course.REJECTED) == (approved, rejected)


def test_net_preference_runs_from_minus_one_to_one() -> None:
    assert [net_preference(score) for score in (0.0, 0.5, 0.575, 1.0)] == pytest.approx([-1, 0, 0.15, 1])


@pytest.mark.parametrize("score", [-0.01, 1.01, math.inf])
def test_a_score_outside_its_range_is_refused(score: float) -> None:
    with pytest.raises(InvalidEvidence, match=r"expected scores in \[0, 1\]"):
        decide([0.5, score], PLAN)


@pytest.mark.parametrize(
    "plan",
    [
        {"planned_units": 0},
        {"planned_units": 9, "verdicts_per_unit": 0},
        {"planned_units": 9, "hoped_score": 0.5},
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(plan: dict[str, float]) -> None:
    with pytest.raises(InvalidEvidence, match="expected"):
        PreferencePlan(**plan)
