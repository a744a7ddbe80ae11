"""Bugs in how verdicts are taken and counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, select

import db.reviews
from core.access.person import person_key
from core.errors import StoreError
from core.records import VerdictAction, VerdictEvent
from core.review.queue import ReviewQueue
from db import tables
from db.queue_rows import folded, replaced, stored
from db.reviews import Reviews
from db.rows import insert, row_of
from db.verdicts import store_event


def acknowledged_before_the_commit() -> AbstractContextManager[Any]:
    """The answer is *saved* whether or not the database took it."""
    really = Reviews.take

    def take(self: Reviews, event: VerdictEvent) -> VerdictEvent | None:
        try:
            return really(self, event)
        except StoreError:
            return event

    return patch.object(Reviews, "take", take)


@contextmanager
def doubled_request_counted_twice() -> Iterator[None]:
    """A verdict that arrives again is stored again under a uuid of the server's own."""
    really = Reviews.take

    def take(self: Reviews, event: VerdictEvent) -> VerdictEvent | None:
        with self._database.write() as connection:
            known = connection.execute(select(tables.verdicts).filter_by(uuid=event.uuid)).first()
            if known is not None and event.action is VerdictAction.CAST:
                again = replace(event, uuid=f"{event.uuid}-{known.ordinal}")
                words = {"run_id": known.run_id, "person": known.person, "nth": None}
                insert(connection, tables.verdicts, [row_of(again, **words)])
                return again
        return really(self, event)

    with patch.object(Reviews, "has_event", lambda *_: False), patch.object(Reviews, "take", take):
        yield


def undo_that_deletes() -> AbstractContextManager[Any]:
    """What was taken back is gone, as if it had never been said."""

    def undo(self: Reviews, uuid: str, verdict_uuid: str, *_: object) -> bool:
        with self._database.write() as connection:
            standing, verdicts = tables.standing_verdicts, tables.verdicts
            connection.execute(standing.delete().where(standing.c.uuid == verdict_uuid))
            gone = connection.execute(verdicts.delete().where(verdicts.c.uuid == verdict_uuid)).rowcount
            replaced(connection, folded(connection))
        return gone == 1

    return patch.object(Reviews, "undo", undo)


def queue_rows_in_another_transaction() -> AbstractContextManager[Any]:
    """The event is committed first, and what follows from it afterwards."""

    def take(self: Reviews, event: VerdictEvent) -> VerdictEvent | None:
        with self._database.write() as connection:
            rows = stored(connection)
            taken = store_event(connection, event)
            replaced(connection, rows)
        with self._database.write() as connection:
            replaced(connection, folded(connection))
        return taken

    return patch.object(Reviews, "take", take)


def turn_counted_twice() -> AbstractContextManager[Any]:
    """Every third turn of a reviewer is counted twice, by the fold and by the rows alike."""
    really = ReviewQueue._count_cast

    def count(self: ReviewQueue, event: Any, row: Any) -> None:
        really(self, event, row)
        desk = self.desks[row.run_id, row.reviewer]
        if desk.turns % 3 == 0:
            self.desks[row.run_id, row.reviewer] = replace(desk, turns=desk.turns + 1)

    return patch.object(ReviewQueue, "_count_cast", count)


def second_verdict_beside_the_first() -> AbstractContextManager[Any]:
    """What a reviewer says again on a judged pair, from another tab, is stored as a verdict of its own."""
    really = store_event

    def store(connection: Connection, event: VerdictEvent) -> VerdictEvent | None:
        known = connection.scalar(select(tables.verdicts.c.ordinal).filter_by(uuid=event.uuid))
        taken = really(connection, event)
        if taken is None and known is None and event.action is VerdictAction.CAST:
            run_id = connection.scalar(select(tables.pairs.c.run_id).filter_by(id=event.pair_id))
            words = {"run_id": run_id, "person": person_key(event.reviewer), "nth": None}
            insert(connection, tables.verdicts, [row_of(event, **words)])
            return event
        return taken

    return patch.object(db.reviews, "store_event", store)
