"""What each reviewer was handed to judge: drawn by the server, stored, and kept.

A handout fixes which arm is A, and what the verdict will be used for: a judgement, or one of the hidden
controls (a repeat with swapped sides, a pair of equals, a pair with a known answer). The page knows it only
by its ``task``, a random word that tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from random import SystemRandom
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, exists, func, select

from core.records import Arm, Handout, Purpose
from core.records.reviews import JUDGED
from core.review.next_pair import Task, draw_side
from db import tables
from db.database import Database
from db.rows import insert_new

_HANDOUTS = tables.handouts

Handouts = dict[tuple[str, str], Handout]


def known_handouts(connection: Connection, wanted: Iterable[Task], reviewer: str) -> Handouts:
    """Those that the reviewer has been handed before, by pair and slot."""
    places = {one.place for one in wanted}
    mine = select(_HANDOUTS).where(
        _HANDOUTS.c.reviewer == reviewer, _HANDOUTS.c.pair_id.in_({pair_id for pair_id, _ in places})
    )
    found = {(row.pair_id, row.slot): _handout(row) for row in connection.execute(mine)}
    return {place: handout for place, handout in found.items() if place in places}


def hand_out(connection: Connection, wanted: Iterable[Task], reviewer: str, now: datetime) -> Handouts:
    """All of them, with sides drawn now for those that the reviewer sees for the first time."""
    asked = list(wanted)
    known = known_handouts(connection, asked, reviewer)
    times_first = _times_first(connection, reviewer)
    rows = []
    for one in asked:
        if one.place not in known:
            side_a = one.side_a or draw_side(
                times_first[Arm.BASELINE], times_first[Arm.CANDIDATE], SystemRandom().random()
            )
            times_first[side_a] += 1
            words = {"reviewer": reviewer, "slot": one.purpose.slot, "handed_at": now}
            rows.append({"task": uuid4().hex, "pair_id": one.pair_id, "side_a": side_a, **words})
    insert_new(connection, _HANDOUTS, rows)
    return known_handouts(connection, asked, reviewer)


def handed_out(database: Database, tasks: Sequence[Task], person: str, now: datetime) -> Handouts:
    """All of them; nothing is written for tasks that the reviewer has been handed before."""
    with database.read() as connection:
        known = known_handouts(connection, tasks, person)
    if len(known) == len(tasks):
        return known
    with database.write() as connection:
        return hand_out(connection, tasks, person, now)


def handout_of(connection: Connection, task: str, reviewer: str) -> Handout | None:
    """What a task stands for; None when it is nobody's or another reviewer's."""
    row = connection.execute(select(_HANDOUTS).filter_by(task=task, reviewer=reviewer)).first()
    return None if row is None else _handout(row)


def held_by_others(run_id: str, reviewer: str, since: datetime) -> Select[Any]:
    """Cases of a run that another reviewer was handed since then and has not judged yet."""
    standing, pairs = tables.standing_verdicts, tables.pairs
    recent = (
        select(_HANDOUTS.c.pair_id, _HANDOUTS.c.reviewer)
        .where(_HANDOUTS.c.handed_at > since, _HANDOUTS.c.slot == JUDGED, _HANDOUTS.c.reviewer != reviewer)
        .cte("recent")
        .prefix_with("MATERIALIZED", dialect="sqlite")
    )
    judged = exists().where(
        standing.c.pair_id == recent.c.pair_id,
        standing.c.reviewer == recent.c.reviewer,
        standing.c.slot == JUDGED,
    )
    of_pair = select(recent).join(pairs, pairs.c.id == recent.c.pair_id)
    return of_pair.with_only_columns(pairs.c.case_digest).where(pairs.c.run_id == run_id, ~judged)


def _times_first(connection: Connection, reviewer: str) -> dict[Arm, int]:
    """How often each arm was A for this reviewer."""
    counts = select(_HANDOUTS.c.side_a, func.count().label("times")).where(_HANDOUTS.c.reviewer == reviewer)
    found = {row.side_a: row.times for row in connection.execute(counts.group_by(_HANDOUTS.c.side_a))}
    return {arm: found.get(arm, 0) for arm in Arm}


def _handout(row: Any) -> Handout:
    return Handout(
        task=row.task,
        pair_id=row.pair_id,
        reviewer=row.reviewer,
        purpose=Purpose.of_slot(row.slot),
        side_a=row.side_a,
        handed_at=row.handed_at,
    )
