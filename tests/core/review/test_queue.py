"""The queue's rows after each event: who disagrees, who is asked again, and what was counted.

Long: one test for each thing that an event can change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import DecisionRefused
from core.records import (
    Arm,
    Outcome,
    Purpose,
    ReviewPlan,
    ReviewUnit,
    UnitState,
    VerdictAction,
    VerdictEvent,
)
from core.review.bulk import CAP, refuse_other_number
from core.review.next_pair import draw_side
from core.review.queue import ReviewQueue, Terms, may_come_back, terms_of
from tests.evidence import make_evidence

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
RUN, CASE = "run", "case"


@pytest.fixture
def queue() -> ReviewQueue:
    """One case with two drawn pairs, closed by one verdict."""
    queue = ReviewQueue({RUN: Terms(votes_per_unit=1, deadline=NOW + timedelta(days=7))})
    queue.add_unit(ReviewUnit(run_id=RUN, case_digest=CASE, place=0), ["first", "second"])
    for pair in ("first", "second"):
        queue.drawn(pair, ready=True)
    return queue


class Desk:
    """Reviewers who judge, each event with a number of its own."""

    def __init__(self, queue: ReviewQueue) -> None:
        self.queue, self.ordinal = queue, 0

    def cast(
        self, who: str, outcome: Outcome, *, pair: str = "first", purpose: Purpose = Purpose.EVIDENCE
    ) -> VerdictEvent | None:
        return self._take(VerdictAction.CAST, who, pair=pair, purpose=purpose, outcome=outcome)

    def undo(self, event: VerdictEvent | None) -> VerdictEvent | None:
        assert event is not None
        return self._take(
            VerdictAction.UNDO,
            event.reviewer,
            pair=event.pair_id,
            purpose=event.purpose,
            outcome=None,
            undoes=event.uuid,
        )

    def _take(
        self,
        action: VerdictAction,
        who: str,
        *,
        pair: str,
        purpose: Purpose,
        outcome: Outcome | None,
        undoes: str | None = None,
    ) -> VerdictEvent | None:
        self.ordinal += 1
        event = VerdictEvent(
            uuid=f"event-{self.ordinal}",
            pair_id=pair,
            reviewer=who,
            action=action,
            purpose=purpose,
            outcome=outcome,
            side_a=Arm.BASELINE,
            undoes=undoes,
            created_at=NOW + timedelta(minutes=self.ordinal),
        )
        return self.queue.take(event, self.ordinal)


@pytest.fixture
def desk(queue: ReviewQueue) -> Desk:
    return Desk(queue)


def test_a_pair_is_disputed_while_two_judgements_that_stand_on_it_differ(desk: Desk) -> None:
    desk.cast("ana", Outcome.CANDIDATE)
    assert not desk.queue.pairs["first"].disputed
    desk.cast("ben", Outcome.CANDIDATE)
    assert not desk.queue.pairs["first"].disputed
    other = desk.cast("cleo", Outcome.BASELINE)
    assert desk.queue.pairs["first"].disputed
    assert not desk.queue.pairs["second"].disputed
    desk.undo(other)
    assert not desk.queue.pairs["first"].disputed


def test_a_hidden_control_disputes_nothing_and_is_no_standing_judgement(desk: Desk) -> None:
    desk.cast("ana", Outcome.CANDIDATE)
    desk.cast("ana", Outcome.BASELINE, purpose=Purpose.REPEAT)
    row = desk.queue.desks[RUN, "ana"]
    assert (row.turns, row.standing) == (2, 1)
    assert not desk.queue.pairs["first"].disputed


def test_a_closed_unit_wants_a_second_opinion_until_there_is_one(desk: Desk) -> None:
    first = desk.cast("ana", Outcome.CANDIDATE)
    assert first is not None
    assert desk.queue.units[RUN, CASE].state is UnitState.CLOSED
    assert desk.queue.standing[first.uuid].wants_second
    second = desk.cast("ben", Outcome.TIE)
    assert second is not None
    assert second.purpose is Purpose.OVERLAP
    assert not desk.queue.standing[first.uuid].wants_second


def test_judgements_that_stand_are_counted_and_no_longer_when_taken_back(desk: Desk) -> None:
    first = desk.cast("ana", Outcome.CANDIDATE)
    assert desk.queue.desks[RUN, "ana"].standing == 1
    desk.undo(first)
    row = desk.queue.desks[RUN, "ana"]
    assert (row.turns, row.standing) == (1, 0)


def test_a_pair_whose_name_is_known_counts_as_named_until_it_is_judged(desk: Desk) -> None:
    desk.queue.name("first", "ana", NOW)
    assert desk.queue.desks[RUN, "ana"].named == 1
    first = desk.cast("ana", Outcome.CANDIDATE)
    assert desk.queue.desks[RUN, "ana"].named == 0
    desk.undo(first)
    assert desk.queue.desks[RUN, "ana"].named == 1


def test_a_unit_waits_until_a_pair_of_it_can_be_shown_and_again_when_none_can() -> None:
    queue = ReviewQueue({RUN: Terms(votes_per_unit=1, deadline=NOW)})
    queue.add_unit(ReviewUnit(run_id=RUN, case_digest=CASE, place=0), ["first", "second"])
    seen = []
    for pair, ready in (
        ("first", False),
        ("first", True),
        ("first", True),
        ("second", True),
        ("first", False),
    ):
        queue.drawn(pair, ready=ready)
        seen.append((queue.units[RUN, CASE].ready_pairs, queue.units[RUN, CASE].state))
    assert seen == [
        (0, UnitState.WAITING),
        (1, UnitState.OPEN),
        (1, UnitState.OPEN),
        (2, UnitState.OPEN),
        (1, UnitState.OPEN),
    ]
    assert (queue.pairs["first"].ready, queue.pairs["second"].ready) == (False, True)
    queue.drawn("second", ready=False)
    assert queue.units[RUN, CASE].state is UnitState.WAITING


def test_a_name_counts_while_its_pair_can_be_shown_and_is_not_judged(desk: Desk) -> None:
    def named() -> int:
        return desk.queue.desks[RUN, "ana"].named

    desk.queue.name("first", "ana", NOW)
    desk.queue.name("first", "ana", NOW)
    assert named() == 1
    desk.queue.drawn("first", ready=False)
    assert named() == 0
    desk.queue.drawn("first", ready=True)
    assert named() == 1
    desk.cast("ana", Outcome.TIE)
    desk.queue.drawn("first", ready=False)
    desk.queue.drawn("first", ready=True)
    assert named() == 0
    desk.queue.name("second", "ana", NOW)
    assert named() == 1


def test_a_name_of_a_pair_that_cannot_be_shown_or_is_judged_counts_for_nothing(desk: Desk) -> None:
    desk.queue.drawn("second", ready=False)
    desk.queue.name("second", "ana", NOW)
    desk.cast("ben", Outcome.TIE)
    desk.queue.name("first", "ben", NOW)
    assert (RUN, "ana") not in desk.queue.desks
    assert desk.queue.desks[RUN, "ben"].named == 0


def test_the_earliest_showing_of_a_name_is_kept(desk: Desk) -> None:
    for minutes in (5, 3, 9):
        desk.queue.name("first", "ana", NOW + timedelta(minutes=minutes))
    assert desk.queue.named["first"] == {"ana": NOW + timedelta(minutes=3)}


def test_a_second_judgement_of_one_reviewer_on_a_pair_changes_nothing_and_another_pair_does(
    desk: Desk,
) -> None:
    desk.cast("ana", Outcome.CANDIDATE)
    before = (dict(desk.queue.standing), dict(desk.queue.desks), dict(desk.queue.units))
    assert desk.cast("ana", Outcome.BASELINE) is None
    assert (desk.queue.standing, desk.queue.desks, desk.queue.units) == before
    assert desk.cast("Ana", Outcome.BASELINE) is None, "another spelling is no other person"
    assert desk.cast("ana", Outcome.TIE, pair="second") is not None
    assert [row.uuid for row in desk.queue.on_pair("first")] == ["event-1"]


def test_each_kind_of_control_has_a_place_of_its_own_on_a_pair(desk: Desk) -> None:
    for purpose in (Purpose.REPEAT, Purpose.SAME, Purpose.GOLD, Purpose.EVIDENCE):
        assert desk.cast("ana", Outcome.TIE, purpose=purpose) is not None
        assert desk.cast("ana", Outcome.TIE, purpose=purpose) is None
    row = desk.queue.desks[RUN, "ana"]
    assert (row.turns, row.gold, row.judged, row.standing, row.last_cast) == (4, 1, 1, 1, "event-7")


@pytest.mark.parametrize(
    ("purpose", "action", "side_a", "may"),
    [
        (Purpose.EVIDENCE, VerdictAction.CAST, Arm.BASELINE, True),
        (Purpose.EVIDENCE, VerdictAction.CAST, None, False),
        (Purpose.EVIDENCE, VerdictAction.UNDO, Arm.BASELINE, False),
        (Purpose.OVERLAP, VerdictAction.CAST, Arm.BASELINE, False),
        (Purpose.GOLD, VerdictAction.CAST, Arm.BASELINE, False),
    ],
)
def test_a_first_judgement_whose_sides_were_shown_may_come_back(
    purpose: Purpose, action: VerdictAction, side_a: Arm | None, may: bool
) -> None:
    event = VerdictEvent(
        uuid="v", action=action, pair_id="p", reviewer="ana", outcome=Outcome.TIE, purpose=purpose,
        side_a=side_a, created_at=NOW,
    )  # fmt: skip
    assert may_come_back(event) is may


def test_a_verdict_is_stored_with_what_it_counts_for(desk: Desk) -> None:
    desk.cast("ana", Outcome.CANT_JUDGE)
    desk.cast("ben", Outcome.CANDIDATE)
    desk.cast("cleo", Outcome.BASELINE)
    rows = [desk.queue.standing[f"event-{number}"] for number in (1, 2, 3)]
    assert [(row.counts, row.purpose, row.wants_second) for row in rows] == [
        (False, Purpose.EVIDENCE, False),
        (True, Purpose.EVIDENCE, False),
        (False, Purpose.OVERLAP, False),
    ]
    assert {(row.run_id, row.case_digest, row.place, row.slot) for row in rows} == {(RUN, CASE, 0, "judged")}
    (vote,) = desk.queue.units[RUN, CASE].votes
    assert (vote.uuid, vote.pair_id, vote.reviewer, vote.side_a) == ("event-2", "first", "ben", Arm.BASELINE)
    assert desk.queue.pairs["first"].overlapped


def test_a_verdict_counts_before_the_deadline_and_not_at_it() -> None:
    for minutes, counts in ((2, True), (1, False)):
        queue = ReviewQueue({RUN: Terms(votes_per_unit=1, deadline=NOW + timedelta(minutes=minutes))})
        queue.add_unit(ReviewUnit(run_id=RUN, case_digest=CASE, place=0), ["first"])
        queue.drawn("first", ready=True)
        Desk(queue).cast("ana", Outcome.TIE)  # a minute after NOW
        assert queue.standing["event-1"].counts is counts
        assert queue.units[RUN, CASE].state is (UnitState.CLOSED if counts else UnitState.OPEN)


def test_a_vote_taken_back_before_anything_else_reopens_its_unit(desk: Desk) -> None:
    assert desk.undo(desk.cast("ana", Outcome.CANDIDATE)) is not None
    unit = desk.queue.units[RUN, CASE]
    assert (unit.votes, unit.state) == ((), UnitState.OPEN)
    assert desk.queue.standing == {}
    assert desk.queue.on_pair("first") == []


def test_a_vote_that_closed_its_unit_goes_on_counting_once_its_reviewer_went_on(desk: Desk) -> None:
    first = desk.cast("ana", Outcome.CANDIDATE)
    desk.cast("ana", Outcome.TIE, purpose=Purpose.SAME)
    assert desk.undo(first) is not None
    row = desk.queue.standing["event-1"]
    assert (row.taken_back, row.slot, row.counts) == (True, "event-1", True)
    assert [vote.uuid for vote in desk.queue.units[RUN, CASE].votes] == ["event-1"]
    assert desk.queue.units[RUN, CASE].state is UnitState.CLOSED
    assert desk.queue.desks[RUN, "ana"].standing == 0
    assert desk.undo(first) is None, "it is taken back once"
    again = desk.cast("ana", Outcome.BASELINE)
    assert again is not None
    assert again.purpose is Purpose.OVERLAP


@pytest.mark.parametrize(("minutes", "gone"), [(3, True), (2, False)])
def test_a_vote_on_an_open_unit_is_taken_back_until_the_deadline(minutes: int, gone: bool) -> None:
    queue = ReviewQueue({RUN: Terms(votes_per_unit=2, deadline=NOW + timedelta(minutes=minutes))})
    queue.add_unit(ReviewUnit(run_id=RUN, case_digest=CASE, place=0), ["first"])
    desk = Desk(queue)
    desk.undo(desk.cast("ana", Outcome.CANDIDATE))  # two minutes after NOW
    assert ("event-1" not in queue.standing) is gone
    assert len(queue.units[RUN, CASE].votes) == (0 if gone else 1)


def test_only_ones_own_verdict_on_the_pair_is_taken_back(desk: Desk) -> None:
    first = desk.cast("ana", Outcome.CANDIDATE)
    assert first is not None
    for other in (
        replace(first, reviewer="ben"),
        replace(first, pair_id="second"),
        replace(first, uuid="event-9"),
    ):
        assert desk.undo(other) is None
    assert "event-1" in desk.queue.standing
    assert desk.undo(replace(first, reviewer="Ana")) is not None


def test_a_control_taken_back_leaves_the_judgements_as_they_were(desk: Desk) -> None:
    desk.cast("ana", Outcome.CANDIDATE)
    desk.undo(desk.cast("ana", Outcome.TIE, purpose=Purpose.REPEAT))
    assert desk.queue.desks[RUN, "ana"].standing == 1
    assert desk.queue.desks[RUN, "ana"].turns == 2


def test_a_unit_knows_its_first_verdict_that_is_no_pair_of_equals(desk: Desk) -> None:
    desk.cast("ana", Outcome.TIE, purpose=Purpose.SAME)
    assert desk.queue.units[RUN, CASE].first_judged_ordinal is None
    desk.cast("ben", Outcome.CANT_JUDGE)
    desk.cast("cleo", Outcome.TIE)
    unit = desk.queue.units[RUN, CASE]
    assert (unit.first_judged_ordinal, unit.first_judged_at) == (2, NOW + timedelta(minutes=2))
    earlier = VerdictEvent(
        uuid="v", action=VerdictAction.CAST, pair_id="second", reviewer="dan", outcome=Outcome.TIE,
        side_a=Arm.BASELINE, created_at=NOW,
    )  # fmt: skip
    desk.queue.take(earlier, 1)
    unit = desk.queue.units[RUN, CASE]
    assert (unit.first_judged_ordinal, unit.first_judged_at) == (1, NOW)


def test_a_unit_closes_with_the_verdicts_of_its_plan_and_expires_so_many_days_after_the_request() -> None:
    run = replace(make_evidence(cases=1).run, plan=ReviewPlan(votes_per_unit=3, deadline_days=9))
    assert terms_of(run) == (3, run.created_at + timedelta(days=9))


def test_of_the_votes_of_a_unit_those_want_a_second_opinion_whose_pair_has_none() -> None:
    queue = ReviewQueue({RUN: Terms(votes_per_unit=2, deadline=NOW + timedelta(days=7))})
    queue.add_unit(ReviewUnit(run_id=RUN, case_digest=CASE, place=0), ["first", "second"])
    desk = Desk(queue)
    desk.cast("ana", Outcome.CANDIDATE)
    assert not queue.standing["event-1"].wants_second, "its unit is open"
    desk.cast("ben", Outcome.CANDIDATE, pair="second")
    assert [queue.standing[uuid].wants_second for uuid in ("event-1", "event-2")] == [True, True]
    desk.cast("cleo", Outcome.CANDIDATE)
    assert [queue.standing[uuid].wants_second for uuid in ("event-1", "event-2")] == [False, True]


@pytest.mark.parametrize(
    ("baseline", "candidate", "chance", "drawn"),
    [
        (3, 3, 0.49, Arm.BASELINE),
        (3, 3, 0.5, Arm.CANDIDATE),
        (2, 3, 0.74, Arm.BASELINE),
        (2, 3, 0.75, Arm.CANDIDATE),
        (3, 2, 0.74, Arm.CANDIDATE),
        (3, 2, 0.75, Arm.BASELINE),
    ],
)
def test_the_side_is_a_fair_coin_and_else_the_rarer_one_three_times_in_four(
    baseline: int, candidate: int, chance: float, drawn: Arm
) -> None:
    assert draw_side(baseline, candidate, chance) is drawn


def test_labels_fall_on_exactly_the_pairs_that_were_confirmed_and_on_no_more_than_can_be_seen() -> None:
    refuse_other_number(CAP, CAP)
    for holds, confirmed in ((3, 4), (4, 3), (CAP + 1, CAP + 1)):
        with pytest.raises(DecisionRefused, match=f"the filter now holds {holds}"):
            refuse_other_number(holds, confirmed)
