"""Verdicts as events. Which verdict stands is kept by key, so a double click or two tabs can never make two.

A pair may come back to the same reviewer as a hidden control (a repeat, a pair of equals, a gold pair): those
verdicts have a slot of their own and never replace the judgement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from core.errors import InvalidRequest, UnknownName
from core.records import Purpose, ReviewPlan, VerdictAction, VerdictEvent
from core.review.units import SCORES
from db import tables
from db.handouts import slot_of
from db.names_shown import refuse_once_names_were_shown
from db.rows import insert, row_of

_STANDING = tables.standing_verdicts


def check_event(event: VerdictEvent) -> None:
    """Refuse a cast without an outcome, and an undo without the verdict it takes back."""
    is_cast = event.action is VerdictAction.CAST
    if (event.outcome is not None) != is_cast or (event.undoes is None) != is_cast:
        raise InvalidRequest(
            "verdict: expected a cast with an outcome, or an undo of a verdict, "
            f"got {event.action} with outcome {event.outcome}, undoes {event.undoes}"
        )


def store_event(connection: Connection, event: VerdictEvent) -> bool:
    """Append an event inside somebody's write transaction; False when it would double something.

    Raises:
        UnknownName: there is no such pair.
        DecisionRefused: the reviewer has seen the names of the pair.
    """
    pairs, runs = tables.pairs, tables.runs
    unit = connection.execute(
        select(pairs.c.run_id, pairs.c.case_digest, runs.c.plan)
        .join(runs, runs.c.id == pairs.c.run_id)
        .where(pairs.c.id == event.pair_id)
    ).first()
    if unit is None:
        raise UnknownName.of("pair", event.pair_id, [])
    known = select(tables.verdicts.c.ordinal).where(tables.verdicts.c.uuid == event.uuid)
    if connection.scalar(known) is not None:
        return False
    refuse_once_names_were_shown(connection, event)
    if event.action is VerdictAction.UNDO:
        return _take_back(connection, event, unit)
    return _cast(connection, event, unit)


def _cast(connection: Connection, event: VerdictEvent, unit: Any) -> bool:
    place = {"pair_id": event.pair_id, "reviewer": event.reviewer, "slot": slot_of(event.purpose)}
    if connection.scalar(select(_STANDING.c.uuid).filter_by(**place)) is not None:
        return False
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


def _take_back(connection: Connection, event: VerdictEvent, unit: Any) -> bool:
    """Lift a verdict; one that has closed its unit goes on closing it once its reviewer has judged on.

    :func:`core.review.units.units` says the same of the events.
    """
    its_own = (
        (_STANDING.c.uuid == event.undoes)
        & (_STANDING.c.pair_id == event.pair_id)
        & (_STANDING.c.reviewer == event.reviewer)
        & (_STANDING.c.slot != tables.FINAL)
    )
    purpose = connection.scalar(select(_STANDING.c.purpose).where(its_own))
    if purpose is None:
        return False
    if purpose is Purpose.EVIDENCE and _is_closed(connection, unit) and _went_on(connection, event, unit):
        connection.execute(_STANDING.update().where(its_own).values(slot=tables.FINAL))
    else:
        connection.execute(_STANDING.delete().where(its_own))
    insert(connection, tables.verdicts, [row_of(event)])
    return True


def _went_on(connection: Connection, undo: VerdictEvent, unit: Any) -> bool:
    """Whether the reviewer has given another verdict in this run since the one to take back."""
    verdicts, pairs = tables.verdicts, tables.pairs
    taken_back = select(verdicts.c.ordinal).where(verdicts.c.uuid == undo.undoes).scalar_subquery()
    later = (
        select(verdicts.c.ordinal)
        .join(pairs, pairs.c.id == verdicts.c.pair_id)
        .where(
            pairs.c.run_id == unit.run_id,
            verdicts.c.reviewer == undo.reviewer,
            verdicts.c.action == VerdictAction.CAST,
            verdicts.c.ordinal > taken_back,
        )
    )
    return connection.execute(later.limit(1)).first() is not None
