"""Which verdicts become evidence: frozen order, first K, prefix, clock."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidEvidence, InvalidRequest
from core.records import (
    Arm,
    Evidence,
    Outcome,
    Purpose,
    ReviewPlan,
    UnitState,
    VerdictAction,
    VerdictEvent,
)
from core.review.units import (
    closed_prefix,
    countable_cases,
    counted_units,
    deadline,
    is_over,
    judged_too_early,
    planned_cases,
    preference_plan,
    review_order,
    standing,
    units,
)
from tests.evidence import NOW, REVIEWERS, make_evidence, pair_of, verdict
from tests.review_queue import next_task

TEN = make_evidence(cases=10, verdicts=False)


def states(evidence: Evidence) -> list[UnitState]:
    """The state of every unit, in the order of review."""
    return [unit.state for unit in units(evidence, NOW)]


def undo(event: VerdictEvent) -> VerdictEvent:
    """The event that takes a verdict back."""
    return replace(
        event, uuid=f"undo_{event.uuid}", action=VerdictAction.UNDO, outcome=None, undoes=event.uuid
    )


@given(st.lists(st.text(min_size=1), unique=True, min_size=1), st.integers(), st.randoms())
def test_the_order_of_review_depends_on_the_seed_alone(cases: list[str], seed: int, random: Random) -> None:
    shuffled = random.sample(cases, len(cases))
    assert review_order(cases, seed) == review_order(shuffled, seed)
    assert sorted(review_order(cases, seed)) == sorted(cases)


def test_another_seed_is_another_order() -> None:
    cases = [str(number) for number in range(50)]
    assert review_order(cases, 1) != review_order(cases, 2) != cases


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
    start = replace(TEN.start, last_verdict=2)
    evidence = replace(TEN, start=start, verdicts=(early, equals, again, counted))
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
    start = replace(TEN.start, last_verdict=at)
    events = [
        verdict(pair_of(TEN, place), who, what, minute) for minute, (place, who, what) in enumerate(said)
    ]
    turned = [
        replace(event, outcome=Outcome.BASELINE) if ordinal <= at else event
        for ordinal, event in enumerate(events, start=1)
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


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.EVIDENCE}))
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


def test_verdicts_that_were_taken_back_do_not_stand() -> None:
    first, second = (verdict(pair_of(TEN, place), "ada", Outcome.TIE, place) for place in (0, 1))
    assert standing([first, second, undo(first)]) == [second]
