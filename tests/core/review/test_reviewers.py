"""What is known of reviewers: their sides, their known answers, their means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.records import (
    Arm,
    Outcome,
    Purpose,
    ReviewPlan,
)
from core.review.reviewers import Known, agreement, known_answers, reviewer_means, sides_chosen
from core.review.units import closed_prefix, units
from tests.evidence import STARTED, make_evidence, pair_of, verdict

TEN = make_evidence(cases=10, verdicts=False)


def test_sides_are_counted_from_decisive_verdicts() -> None:
    pairs = [pair_of(TEN, place) for place in range(4)]
    events = (
        verdict(pairs[0], "ada", Outcome.CANDIDATE, 0, side_a=Arm.CANDIDATE),
        verdict(pairs[1], "ada", Outcome.BASELINE, 1, side_a=Arm.CANDIDATE),
        verdict(pairs[2], "ada", Outcome.TIE, 2, side_a=Arm.CANDIDATE),
        verdict(pairs[3], "ada", Outcome.BASELINE, 3, side_a=None),
    )
    assert sides_chosen(replace(TEN, verdicts=events)) == {"ada": (1, 1)}


def test_known_answers_and_agreement_are_read_from_their_own_verdicts() -> None:
    pair, gold_pair = pair_of(TEN, 0), pair_of(TEN, 1)
    events = (
        verdict(pair, "ada", Outcome.CANDIDATE, 0),
        verdict(pair, "bob", Outcome.CANDIDATE, 1, purpose=Purpose.OVERLAP),
        verdict(pair_of(TEN, 2), "ada", Outcome.BASELINE, 2),
        verdict(pair_of(TEN, 2), "bob", Outcome.BASELINE, 3, purpose=Purpose.OVERLAP),
        verdict(gold_pair, "bob", Outcome.BASELINE, 4, purpose=Purpose.GOLD),
    )
    evidence = replace(TEN, verdicts=events, gold={gold_pair.id: Outcome.BASELINE})
    assert agreement(evidence) == pytest.approx(1.0)
    known = known_answers(evidence)["bob"]
    assert (known, known.failed, known.qualified) == ((1, 1), False, False)


@pytest.mark.parametrize(
    ("right", "asked", "failed", "qualified"),
    [
        (0, 2, False, False),
        (0, 3, True, False),
        (10, 12, False, True),
        (9, 12, True, False),
        (57, 60, False, True),
        (49, 60, True, False),
    ],
)
def test_ten_right_answers_of_twelve_qualify(right: int, asked: int, failed: bool, qualified: bool) -> None:
    assert (Known(right, asked).failed, Known(right, asked).qualified) == (failed, qualified)


def test_a_reviewers_mean_comes_from_closed_units_alone() -> None:
    plan = ReviewPlan(order_seed=7, max_units=10, votes_per_unit=2)
    evidence = make_evidence(cases=10, plan=plan, verdicts=False)
    half = verdict(pair_of(evidence, 0), "ada", Outcome.CANDIDATE, 1)
    expired = units(replace(evidence, verdicts=(half,)), STARTED + timedelta(days=99))
    assert reviewer_means(closed_prefix(expired)) == {}
