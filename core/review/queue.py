"""The review queue as a fold over events: one function a kind of event, and nothing else changes its rows.

The database keeps the rows of this fold (:mod:`core.records.progress`) beside the events. With each event it
loads the few rows that are concerned into a :class:`ReviewQueue`, lets the same function change them, and
writes them back in the same transaction; a queue that takes all events in comes to the same rows. What
depends on the clock is kept as a moment and compared when it is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core.access.person import person_key
from core.records import (
    CountedVote,
    PairReview,
    ReviewerDesk,
    ReviewUnit,
    Run,
    StandingVerdict,
    UnitState,
    VerdictAction,
    VerdictEvent,
)
from core.records.reviews import JUDGED


class Terms(NamedTuple):
    """What a run's plan says of its units."""

    votes_per_unit: int
    deadline: datetime


def terms_of(run: Run) -> Terms:
    """When a unit of the run closes, and when it expires: so many days after the run was asked for."""
    return Terms(run.plan.votes_per_unit, run.created_at + timedelta(days=run.plan.deadline_days))


class ReviewQueue:
    """The rows of some units, pairs and reviewers, and how events change them."""

    def __init__(self, terms: Mapping[str, Terms]) -> None:
        self.terms = terms
        """By run."""
        self.units: dict[tuple[str, str], ReviewUnit] = {}
        """By run and case."""
        self.pairs: dict[str, PairReview] = {}
        """By pair."""
        self.desks: dict[tuple[str, str], ReviewerDesk] = {}
        """By run and reviewer."""
        self.named: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        """Since when a reviewer knows which model drew a picture of a pair: by pair, then by reviewer."""
        self.standing: dict[str, StandingVerdict] = {}
        """By the verdict's uuid."""
        self._on_pair: defaultdict[str, set[str]] = defaultdict(set)
        """The uuids of the verdicts that stand on a pair."""

    def add_unit(self, unit: ReviewUnit, pair_ids: Iterable[str]) -> None:
        """Take in a case that was asked for, with its pairs."""
        self.units[unit.run_id, unit.case_digest] = unit
        for pair_id in pair_ids:
            self.pairs[pair_id] = PairReview(
                pair_id=pair_id, run_id=unit.run_id, case_digest=unit.case_digest
            )

    def put(self, row: StandingVerdict) -> None:
        """Keep a standing verdict as it is."""
        self.standing[row.uuid] = row
        self._on_pair[row.pair_id].add(row.uuid)

    def on_pair(self, pair_id: str) -> list[StandingVerdict]:
        """The verdicts that stand on a pair."""
        return [self.standing[uuid] for uuid in self._on_pair[pair_id]]

    def drawn(self, pair_id: str, *, ready: bool) -> None:
        """Take in that a pair can be shown, or no longer: drawn on both arms, and neither picture missing."""
        pair = self.pairs[pair_id]
        if pair.ready == ready:
            return
        self.pairs[pair_id] = replace(pair, ready=ready)
        unit, change = self._unit_of(pair), 1 if ready else -1
        self._settle(replace(unit, ready_pairs=unit.ready_pairs + change))
        for person in self.named[pair_id]:
            if not self._judged(pair_id, person):
                self._count_named(pair, person, change)

    def name(self, pair_id: str, person: str, at: datetime) -> None:
        """Take in that a picture of the pair was named to a reviewer; the earliest showing is kept."""
        pair, known = self.pairs[pair_id], self.named[pair_id].get(person)
        self.named[pair_id][person] = at if known is None else min(at, known)
        if known is None and pair.ready and not self._judged(pair_id, person):
            self._count_named(pair, person, 1)

    def take(self, event: VerdictEvent, ordinal: int) -> VerdictEvent | None:
        """Take in a verdict or an undo, stored under this ordinal; gives the event as it is to be stored.

        A judgement of a unit that is closed already becomes a second opinion. None, with nothing changed,
        when a verdict of this reviewer for the same use stands on the pair, or when the one to take back does
        not.
        """
        return self._take_back(event) if event.action is VerdictAction.UNDO else self._cast(event, ordinal)

    def _cast(self, event: VerdictEvent, ordinal: int) -> VerdictEvent | None:
        pair, person = self.pairs[event.pair_id], person_key(event.reviewer)
        mine = [row for row in self.on_pair(pair.pair_id) if row.reviewer == person]
        if event.outcome is None or any(row.slot == event.purpose.slot for row in mine):
            return None
        unit, terms = self._unit_of(pair), self.terms[pair.run_id]
        outcome = event.outcome
        event = replace(event, purpose=event.purpose.given(closed=self._is_closed(unit)))
        row = StandingVerdict(
            pair_id=pair.pair_id,
            reviewer=person,
            slot=event.purpose.slot,
            uuid=event.uuid,
            run_id=pair.run_id,
            case_digest=pair.case_digest,
            place=unit.place,
            purpose=event.purpose,
            outcome=outcome,
            counts=event.purpose.counts and outcome.is_vote and event.created_at < terms.deadline,
        )
        self.put(row)
        if event.purpose.is_for_agreement:
            self.pairs[pair.pair_id] = replace(pair, overlapped=True)
        self._settle(_with_vote(unit, event, row, ordinal))
        self._look_for_dispute(pair.pair_id)
        self._count_cast(event, row)
        return event

    def _take_back(self, event: VerdictEvent) -> VerdictEvent | None:
        row = self.standing.get(event.undoes or "")
        mine = (event.pair_id, person_key(event.reviewer))
        if row is None or row.taken_back or (row.pair_id, row.reviewer) != mine:
            return None
        unit = self.units[row.run_id, row.case_digest]
        if row.counts and self._is_too_late(event, row, unit):
            self.put(replace(row, slot=row.uuid, taken_back=True))
        else:
            del self.standing[row.uuid]
            self._on_pair[row.pair_id].discard(row.uuid)
            self._settle(replace(unit, votes=tuple(one for one in unit.votes if one.uuid != row.uuid)))
        if row.slot == JUDGED:
            self._count_standing(row, -1)
        self._look_for_dispute(row.pair_id)
        return event

    def _is_too_late(self, undo: VerdictEvent, row: StandingVerdict, unit: ReviewUnit) -> bool:
        """A vote that closed its unit can be taken back until its reviewer's next verdict in the run."""
        went_on = self._desk(row.run_id, row.reviewer).last_cast != row.uuid
        over = undo.created_at >= self.terms[row.run_id].deadline
        return over or (self._is_closed(unit) and went_on)

    def _is_closed(self, unit: ReviewUnit) -> bool:
        return len(unit.votes) >= self.terms[unit.run_id].votes_per_unit

    def _settle(self, unit: ReviewUnit) -> None:
        """Keep a unit with the state that follows from its votes, and which of them want a second opinion."""
        closed = self._is_closed(unit)
        drawn = UnitState.OPEN if unit.ready_pairs else UnitState.WAITING
        state = UnitState.CLOSED if closed else drawn
        self.units[unit.run_id, unit.case_digest] = replace(unit, state=state)
        for vote in unit.votes:
            wants = closed and not self.pairs[vote.pair_id].overlapped
            if self.standing[vote.uuid].wants_second != wants:
                self.standing[vote.uuid] = replace(self.standing[vote.uuid], wants_second=wants)

    def _look_for_dispute(self, pair_id: str) -> None:
        outcomes = {row.outcome for row in self.on_pair(pair_id) if row.slot == JUDGED}
        pair = self.pairs[pair_id]
        if pair.disputed != (len(outcomes) > 1):
            self.pairs[pair_id] = replace(pair, disputed=not pair.disputed)

    def _count_cast(self, event: VerdictEvent, row: StandingVerdict) -> None:
        desk = self._desk(row.run_id, row.reviewer)
        self.desks[row.run_id, row.reviewer] = replace(
            desk,
            turns=desk.turns + 1,
            gold=desk.gold + event.purpose.has_known_answer,
            judged=desk.judged + may_come_back(event),
            last_cast=event.uuid,
        )
        if row.slot == JUDGED:
            self._count_standing(row, 1)

    def _count_standing(self, row: StandingVerdict, change: int) -> None:
        """A judgement began or ceased to stand: a pair whose name is known is judged, or else only named."""
        desk, pair = self._desk(row.run_id, row.reviewer), self.pairs[row.pair_id]
        self.desks[row.run_id, row.reviewer] = replace(desk, standing=desk.standing + change)
        if pair.ready and row.reviewer in self.named[row.pair_id]:
            self._count_named(pair, row.reviewer, -change)

    def _count_named(self, pair: PairReview, person: str, change: int) -> None:
        desk = self._desk(pair.run_id, person)
        self.desks[pair.run_id, person] = replace(desk, named=desk.named + change)

    def _judged(self, pair_id: str, person: str) -> bool:
        return any(row.reviewer == person and row.slot == JUDGED for row in self.on_pair(pair_id))

    def _unit_of(self, pair: PairReview) -> ReviewUnit:
        return self.units[pair.run_id, pair.case_digest]

    def _desk(self, run_id: str, person: str) -> ReviewerDesk:
        return self.desks.get((run_id, person)) or ReviewerDesk(run_id=run_id, reviewer=person)


def may_come_back(event: VerdictEvent) -> bool:
    """Whether a verdict is one that a hidden repeat with swapped sides may bring back."""
    return event.action is VerdictAction.CAST and event.purpose.counts and event.side_a is not None


def _with_vote(unit: ReviewUnit, event: VerdictEvent, row: StandingVerdict, ordinal: int) -> ReviewUnit:
    """The unit after a verdict on one of its pairs, stored under this ordinal."""
    if row.counts:
        vote = CountedVote(uuid=row.uuid, pair_id=row.pair_id, reviewer=row.reviewer, side_a=event.side_a)
        unit = replace(unit, votes=(*unit.votes, vote))
    if event.purpose.shows_one_picture_twice:
        return unit
    at, first = unit.first_judged_at, unit.first_judged_ordinal
    return replace(
        unit,
        first_judged_at=event.created_at if at is None else min(at, event.created_at),
        first_judged_ordinal=ordinal if first is None else min(first, ordinal),
    )
