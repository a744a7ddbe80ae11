"""Verdicts as events, and the rows of the queue that each of them changes, in one transaction.

Which verdict stands is kept by key, so a double click or two tabs can never make two. A pair may come back to
the same reviewer as a hidden control (a repeat, a pair of equals, a gold pair): those verdicts have a slot of
their own and never replace the judgement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from core.access.person import person_key
from core.errors import InvalidRequest, UnknownName
from core.records import VerdictAction, VerdictEvent
from core.review.queue import may_come_back
from core.untrusted import Unfit, readable
from db import tables
from db.dialects import next_ordinal
from db.names_shown import refuse_once_names_were_shown
from db.queue_rows import queue_of_pair
from db.rows import insert, row_of, select_as

EVENTS = select_as(VerdictEvent, tables.verdicts)
"""All verdict events, as records."""


def check_event(event: VerdictEvent) -> None:
    """Refuse a cast without an outcome, an undo without its verdict, and a pin whose words are no text."""
    is_cast = event.action is VerdictAction.CAST
    if (event.outcome is not None) != is_cast or (event.undoes is None) != is_cast:
        raise InvalidRequest(
            "verdict: expected a cast with an outcome, or an undo of a verdict, "
            f"got {event.action} with outcome {event.outcome}, undoes {event.undoes}"
        )
    for pin in event.pins:
        try:
            readable(pin.text)
        except Unfit as error:
            raise InvalidRequest(f"pin: {error}") from error


def store_event(connection: Connection, event: VerdictEvent) -> VerdictEvent | None:
    """Append an event inside a write transaction; gives it as it was stored.

    None when it would double something: its uuid is known, a verdict of the reviewer for the same use stands
    on the pair, or the one to take back does not.

    Raises:
        UnknownName: there is no such pair.
        DecisionRefused: the reviewer has seen the names of the pair.
    """
    known = select(tables.verdicts.c.ordinal).where(tables.verdicts.c.uuid == event.uuid)
    if connection.scalar(known) is not None:
        return None
    person = person_key(event.reviewer)
    with queue_of_pair(connection, event.pair_id, person) as queue:
        if event.pair_id not in queue.pairs:
            raise UnknownName.of("pair", event.pair_id, [])
        refuse_once_names_were_shown(connection, event)
        ordinal = next_ordinal(connection, tables.verdicts)
        taken = queue.take(event, ordinal)
        if taken is None:
            return None
        run_id = queue.pairs[event.pair_id].run_id
        nth = queue.desks[run_id, person].judged if may_come_back(taken) else None
        words = {"ordinal": ordinal, "run_id": run_id, "person": person, "nth": nth}
        insert(connection, tables.verdicts, [row_of(taken, **words)])
    return taken


def standing_events() -> Select[Any]:
    """The verdicts that were not taken back."""
    rows = tables.standing_verdicts.c
    return EVENTS.join(
        tables.standing_verdicts, (rows.uuid == tables.verdicts.c.uuid) & rows.taken_back.is_(False)
    )
