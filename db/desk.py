"""What a reviewer can be asked in one run, read from the rows of the queue: the SQL half of the rules.

:func:`core.review.next_pair.upcoming` decides what comes next; here it finds what it chooses from. Nothing is
read that is not asked for, because a page fetches two dozen tasks in a few milliseconds, however many
verdicts there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Executable, Integer, bindparam, exists, func, or_, select

from core.records import Arm, Purpose, RolloutEvent, Run, UnitState, VerdictAction
from core.review.next_pair import Choices, Task, repeatable, seeds_away, swapped_side
from core.review.queue import terms_of
from db import tables
from db.decisions import start_of
from db.filters import PERSON, judged_by
from db.gold import gold_pairs
from db.handouts import held_by_others
from db.names_shown import knows_names
from db.rows import batches, first_as

_PAIRS, _VERDICTS, _SKIPS = tables.pairs, tables.verdicts, tables.skips
_UNITS, _STANDING, _DESKS = tables.review_units, tables.standing_verdicts, tables.reviewer_desks
_MINE = _STANDING.alias("mine")

HELD_FOR = timedelta(minutes=10)
"""So long a pair that was handed out is left to its reviewer before others are asked as well."""
_NEVER: Final = 2**62
"""An ordinal that no event reaches."""

# Statements are built once, with places for what differs: to build them for each page took half of its time.
_RUN: BindParameter[str] = bindparam("run")
_PURPOSE: BindParameter[Purpose] = bindparam("purpose")
_MOST: BindParameter[int] = bindparam("most", type_=Integer)
_SEEDS: BindParameter[int] = bindparam("seeds", type_=Integer)

_OF_UNIT = (_PAIRS.c.run_id == _UNITS.c.run_id) & (_PAIRS.c.case_digest == _UNITS.c.case_digest)
"""Joins a unit with its pairs."""
_FIRST_RANK = _UNITS.c.place * _SEEDS
_AT_ITS_PLACE = (
    (_PAIRS.c.run_id == _UNITS.c.run_id)
    & (_PAIRS.c.review_rank >= _FIRST_RANK)
    & (_PAIRS.c.review_rank < _FIRST_RANK + _SEEDS)
)
"""Joins a unit with its pairs, which stand in the order of review one after the other."""
_COUNTABLE = (_UNITS.c.place < bindparam("planned")) & or_(
    _UNITS.c.first_judged_ordinal.is_(None), _UNITS.c.first_judged_ordinal > bindparam("counts_after")
)
"""Of the unit: planned, and not judged before the rollout was started, if it was."""
_LEFT_TO_ASK = (
    _PAIRS.c.ready.is_(True),
    ~judged_by(PERSON),
    ~knows_names(PERSON),
    ~exists().where(_SKIPS.c.pair_id == _PAIRS.c.id, _SKIPS.c.reviewer == PERSON),
)
"""Of the pair: to be shown, and neither judged, named to the reviewer nor put off."""

_DESKS_OF_PERSON = select(_DESKS).where(_DESKS.c.reviewer == PERSON)
_OPEN_PAIRS = (
    select(_UNITS.c.case_digest, _UNITS.c.place, _UNITS.c.votes, _PAIRS.c.id, _PAIRS.c.review_rank)
    .join(_PAIRS, _AT_ITS_PLACE)
    .where(
        _UNITS.c.run_id == _RUN,
        _UNITS.c.state == UnitState.OPEN,
        _UNITS.c.case_digest.not_in(bindparam("held", expanding=True)),
        _COUNTABLE,
        *_LEFT_TO_ASK,
    )
    .order_by(_UNITS.c.place, _PAIRS.c.review_rank)
    .limit(_MOST)
)
_COUNTS_LATE = exists().where(_MINE.c.pair_id == _PAIRS.c.id, _MINE.c.reviewer == PERSON, _MINE.c.taken_back)
_SECOND_OPINIONS = (
    select(_PAIRS.c.id)
    .select_from(_STANDING)
    .join(_PAIRS, _PAIRS.c.id == _STANDING.c.pair_id)
    .join(_UNITS, _OF_UNIT)
    .where(
        _STANDING.c.run_id == _RUN,
        _STANDING.c.wants_second.is_(True),
        _STANDING.c.reviewer != PERSON,
        _COUNTABLE,
        ~_COUNTS_LATE,
        *_LEFT_TO_ASK,
    )
    .order_by(_STANDING.c.place, _PAIRS.c.review_rank)
    .limit(_MOST)
)
_HAD = (
    select(_VERDICTS.c.pair_id)
    .where(
        _VERDICTS.c.person == PERSON,
        _VERDICTS.c.purpose == _PURPOSE,
        _VERDICTS.c.action == VerdictAction.CAST,
    )
    .union(select(_SKIPS.c.pair_id).where(_SKIPS.c.reviewer == PERSON))
)
"""Pairs that came to the reviewer as a control of one purpose, taken back or not, and those put off."""
_PAIRS_HAD = _HAD.subquery()
_NUMBERS = select(_VERDICTS.c.nth, _VERDICTS.c.run_id).where(  # by pair: the run would mean a scan
    _VERDICTS.c.person == PERSON, _VERDICTS.c.nth.is_not(None)
)
_NUMBERS_HAD = _NUMBERS.join(_PAIRS_HAD, _PAIRS_HAD.c.pair_id == _VERDICTS.c.pair_id)
_UNREADY = (_PAIRS.c.run_id == _RUN) & _PAIRS.c.ready.is_(False)
_NUMBERS_UNREADY = _NUMBERS.where(_VERDICTS.c.pair_id.in_(select(_PAIRS.c.id).where(_UNREADY)))
_NTH_OF_MINE = select(_VERDICTS.c.pair_id, _VERDICTS.c.side_a).where(
    _VERDICTS.c.run_id == _RUN, _VERDICTS.c.person == PERSON, _VERDICTS.c.nth == bindparam("nth")
)
_RANKS = select(_PAIRS.c.review_rank).where(_PAIRS.c.run_id == _RUN)
_RANKS_HAD = _RANKS.join(_PAIRS_HAD, _PAIRS_HAD.c.pair_id == _PAIRS.c.id)
_RANKS_UNREADY = select(_PAIRS.c.review_rank).where(_UNREADY)
_READY = (_PAIRS.c.run_id == _RUN) & _PAIRS.c.ready.is_(True)
_HIGHEST_RANK = select(func.max(_PAIRS.c.review_rank)).where(_READY)
_OF_RANK = select(_PAIRS.c.id).where(_READY, _PAIRS.c.review_rank == bindparam("rank"))


class ReviewerQueue:
    """One reviewer (by key) in one run at one moment, as :class:`core.review.next_pair.Desk` asks it."""

    def __init__(self, connection: Connection, run: Run, person: str, now: datetime) -> None:
        self._connection, self._run, self._person, self._now = connection, run, person, now
        start = first_as(connection, RolloutEvent, start_of(run.id))
        self._countable = {"planned": run.plan.max_units, "counts_after": _counts_after(start)}

    def turns(self) -> int:
        """See :class:`core.review.next_pair.Desk`."""
        return sum(
            desk.turns if desk.run_id == self._run.id else desk.gold for desk in self._rows(_DESKS_OF_PERSON)
        )

    def open_units(self, limit: int) -> list[Task]:
        """See :class:`core.review.next_pair.Desk`; none after the deadline."""
        if self._now >= terms_of(self._run).deadline:
            return []
        held = self._connection.scalars(held_by_others(self._run.id, self._person, self._now - HELD_FOR))
        seeds = len(self._run.seeds)
        words = {**self._countable, "seeds": seeds, "most": limit * seeds, "held": sorted(set(held))}
        units = groupby(self._rows(_OPEN_PAIRS, **words), key=lambda row: row.case_digest)
        return [_turn_of(list(rows), seeds) for _, rows in units][:limit]

    def second_opinions(self, limit: int) -> list[Task]:
        """See :class:`core.review.next_pair.Desk`."""
        most = limit * self._run.plan.votes_per_unit
        wanted = self._rows(_SECOND_OPINIONS, **self._countable, most=most)
        pair_ids = dict.fromkeys(row.id for row in wanted)  # one pair may hold several votes
        return [Task(pair_id, Purpose.OVERLAP) for pair_id in pair_ids][:limit]

    def controls(self) -> Sequence[Choices]:
        """See :class:`core.review.next_pair.Desk`."""
        return [self._gold(), self._repeats(), self._equals()]

    def _gold(self) -> Choices:
        known = self._ready(gold_pairs(self._connection))
        had = {row.pair_id for row in self._rows(_HAD, purpose=Purpose.GOLD)} if known else ()
        left = sorted(known.difference(had))
        return Choices(Purpose.GOLD, len(left), lambda number: Task(left[number], Purpose.GOLD))

    def _repeats(self) -> Choices:
        judged = next((d.judged for d in self._rows(_DESKS_OF_PERSON) if d.run_id == self._run.id), 0)

        def task(number: int) -> Task:
            (first,) = self._rows(_NTH_OF_MINE, nth=number + 1)
            side: Arm = first.side_a
            return Task(first.pair_id, Purpose.REPEAT, side.other)

        had = self._rows(_NUMBERS_HAD, purpose=Purpose.REPEAT)
        taken = [nth - 1 for nth, run_id in had if run_id == self._run.id]
        taken += [nth - 1 for nth, _ in self._rows(_NUMBERS_UNREADY)]  # cannot be shown
        return Choices(Purpose.REPEAT, repeatable(judged), task, taken)

    def _equals(self) -> Choices:
        """Numbered by rank, so that one is a seek: ranks of pairs that cannot be shown count as taken."""
        ((last,),) = self._rows(_HIGHEST_RANK)
        count = 0 if last is None else last + 1
        had = self._rows(_RANKS_HAD, purpose=Purpose.SAME)
        taken = [rank for (rank,) in [*had, *self._rows(_RANKS_UNREADY)]]

        def task(number: int) -> Task:
            ((pair_id,),) = self._rows(_OF_RANK, rank=number)
            return Task(pair_id, Purpose.SAME)

        return Choices(Purpose.SAME, count, task, taken)

    def _ready(self, pair_ids: Collection[str]) -> set[str]:
        """Those of some pairs, of whatever run, that can be shown."""
        ready = select(_PAIRS.c.id).where(_PAIRS.c.ready.is_(True))
        parts = (self._connection.scalars(ready.where(_PAIRS.c.id.in_(some))) for some in batches(pair_ids))
        return {pair_id for part in parts for pair_id in part}

    def _rows(self, statement: Executable, **words: object) -> Sequence[Any]:
        """The rows of a statement about this reviewer in this run, read at once."""
        return self._connection.execute(
            statement, {"person": self._person, "run": self._run.id, **words}
        ).all()


def _counts_after(start: RolloutEvent | None) -> int:
    """The ordinal of a first verdict after which a unit counts: all do before a start, and none of those that
    were judged when the start does not say at which verdict it was.
    """
    if start is None:
        return -1
    return _NEVER if start.last_verdict is None else start.last_verdict


def _turn_of(rows: Sequence[Any], seeds: int) -> Task:
    """The pair of one unit whose seed comes next, and the side that evens out its votes."""
    votes, first_rank = rows[0].votes, rows[0].place * seeds
    nearest = min(
        rows, key=lambda row: seeds_away(row.review_rank - first_rank, votes=len(votes), seeds=seeds)
    )
    return Task(nearest.id, side_a=swapped_side(vote.side_a for vote in votes))
