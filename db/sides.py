"""Which arm a reviewer sees as A: drawn by the server for each reviewer and pair, stored, and kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import SystemRandom

from sqlalchemy import Connection, func, select

from core.records import Arm
from db import tables
from db.rows import insert


def known_sides(connection: Connection, pair_ids: Iterable[str], reviewer: str) -> dict[str, Arm]:
    """The sides that are stored already."""
    sides = tables.sides.c
    mine = select(sides.pair_id, sides.side_a).where(sides.reviewer == reviewer)
    found = connection.execute(mine.where(sides.pair_id.in_(set(pair_ids))))
    return {row.pair_id: row.side_a for row in found}


def assign_sides(
    connection: Connection, pair_ids: Iterable[str], reviewer: str, now: datetime
) -> dict[str, Arm]:
    """The stored side of each pair for a reviewer; drawn now where there is none yet."""
    wanted = list(dict.fromkeys(pair_ids))
    known = known_sides(connection, wanted, reviewer)
    missing = [pair_id for pair_id in wanted if pair_id not in known]
    if missing:
        counts = _side_counts(connection, reviewer)
        drawn = {}
        for pair_id in missing:
            arm = draw_side(counts[Arm.BASELINE], counts[Arm.CANDIDATE], SystemRandom().random())
            counts[arm] += 1
            drawn[pair_id] = arm
        words = {"reviewer": reviewer, "assigned_at": now}
        insert(connection, tables.sides, [{"pair_id": p, "side_a": arm, **words} for p, arm in drawn.items()])
        known |= drawn
    return known


def draw_side(baseline_first: int, candidate_first: int, chance: float) -> Arm:
    """The next arm to be A: a fair coin while both were A equally often, else the rarer one with 3 in 4.

    A strict alternation could be guessed by the reviewer; a plain coin drifts apart.
    """
    if baseline_first == candidate_first:
        return Arm.BASELINE if chance < 0.5 else Arm.CANDIDATE
    rarer = Arm.BASELINE if baseline_first < candidate_first else Arm.CANDIDATE
    return rarer if chance < 0.75 else rarer.other


def _side_counts(connection: Connection, reviewer: str) -> dict[Arm, int]:
    sides = tables.sides
    counts = select(sides.c.side_a, func.count().label("times")).where(sides.c.reviewer == reviewer)
    found = {row.side_a: row.times for row in connection.execute(counts.group_by(sides.c.side_a))}
    return {arm: found.get(arm, 0) for arm in Arm}
