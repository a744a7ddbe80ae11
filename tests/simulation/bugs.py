"""Bugs to plant: each is a fault of a kind that was made before in such programs, and has to be found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

import core.review.units
import db.jobs
import services.rollouts
from core.errors import StoreError
from core.records import GateOutcome, VerdictAction, VerdictEvent
from core.review.queue import ReviewQueue
from db import tables
from db.blobs import Blobs
from db.decisions import Decisions
from db.jobs import Jobs
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


def doubled_request_counted_twice() -> AbstractContextManager[Any]:
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

    return patch.object(Reviews, "take", take)


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


def lease_by_the_callers_clock() -> AbstractContextManager[Any]:
    """A worker takes leases by its own clock, not the database's; that of worker-2 is ten minutes ahead."""
    really = Jobs.claim

    def claim(self: Jobs, worker: str, **words: Any) -> Any:
        with patch.object(self._database, "now", its_clock(self, worker)):
            return really(self, worker, **words)

    def its_clock(jobs: Jobs, worker: str) -> Callable[[Any], datetime]:
        true, ahead = jobs._database.now, timedelta(minutes=10 if worker == "worker-2" else 0)
        return lambda connection: true(connection) + ahead

    return patch.object(Jobs, "claim", claim)


def finishing_without_owning() -> AbstractContextManager[Any]:
    """Whoever comes with a picture may end the job."""
    return patch.object(db.jobs, "_held", lambda job_id, worker: tables.jobs.c.id == job_id)


@contextmanager
def row_before_its_file() -> Iterator[None]:
    """The database says that a picture is there before its file has got its name."""
    put, finish_pair = Blobs.put, Jobs.finish_pair
    waiting: list[Any] = []

    def put_later(self: Blobs, *picture: Any) -> Any:
        made = put(self, *picture)
        path = self.path(getattr(made, "digest", made))
        if path.exists():
            path.rename(path.with_suffix(".later"))
            waiting.append(path)
        return made

    def finish(self: Jobs, *words: Any, **more: Any) -> bool:
        taken = finish_pair(self, *words, **more)
        while waiting:
            path = waiting.pop()
            with suppress(OSError):
                os.replace(path.with_suffix(".later"), path)
        return taken

    with patch.object(Blobs, "put", put_later), patch.object(Jobs, "finish_pair", finish):
        yield


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


def start_that_counts_earlier_verdicts() -> AbstractContextManager[Any]:
    """Who judged before the start has judged for the evidence."""
    return patch.object(core.review.units, "judged_too_early", lambda _evidence: set())


def latched_with_an_open_gate() -> AbstractContextManager[Any]:
    """Evidence that has not decided is taken for a yes."""
    really = services.rollouts.decide

    def decide(rollout: Any, analysis: Any, now: Any, *, over: bool) -> Any:
        undecided = analysis.outcome is GateOutcome.INCONCLUSIVE
        wished = replace(analysis, outcome=GateOutcome.SUCCESSFUL) if undecided else analysis
        return really(rollout, wished, now, over=over)

    return patch.object(services.rollouts, "decide", decide)


def signed_over_each_other() -> AbstractContextManager[Any]:
    """A step is stored on what was seen, whatever others have stored since."""
    really = Decisions.append_event

    def append(self: Decisions, event: Any, *, seen: int | None = None) -> bool:
        return really(self, event)

    return patch.object(Decisions, "append_event", append)


def turn_counted_twice() -> AbstractContextManager[Any]:
    """Every third turn of a reviewer is counted twice, by the fold and by the rows alike."""
    really = ReviewQueue._count_cast

    def count(self: ReviewQueue, event: Any, row: Any) -> None:
        really(self, event, row)
        desk = self.desks[row.run_id, row.reviewer]
        if desk.turns % 3 == 0:
            self.desks[row.run_id, row.reviewer] = replace(desk, turns=desk.turns + 1)

    return patch.object(ReviewQueue, "_count_cast", count)


BUGS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    bug.__name__: bug
    for bug in (
        acknowledged_before_the_commit,
        doubled_request_counted_twice,
        undo_that_deletes,
        lease_by_the_callers_clock,
        finishing_without_owning,
        row_before_its_file,
        queue_rows_in_another_transaction,
        start_that_counts_earlier_verdicts,
        latched_with_an_open_gate,
        signed_over_each_other,
        turn_counted_twice,
    )
}
