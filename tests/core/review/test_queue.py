"""The queue's rows after each event: who disagrees, who is asked again, and what was counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import DecisionRefused
from core.records import Arm, Outcome, Purpose, ReviewUnit, UnitState, VerdictAction, VerdictEvent
from core.review.bulk import CAP, refuse_other_number
from core.review.next_pair import draw_side
from core.review.queue import ReviewQueue, Terms

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
