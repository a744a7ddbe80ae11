"""What a reviewer is asked next: shared units, hidden controls, balanced sides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from core.records import (
    Arm,
    Evidence,
    Outcome,
    Purpose,
    ReviewPlan,
)
from core.review.next_pair import Task, draw_side
from core.review.reviewers import repeatability
from core.review.units import closed_prefix, is_over, units
from tests.evidence import NOW, REVIEWERS, judged, make_evidence, pair_of, verdict
from tests.review_queue import next_task

HARDLY_CONTROLLED = ReviewPlan(order_seed=7, max_units=10, overlap_share=0.0, control_share=0.0)


def test_sides_stay_balanced_and_cannot_be_guessed() -> None:
    import random

    draw, counts, runs = random.Random(4), Counter[Arm](), Counter[bool]()
    last = None
    for _ in range(2000):
        arm = draw_side(counts[Arm.BASELINE], counts[Arm.CANDIDATE], draw.random())
        runs[arm is last] += 1
        counts[arm] += 1
        last = arm
        assert abs(counts[Arm.BASELINE] - counts[Arm.CANDIDATE]) < 20
    assert 0.15 < runs[True] / 2000 < 0.6


def answered(evidence: Evidence, task: Task, reviewer: str, minute: int) -> Evidence:
    """The evidence with one more task done."""
    pair = next(pair for pair in evidence.pairs if pair.id == task.pair_id)
    event = verdict(
        pair,
        reviewer,
        Outcome.TIE,
        minute,
        purpose=task.purpose,
        side_a=task.side_a or (Arm.BASELINE, Arm.CANDIDATE)[minute % 2],
    )
    return replace(evidence, verdicts=(*evidence.verdicts, event))


def test_reviewers_share_the_units_in_their_order() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    for minute in range(10):
        task = next_task(evidence, REVIEWERS[minute % 5], NOW)
        assert task == (pair_of(evidence, minute).id, Purpose.EVIDENCE, None)
        evidence = answered(evidence, task, REVIEWERS[minute % 5], minute)
    assert is_over(evidence, NOW)


def test_a_pair_that_somebody_looks_at_is_not_handed_out_twice() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    held = {pair_of(evidence, 0).id, pair_of(evidence, 1).id}
    task = next_task(evidence, "ada", NOW, held=held)
    assert task is not None
    assert task.pair_id == pair_of(evidence, 2).id


def test_a_reviewer_who_cannot_judge_a_pair_is_not_asked_again() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    cannot = verdict(pair_of(evidence, 0), "ada", Outcome.CANT_JUDGE, 1)
    evidence = replace(evidence, verdicts=(cannot,))
    mine, others = next_task(evidence, "ada", NOW), next_task(evidence, "bob", NOW)
    assert mine is not None
    assert others is not None
    assert (mine.pair_id, others.pair_id) == (pair_of(evidence, 1).id, pair_of(evidence, 0).id)


def test_votes_on_one_unit_show_different_seeds() -> None:
    plan = replace(HARDLY_CONTROLLED, votes_per_unit=2)
    evidence = make_evidence(cases=10, seeds=(1, 2), plan=plan, verdicts=False)
    first = next_task(evidence, "ada", NOW)
    assert first is not None
    second = next_task(answered(evidence, first, "ada", 1), "bob", NOW)
    assert second is not None
    assert (first.pair_id, second.pair_id) == (pair_of(evidence, 0).id, pair_of(evidence, 0, seed=1).id)


@pytest.mark.slow
def test_everybody_gets_controls_and_agreement_pairs_now_and_then() -> None:
    plan = ReviewPlan(order_seed=3, max_units=300, overlap_share=0.1, control_share=0.1)
    evidence = make_evidence(cases=300, plan=plan, verdicts=False)
    gold = {pair.id: Outcome.BASELINE for pair in evidence.pairs[:12]}
    evidence, purposes = replace(evidence, gold=gold), Counter[Purpose]()
    for minute in range(150):
        reviewer = REVIEWERS[minute % 5]
        task = next_task(evidence, reviewer, NOW)
        assert task is not None
        purposes[task.purpose] += 1
        evidence = answered(evidence, task, reviewer, minute)
    assert 100 <= purposes[Purpose.EVIDENCE] <= 135
    assert 5 <= purposes[Purpose.OVERLAP] <= 28
    assert {Purpose.GOLD, Purpose.SAME} <= set(purposes)
    assert len(closed_prefix(units(evidence, NOW))) == purposes[Purpose.EVIDENCE]


def test_a_repeat_swaps_the_sides_of_an_own_earlier_verdict() -> None:
    plan = ReviewPlan(order_seed=3, max_units=120, overlap_share=0.0, control_share=1.0)
    evidence = judged(make_evidence(cases=120, plan=plan, verdicts=False), [Outcome.CANDIDATE] * 60, ["ada"])
    shown = {event.pair_id: event.side_a for event in evidence.verdicts}
    repeats = []
    for minute in range(60, 110):
        task = next_task(evidence, "ada", NOW)
        assert task is not None
        repeats += [task] if task.purpose is Purpose.REPEAT else []
        evidence = answered(evidence, task, "ada", minute)
    assert repeats
    assert all(task.side_a is not None and task.side_a is not shown[task.pair_id] for task in repeats)
    assert len({task.pair_id for task in repeats}) == len(repeats)
    assert repeatability(evidence)["ada"] == (0, len(repeats))


def test_the_same_evidence_asks_the_same_question() -> None:
    evidence = make_evidence(cases=30)
    assert next_task(evidence, "ada", NOW) == next_task(evidence, "ada", NOW)


def test_who_has_seen_everything_is_asked_nothing() -> None:
    plan = ReviewPlan(order_seed=7, max_units=10, overlap_share=0.0, control_share=0.0)
    evidence = judged(make_evidence(cases=10, plan=plan, verdicts=False), [Outcome.TIE] * 10, ["ada"])
    assert next_task(evidence, "ada", NOW) is None
