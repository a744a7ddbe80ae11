"""What a reviewer can be asked in one run, read from the rows of the queue: the SQL half of the rules.

:func:`core.review.next_pair.upcoming` decides what comes next; here it finds what it chooses from. Nothing is
read that is not asked for, because a page fetches two dozen tasks in a few milliseconds, however many
verdicts there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from core.records import Arm, Purpose, ReviewPlan, RolloutEvent, Run, UnitState, VerdictAction
from core.review.next_pair import Choices, Task, repeatable, seeds_away, swapped_side
from core.review.queue import terms_of
from db import tables
from db.decisions import start_of
from db.filters import judged_by, ready_pairs
from db.gold import gold_pairs
from db.handouts import held_by_others
from db.names_shown import knows_names
from db.rows import batches, first_as

_PAIRS, _VERDICTS, _SKIPS = tables.pairs, tables.verdicts, tables.skips
_UNITS, _STANDING, _DESKS = tables.review_units, tables.standing_verdicts, tables.reviewer_desks
_MINE = _STANDING.alias("mine")

HELD_FOR = timedelta(minutes=10)
"""So long a pair that was handed out is left to its reviewer before others are asked as well."""


class ReviewerQueue:
    """One reviewer (by key) in one run at one moment, as :class:`core.review.next_pair.Desk` asks it."""

    def __init__(self, connection: Connection, run: Run, person: str, now: datetime) -> None:
        self._connection, self._run, self._person, self._now = connection, run, person, now
        start = first_as(connection, RolloutEvent, start_of(run.id))
        self._countable = _countable(run.plan, start)

    def turns(self) -> int:
        """See :class:`core.review.next_pair.Desk`."""
        desks = select(_DESKS).where(_DESKS.c.reviewer == self._person)
        return sum(
            desk.turns if desk.run_id == self._run.id else desk.gold
            for desk in self._connection.execute(desks)
        )

    def open_units(self, limit: int) -> list[Task]:
        """See :class:`core.review.next_pair.Desk`; none after the deadline."""
        if self._now >= terms_of(self._run).deadline:
            return []
        held = set(self._connection.scalars(held_by_others(self._run.id, self._person, self._now - HELD_FOR)))
        seeds = len(self._run.seeds)
        open_pairs = (
            select(_UNITS.c.case_digest, _UNITS.c.place, _UNITS.c.votes, _PAIRS.c.id, _PAIRS.c.review_rank)
            .join(_PAIRS, _at_its_place(seeds))
            .where(
                _UNITS.c.run_id == self._run.id,
                _UNITS.c.state == UnitState.OPEN,
                _UNITS.c.case_digest.not_in(held),
                self._countable,
                *self._left_to_ask(),
            )
            .order_by(_UNITS.c.place, _PAIRS.c.review_rank)
            .limit(limit * seeds)
        )
        units = groupby(self._connection.execute(open_pairs), key=lambda row: row.case_digest)
        return [_turn_of(list(rows), seeds) for _, rows in units][:limit]

    def second_opinions(self, limit: int) -> list[Task]:
        """See :class:`core.review.next_pair.Desk`."""
        counts_late = exists().where(
            _MINE.c.pair_id == _PAIRS.c.id, _MINE.c.reviewer == self._person, _MINE.c.taken_back
        )
        wanted = (
            select(_PAIRS.c.id)
            .select_from(_STANDING)
            .join(_PAIRS, _PAIRS.c.id == _STANDING.c.pair_id)
            .join(_UNITS, _of_unit())
            .where(
                _STANDING.c.run_id == self._run.id,
                _STANDING.c.wants_second.is_(True),
                _STANDING.c.reviewer != self._person,
                self._countable,
                ~counts_late,
                *self._left_to_ask(),
            )
            .order_by(_STANDING.c.place, _PAIRS.c.review_rank)
            .limit(limit * self._run.plan.votes_per_unit)
        )
        pair_ids = dict.fromkeys(self._connection.scalars(wanted))  # one pair may hold several votes
        return [Task(pair_id, Purpose.OVERLAP) for pair_id in pair_ids][:limit]

    def controls(self) -> Sequence[Choices]:
        """See :class:`core.review.next_pair.Desk`."""
        return [self._gold(), self._repeats(), self._equals()]

    def _gold(self) -> Choices:
        known = self._ready(gold_pairs(self._connection))
        left = sorted(known - set(self._connection.scalars(self._had(Purpose.GOLD)))) if known else []
        return Choices(Purpose.GOLD, len(left), lambda number: Task(left[number], Purpose.GOLD))

    def _repeats(self) -> Choices:
        judged = select(_DESKS.c.judged).filter_by(run_id=self._run.id, reviewer=self._person)
        mine = select(_VERDICTS).filter_by(run_id=self._run.id, person=self._person)

        def task(number: int) -> Task:
            first = self._connection.execute(mine.filter_by(nth=number + 1)).one()
            side: Arm = first.side_a
            return Task(first.pair_id, Purpose.REPEAT, side.other)

        had = self._had(Purpose.REPEAT).subquery()
        numbers = select(_VERDICTS.c.run_id, _VERDICTS.c.nth).where(  # by pair: the run would mean a scan
            _VERDICTS.c.person == self._person, _VERDICTS.c.nth.is_not(None)
        )
        rows = self._connection.execute(numbers.join(had, had.c.pair_id == _VERDICTS.c.pair_id))
        taken = [row.nth - 1 for row in rows if row.run_id == self._run.id]
        unready = select(_PAIRS.c.id).where(_PAIRS.c.run_id == self._run.id, _PAIRS.c.ready.is_(False))
        cannot_be_shown = numbers.with_only_columns(_VERDICTS.c.nth).where(_VERDICTS.c.pair_id.in_(unready))
        taken += [nth - 1 for nth in self._connection.scalars(cannot_be_shown)]
        count = repeatable(self._connection.scalar(judged) or 0)
        return Choices(Purpose.REPEAT, count, task, taken)

    def _equals(self) -> Choices:
        """Numbered by rank, so that one is a seek: ranks of pairs that cannot be shown count as taken."""
        ranks = select(_PAIRS.c.review_rank).where(_PAIRS.c.run_id == self._run.id)
        highest = ranks.where(_PAIRS.c.ready.is_(True)).with_only_columns(func.max(_PAIRS.c.review_rank))
        last = self._connection.scalar(highest)
        count = 0 if last is None else last + 1
        had = self._had(Purpose.SAME).subquery()
        taken = [
            *self._connection.scalars(ranks.join(had, had.c.pair_id == _PAIRS.c.id)),
            *self._connection.scalars(ranks.where(_PAIRS.c.ready.is_(False))),
        ]

        def task(number: int) -> Task:
            pair = ready_pairs(self._run.id, _PAIRS.c.id).where(_PAIRS.c.review_rank == number)
            return Task(self._connection.execute(pair).scalar_one(), Purpose.SAME)

        return Choices(Purpose.SAME, count, task, taken)

    def _ready(self, pair_ids: Collection[str]) -> set[str]:
        """Those of some pairs, of whatever run, that can be shown."""
        ready = select(_PAIRS.c.id).where(_PAIRS.c.ready.is_(True))
        parts = (self._connection.scalars(ready.where(_PAIRS.c.id.in_(some))) for some in batches(pair_ids))
        return {pair_id for part in parts for pair_id in part}

    def _had(self, purpose: Purpose) -> Select[Any]:
        """Pairs that came to the reviewer as this control, taken back or not, and those that were put off."""
        cast = select(_VERDICTS.c.pair_id).where(
            _VERDICTS.c.person == self._person,
            _VERDICTS.c.purpose == purpose,
            _VERDICTS.c.action == VerdictAction.CAST,
        )
        put_off = select(_SKIPS.c.pair_id).where(_SKIPS.c.reviewer == self._person)
        return select(cast.union(put_off).subquery().c.pair_id)

    def _left_to_ask(self) -> tuple[ColumnElement[bool], ...]:
        """Of the pair: to be shown, and neither judged, named to the reviewer nor put off."""
        put_off = exists().where(_SKIPS.c.pair_id == _PAIRS.c.id, _SKIPS.c.reviewer == self._person)
        ready: ColumnElement[bool] = _PAIRS.c.ready.is_(True)
        return ready, ~judged_by(self._person), ~knows_names(self._person), ~put_off


def _countable(plan: ReviewPlan, start: RolloutEvent | None) -> ColumnElement[bool]:
    """Of the unit: planned, and not judged before the rollout was started, if it was."""
    planned: ColumnElement[bool] = _UNITS.c.place < plan.max_units
    if start is None:
        return planned
    first = _UNITS.c.first_judged_ordinal
    unjudged = first.is_(None)
    return planned & (unjudged if start.last_verdict is None else or_(unjudged, first > start.last_verdict))


def _of_unit() -> ColumnElement[bool]:
    """Joins a unit with its pairs."""
    return (_PAIRS.c.run_id == _UNITS.c.run_id) & (_PAIRS.c.case_digest == _UNITS.c.case_digest)


def _at_its_place(seeds: int) -> ColumnElement[bool]:
    """Joins a unit with its pairs, which stand in the order of review one after the other."""
    first = _UNITS.c.place * seeds
    return (
        (_PAIRS.c.run_id == _UNITS.c.run_id)
        & (_PAIRS.c.review_rank >= first)
        & (_PAIRS.c.review_rank < first + seeds)
    )


def _turn_of(rows: Sequence[Any], seeds: int) -> Task:
    """The pair of one unit whose seed comes next, and the side that evens out its votes."""
    votes, first_rank = rows[0].votes, rows[0].place * seeds
    nearest = min(
        rows, key=lambda row: seeds_away(row.review_rank - first_rank, votes=len(votes), seeds=seeds)
    )
    return Task(nearest.id, side_a=swapped_side(vote.side_a for vote in votes))
