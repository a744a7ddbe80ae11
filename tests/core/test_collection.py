"""Which verdicts become evidence: frozen order, first K, prefix, clock; and what reviewers are asked."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.collection import (
    Task,
    UnitState,
    closed_prefix,
    countable_cases,
    counted_units,
    deadline,
    draw_side,
    is_over,
    judged_too_early,
    next_task,
    planned_cases,
    preference_plan,
    review_order,
    standing,
    units,
)
from core.errors import InvalidEvidence, InvalidRequest
from core.records import (
    Arm,
    Evidence,
    Outcome,
    Purpose,
    ReviewPlan,
    VerdictAction,
    VerdictEvent,
)
from core.reviewers import Known, agreement, known_answers, repeatability, reviewer_means, sides_chosen
from tests.evidence import NOW, REVIEWERS, STARTED, judged, make_evidence, verdict

TEN = make_evidence(cases=10, verdicts=False)
HARDLY_CONTROLLED = ReviewPlan(order_seed=7, max_units=10, overlap_share=0.0, control_share=0.0)


def pair_of(evidence: Evidence, place: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """The pair of the unit at a place of the review order."""
    digest = review_order(evidence.cases, evidence.run.plan.order_seed)[place]
    return [pair for pair in evidence.pairs if pair.case_digest == digest][seed]


def states(evidence: Evidence) -> list[UnitState]:
    """The state of every unit, in the order of review."""
    return [unit.state for unit in units(evidence, NOW)]


def undo(event: VerdictEvent) -> VerdictEvent:
    """The event that takes a verdict back."""
    return replace(
        event, uuid=f"undo_{event.uuid}", action=VerdictAction.UNDO, outcome=None, undoes=event.uuid
    )


@given(st.lists(st.text(min_size=1), unique=True, min_size=1), st.integers(), st.randoms())
def test_the_order_of_review_depends_on_the_seed_alone(cases: list[str], seed: int, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(cases, len(cases))
    assert review_order(cases, seed) == review_order(shuffled, seed)
    assert sorted(review_order(cases, seed)) == sorted(cases)


def test_another_seed_is_another_order() -> None:
    cases = [str(number) for number in range(50)]
    assert review_order(cases, 1) != review_order(cases, 2) != cases


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


def test_a_unit_is_its_first_verdicts_and_never_opens_again_once_its_reviewer_went_on() -> None:
    pair = pair_of(TEN, 0)
    first, second = verdict(pair, "ada", Outcome.CANDIDATE, 1), verdict(pair, "bob", Outcome.BASELINE, 2)
    went_on = verdict(pair_of(TEN, 1), "ada", Outcome.TIE, 3, purpose=Purpose.SAME)
    for later in ([second], [went_on, undo(first)], [went_on, undo(first), second]):
        unit = units(replace(TEN, verdicts=(first, *later)), NOW)[0]
        assert (unit.state, unit.score, unit.votes) == (UnitState.CLOSED, 1.0, (first,))


def test_a_slip_that_is_taken_back_at_once_does_not_count() -> None:
    pair = pair_of(TEN, 0)
    slip, meant = verdict(pair, "ada", Outcome.BASELINE, 1), verdict(pair, "ada", Outcome.CANDIDATE, 2)
    others = verdict(pair_of(TEN, 1), "bob", Outcome.TIE, 1)
    assert states(replace(TEN, verdicts=(slip, others, undo(slip))))[0] is UnitState.OPEN
    assert units(replace(TEN, verdicts=(slip, others, undo(slip), meant)), NOW)[0].votes == (meant,)


def test_verdicts_before_the_start_are_never_evidence_and_take_their_case_with_them() -> None:
    assert TEN.start is not None
    first, second, before = pair_of(TEN, 0), pair_of(TEN, 1), TEN.start.created_at
    early = verdict(first, "ada", Outcome.CANDIDATE, 0, created_at=before)
    equals = verdict(second, "ada", Outcome.TIE, 0, purpose=Purpose.SAME, created_at=before)
    again = verdict(first, "bob", Outcome.CANDIDATE, 5)
    counted = verdict(second, "bob", Outcome.BASELINE, 6)
    evidence = replace(TEN, verdicts=(early, equals, again, counted))
    assert judged_too_early(evidence) == {first.case_digest}
    assert countable_cases(evidence) == planned_cases(TEN)[1:]
    assert [unit.votes for unit in counted_units(evidence, NOW)] == [(counted,)]


def test_nothing_counts_before_the_start_although_reviewers_can_be_asked() -> None:
    cast = verdict(pair_of(TEN, 0), "ada", Outcome.CANDIDATE, 0)
    evidence = replace(TEN, start=None, verdicts=(cast,))
    assert counted_units(evidence, NOW) == []
    assert countable_cases(evidence) == planned_cases(TEN)[1:]
    task = next_task(evidence, "bob", NOW)
    assert task is not None
    assert task.pair_id != cast.pair_id


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(REVIEWERS), st.sampled_from(list(Outcome))), max_size=30
    ),
    st.integers(0, 30),
)
def test_whatever_was_said_before_the_start_moves_nothing_after_it(
    said: list[tuple[int, str, Outcome]], at: int
) -> None:
    assert TEN.start is not None
    start = replace(TEN.start, created_at=STARTED + timedelta(minutes=at))
    events = [
        verdict(pair_of(TEN, place), who, what, minute) for minute, (place, who, what) in enumerate(said)
    ]
    turned = [
        replace(event, outcome=Outcome.BASELINE) if event.created_at <= start.created_at else event
        for event in events
    ]
    one, other = (replace(TEN, start=start, verdicts=tuple(some)) for some in (events, turned))
    assert counted_units(one, NOW) == counted_units(other, NOW)


def test_more_verdicts_on_one_case_change_its_score_and_not_the_number_of_units() -> None:
    plan = ReviewPlan(order_seed=7, max_units=10, votes_per_unit=3)
    evidence = make_evidence(cases=10, plan=plan, verdicts=False)
    pair = pair_of(evidence, 0)
    votes = (Outcome.CANDIDATE, Outcome.TIE, Outcome.BASELINE, Outcome.CANDIDATE)
    events = tuple(
        verdict(pair, name, vote, i) for i, (name, vote) in enumerate(zip(REVIEWERS, votes, strict=False))
    )
    assert states(replace(evidence, verdicts=events[:2]))[0] is UnitState.OPEN
    (unit,) = closed_prefix(units(replace(evidence, verdicts=events), NOW))
    assert unit.score == pytest.approx(0.5)


def test_an_open_unit_can_be_taken_back() -> None:
    plan = ReviewPlan(order_seed=7, max_units=10, votes_per_unit=2)
    evidence = make_evidence(cases=10, plan=plan, verdicts=False)
    first = verdict(pair_of(evidence, 0), "ada", Outcome.CANDIDATE, 1)
    assert units(replace(evidence, verdicts=(first, undo(first))), NOW)[0].votes == ()


def test_seeds_of_one_case_are_one_unit() -> None:
    evidence = make_evidence(cases=10, seeds=(1, 2, 3), verdicts=False)
    assert len(units(evidence, NOW)) == 10
    event = verdict(pair_of(evidence, 4, seed=2), "ada", Outcome.TIE, 1)
    assert units(replace(evidence, verdicts=(event,)), NOW)[4].score == 0.5


def test_a_unit_counts_only_when_all_before_it_are_closed() -> None:
    later = tuple(verdict(pair_of(TEN, place), "ada", Outcome.CANDIDATE, place) for place in (1, 2, 5))
    evidence = replace(TEN, verdicts=later)
    assert closed_prefix(units(evidence, NOW)) == []
    first = verdict(pair_of(TEN, 0), "bob", Outcome.TIE, 9)
    assert len(closed_prefix(units(replace(evidence, verdicts=(*later, first)), NOW))) == 3


def test_what_cannot_be_judged_stays_open() -> None:
    cannot = verdict(pair_of(TEN, 0), "ada", Outcome.CANT_JUDGE, 1)
    assert states(replace(TEN, verdicts=(cannot,)))[0] is UnitState.OPEN


@pytest.mark.parametrize("purpose", set(Purpose) - {Purpose.EVIDENCE})
def test_hidden_controls_never_count(purpose: Purpose) -> None:
    hidden = verdict(pair_of(TEN, 0), "ada", Outcome.CANDIDATE, 1, purpose=purpose)
    assert states(replace(TEN, verdicts=(hidden,)))[0] is UnitState.OPEN


def test_units_expire_by_a_clock_and_late_verdicts_do_not_count() -> None:
    end = deadline(TEN.run)
    late = verdict(pair_of(TEN, 0), "ada", Outcome.CANDIDATE, 1, created_at=end)
    evidence = replace(TEN, verdicts=(late,))
    before, after = units(evidence, end - timedelta(seconds=1)), units(evidence, end)
    assert {unit.state for unit in before} == {UnitState.OPEN}
    assert {unit.state for unit in after} == {UnitState.EXPIRED}
    assert math.isnan(after[0].score)
    assert (is_over(evidence, end - timedelta(seconds=1)), is_over(evidence, end)) == (False, True)


def test_a_case_that_cannot_be_shown_is_missing_and_blocks_nobody() -> None:
    evidence = make_evidence(cases=10, failing={Arm.CANDIDATE: range(10)}, verdicts=False)
    assert set(states(evidence)) == {UnitState.EXPIRED}


def test_only_the_planned_units_are_asked() -> None:
    plan = ReviewPlan(order_seed=7, max_units=4)
    evidence = make_evidence(cases=10, plan=plan)
    assert len(units(evidence, NOW)) == 4
    assert is_over(evidence, NOW)


def test_the_plan_becomes_the_test_it_stands_for() -> None:
    better = preference_plan(ReviewPlan(max_units=400, margin=0.075), 300, alpha_reject=0.2)
    assert (better.planned_units, better.null_score, better.hoped_score) == (300, 0.5, 0.575)
    assert better.alpha_reject == 0.2
    same = preference_plan(ReviewPlan(mode="non_inferiority", margin=0.075), 500)
    assert (same.planned_units, same.null_score, same.hoped_score) == (400, 0.425, 0.5)


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="expected superiority or non_inferiority"):
        preference_plan(ReviewPlan(mode="better"), 10)
    with pytest.raises(InvalidEvidence, match="at least 1 unit"):
        preference_plan(ReviewPlan(), 0)


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
    plan = ReviewPlan(order_seed=3, max_units=60, overlap_share=0.0, control_share=1.0)
    evidence = judged(make_evidence(cases=60, plan=plan, verdicts=False), [Outcome.CANDIDATE] * 60, ["ada"])
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


def test_verdicts_that_were_taken_back_do_not_stand() -> None:
    first, second = (verdict(pair_of(TEN, place), "ada", Outcome.TIE, place) for place in (0, 1))
    assert standing([first, second, undo(first)]) == [second]


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
