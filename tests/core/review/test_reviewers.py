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
from core.review.reviewers import (
    Known,
    agreement,
    agreement_on,
    known_answers,
    repeatability,
    reviewer_means,
    sides_chosen,
)
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


def test_a_reviewers_mean_is_that_of_the_scores_of_each_verdict() -> None:
    said = [
        ("bob", Outcome.CANDIDATE),
        ("ada", Outcome.TIE),
        ("ada", Outcome.BASELINE),
        ("ada", Outcome.BOTH_BAD),
    ]
    events = tuple(verdict(pair_of(TEN, place), who, what, place) for place, (who, what) in enumerate(said))
    means = reviewer_means(units(replace(TEN, verdicts=events), STARTED))
    assert list(means.items()) == [("ada", pytest.approx(1 / 3)), ("bob", 1.0)]


def test_only_gold_verdicts_on_pairs_with_a_known_answer_are_answers() -> None:
    known, unknown = pair_of(TEN, 0), pair_of(TEN, 1)
    events = (
        verdict(known, "ada", Outcome.TIE, 0, purpose=Purpose.GOLD),
        verdict(known, "ada", Outcome.BASELINE, 1),
        verdict(unknown, "ada", Outcome.BASELINE, 2, purpose=Purpose.GOLD),
        verdict(known, "bob", Outcome.BASELINE, 3, purpose=Purpose.GOLD),
    )
    evidence = replace(TEN, verdicts=events, gold={known.id: Outcome.BASELINE})
    assert known_answers(evidence) == {"ada": (0, 1), "bob": (1, 1)}


def test_a_repeat_is_held_against_the_first_verdict_on_the_pair() -> None:
    pairs = [pair_of(TEN, place) for place in range(3)]
    events = (
        verdict(pairs[0], "ada", Outcome.TIE, 0),
        verdict(pairs[1], "ada", Outcome.BASELINE, 1),
        verdict(pairs[0], "ada", Outcome.TIE, 2, purpose=Purpose.REPEAT),
        verdict(pairs[1], "ada", Outcome.CANDIDATE, 3, purpose=Purpose.REPEAT),
        verdict(pairs[2], "ada", Outcome.CANDIDATE, 4, purpose=Purpose.REPEAT),
        verdict(pairs[0], "bob", Outcome.TIE, 5, purpose=Purpose.REPEAT),
        verdict(pairs[2], "bob", Outcome.TIE, 6),
        verdict(pairs[2], "bob", Outcome.TIE, 7, purpose=Purpose.SAME),
    )
    assert repeatability(replace(TEN, verdicts=events)) == {"ada": (1, 2)}


def test_agreement_rests_on_pairs_that_two_reviewers_could_judge() -> None:
    pairs = [pair_of(TEN, place) for place in range(3)]
    events = (
        verdict(pairs[0], "ada", Outcome.TIE, 0),
        verdict(pairs[0], "bob", Outcome.BASELINE, 1, purpose=Purpose.OVERLAP),
        verdict(pairs[1], "ada", Outcome.TIE, 2),
        verdict(pairs[1], "bob", Outcome.CANT_JUDGE, 3, purpose=Purpose.OVERLAP),
        verdict(pairs[2], "ada", Outcome.TIE, 4),
        verdict(pairs[2], "ada", Outcome.TIE, 5, purpose=Purpose.REPEAT),
    )
    assert agreement_on(replace(TEN, verdicts=events))[0] == 1
