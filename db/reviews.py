"""Verdicts as events. Which verdict stands is kept by key, so a double click or two tabs can never make two.

A pair may come back to the same reviewer as a hidden control (a repeat, a pair of equals, a gold pair): those
verdicts have a slot of their own and never replace the judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from core.collection import SCORES
from core.errors import InvalidRequest, UnknownName
from core.records import (
    Arm,
    Handout,
    Purpose,
    QueueCounts,
    QueueItem,
    QueueView,
    ReviewFilter,
    ReviewPlan,
    VerdictAction,
    VerdictEvent,
)
from db import tables
from db.counts import count_all, count_fitting
from db.database import Database
from db.filters import fitting_pairs
from db.handouts import Handouts, Wanted, hand_out, handout_of, known_handouts, slot_of
from db.queue import MOST_ITEMS, blind_items, next_tasks, page_of
from db.rows import all_as, first_as, insert, row_of, select_as

_EVENTS = select_as(VerdictEvent, tables.verdicts)
_STANDING = tables.standing_verdicts


class Reviews:
    """What reviewers said, and which side they saw it on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def side_a(self, pair_id: str, reviewer: str, now: datetime) -> Arm:
        """The arm this reviewer sees as A on this pair: drawn once at random, balanced, and kept."""
        wanted = Wanted(pair_id)
        return self._handed_out([wanted], reviewer, now)[wanted.place].side_a

    def handout(self, task: str, reviewer: str) -> Handout:
        """What a task of this reviewer stands for: the pair, what the verdict is for, and which arm is A.

        Raises:
            UnknownName: this reviewer was never handed such a task.
        """
        with self._database.read() as connection:
            handout = handout_of(connection, task, reviewer)
        if handout is None:
            raise UnknownName.of(f"task of {reviewer}", task, [])
        return handout

    def record(self, event: VerdictEvent) -> bool:
        """Store a cast verdict, or an undo, that arrived from anywhere.

        Returns False, with nothing doubled, when the uuid is known, when a verdict of this reviewer stands on
        the pair already, or when the verdict to undo does not stand any more.

        Raises:
            UnknownName: there is no such pair.
            InvalidRequest: a cast without outcome, or an undo without the verdict it takes back.
        """
        is_cast = event.action is VerdictAction.CAST
        if (event.outcome is not None) != is_cast or (event.undoes is None) != is_cast:
            raise InvalidRequest(
                "verdict: expected a cast with an outcome, or an undo of a verdict, "
                f"got {event.action} with outcome {event.outcome}, undoes {event.undoes}"
            )
        with self._database.write() as connection:
            if not connection.scalar(select(tables.pairs.c.id).where(tables.pairs.c.id == event.pair_id)):
                raise UnknownName.of("pair", event.pair_id, [])
            known = select(tables.verdicts.c.ordinal).where(tables.verdicts.c.uuid == event.uuid)
            if connection.scalar(known) is not None:
                return False
            return _cast(connection, event) if is_cast else _take_back(connection, event)

    def undo(self, uuid: str, verdict_uuid: str, reviewer: str, now: datetime) -> bool:
        """Take back one's own standing verdict by a new event; False when it does not stand any more.

        Raises:
            UnknownName: no such verdict of this reviewer.
        """
        mine = (tables.verdicts.c.uuid == verdict_uuid) & (tables.verdicts.c.reviewer == reviewer)
        with self._database.read() as connection:
            verdict = first_as(connection, VerdictEvent, _EVENTS.where(mine))
        if verdict is None:
            raise UnknownName.of(f"verdict of {reviewer}", verdict_uuid, [])
        undo = VerdictEvent(
            uuid=uuid,
            action=VerdictAction.UNDO,
            pair_id=verdict.pair_id,
            reviewer=reviewer,
            purpose=verdict.purpose,
            undoes=verdict_uuid,
            created_at=now,
        )
        return self.record(undo)

    def skip(self, pair_id: str, reviewer: str, now: datetime) -> None:
        """Put a pair off: it comes back after all others."""
        with self._database.write() as connection:
            row = {"pair_id": pair_id, "reviewer": reviewer, "skipped_at": now}
            insert(connection, tables.skips, [row])

    def queue(
        self,
        reviewer: str,
        wanted: ReviewFilter,
        limit: int = 5,
        *,
        now: datetime,
        controls: bool = False,
    ) -> list[QueueItem]:
        """What to judge next. Every pair that is given has its sides drawn and kept from then on.

        In the open queue of one run: units that still need verdicts, in the plan's random order and past
        those that another reviewer is looking at; now and then a pair for agreement; then what is left.
        With any other filter: the pairs that fit. What the reviewer put off comes last.

        Args:
            controls: mix in hidden controls. Only for a page that tells items apart by ``task``, not by pair,
                and sends the task back with the verdict.

        Raises:
            InvalidRequest: ``limit`` is not 1–500.
        """
        _check_page(limit, 0)
        with self._database.read() as connection:
            tasks = next_tasks(connection, reviewer, wanted, limit, now, controls=controls)
        return self._items(tasks, reviewer, now)

    def gallery(
        self, reviewer: str, wanted: ReviewFilter, *, offset: int = 0, limit: int = 60, now: datetime
    ) -> list[QueueItem]:
        """A page of the pairs that fit the filter, in the order of review; as blind as the queue.

        Raises:
            InvalidRequest: ``limit`` is not 1–500 or ``offset`` is negative.
        """
        _check_page(limit, offset)
        with self._database.read() as connection:
            page = page_of(connection, reviewer, wanted, limit, offset)
        return self._items(page, reviewer, now)

    def item(
        self, pair_id: str, reviewer: str, now: datetime, *, purpose: Purpose = Purpose.EVIDENCE
    ) -> QueueItem:
        """One pair as its reviewer sees it: followed from a link, or back on the table after an undo.

        Raises:
            UnknownName: there is no such pair, or its two renders are not done.
        """
        ready = fitting_pairs(ReviewFilter(view=QueueView.ALL), reviewer).where(tables.pairs.c.id == pair_id)
        with self._database.read() as connection:
            if connection.execute(ready).first() is None:
                raise UnknownName.of("pair with two finished renders", pair_id, [])
        return self._items([Wanted(pair_id, purpose)], reviewer, now)[0]

    def count(self, reviewer: str, wanted: ReviewFilter) -> int:
        """How many pairs fit a filter."""
        with self._database.read() as connection:
            return count_fitting(connection, reviewer, wanted)

    def counts(self, reviewer: str, run_id: str | None = None) -> QueueCounts:
        """How many pairs each filter holds for this reviewer, in one run or in all."""
        with self._database.read() as connection:
            return count_all(connection, reviewer, run_id)

    def current(self, *, run_id: str | None = None, pair_id: str | None = None) -> list[VerdictEvent]:
        """The verdicts that stand, of a run, of a pair or of everything, in the order they were cast."""
        standing = _EVENTS.join(_STANDING, _STANDING.c.uuid == tables.verdicts.c.uuid)
        if run_id is not None:
            pairs = tables.pairs
            standing = standing.join(pairs, pairs.c.id == tables.verdicts.c.pair_id)
            standing = standing.where(pairs.c.run_id == run_id)
        if pair_id is not None:
            standing = standing.where(tables.verdicts.c.pair_id == pair_id)
        return self._all(standing)

    def history(self, pair_id: str) -> list[VerdictEvent]:
        """Every event of a pair, undone ones included, oldest first."""
        return self._all(_EVENTS.where(tables.verdicts.c.pair_id == pair_id))

    def last_of(self, reviewer: str, *, run_id: str | None = None) -> VerdictEvent | None:
        """The latest verdict of a reviewer that stands: what the undo key takes back."""
        mine = _EVENTS.join(_STANDING, _STANDING.c.uuid == tables.verdicts.c.uuid).where(
            tables.verdicts.c.reviewer == reviewer
        )
        if run_id is not None:
            pairs = tables.pairs
            mine = mine.join(pairs, pairs.c.id == tables.verdicts.c.pair_id).where(pairs.c.run_id == run_id)
        with self._database.read() as connection:
            return first_as(connection, VerdictEvent, mine.order_by(tables.verdicts.c.ordinal.desc()))

    def _items(self, wanted: Sequence[Wanted], reviewer: str, now: datetime) -> list[QueueItem]:
        handouts = self._handed_out(wanted, reviewer, now)
        with self._database.read() as connection:
            return blind_items(connection, reviewer, wanted, handouts)

    def _handed_out(self, wanted: Sequence[Wanted], reviewer: str, now: datetime) -> Handouts:
        with self._database.read() as connection:
            known = known_handouts(connection, wanted, reviewer)
        if len(known) == len(wanted):
            return known
        with self._database.write() as connection:
            return hand_out(connection, wanted, reviewer, now)

    def _all(self, statement: Select[Any]) -> list[VerdictEvent]:
        with self._database.read() as connection:
            return all_as(connection, VerdictEvent, statement.order_by(tables.verdicts.c.ordinal))


def _check_page(limit: int, offset: int) -> None:
    if not 1 <= limit <= MOST_ITEMS or offset < 0:
        raise InvalidRequest(
            f"queue: expected limit 1–{MOST_ITEMS} and offset from 0, got {limit} and {offset}"
        )


def _cast(connection: Connection, event: VerdictEvent) -> bool:
    place = {"pair_id": event.pair_id, "reviewer": event.reviewer, "slot": slot_of(event.purpose)}
    if connection.scalar(select(_STANDING.c.uuid).filter_by(**place)) is not None:
        return False
    pairs, runs = tables.pairs, tables.runs
    unit = connection.execute(
        select(pairs.c.run_id, pairs.c.case_digest, runs.c.plan)
        .join(runs, runs.c.id == pairs.c.run_id)
        .where(pairs.c.id == event.pair_id)
    ).one()
    if event.purpose is Purpose.EVIDENCE and _is_closed(connection, unit):
        event = replace(event, purpose=Purpose.OVERLAP)
    insert(connection, tables.verdicts, [row_of(event)])
    about = {"run_id": unit.run_id, "case_digest": unit.case_digest}
    words = {"uuid": event.uuid, "purpose": event.purpose, "outcome": event.outcome}
    insert(connection, _STANDING, [{**place, **about, **words}])
    return True


def _is_closed(connection: Connection, unit: Any) -> bool:
    """Whether the unit has all the verdicts that count: one more is about agreement, not evidence."""
    plan: ReviewPlan = unit.plan
    counted = select(func.count()).where(
        _STANDING.c.run_id == unit.run_id,
        _STANDING.c.purpose == Purpose.EVIDENCE,
        _STANDING.c.case_digest == unit.case_digest,
        _STANDING.c.outcome.in_(list(SCORES)),
    )
    return (connection.scalar(counted) or 0) >= plan.votes_per_unit


def _take_back(connection: Connection, event: VerdictEvent) -> bool:
    its_own = (
        (_STANDING.c.uuid == event.undoes)
        & (_STANDING.c.pair_id == event.pair_id)
        & (_STANDING.c.reviewer == event.reviewer)
    )
    if not connection.execute(_STANDING.delete().where(its_own)).rowcount:
        return False
    insert(connection, tables.verdicts, [row_of(event)])
    return True
