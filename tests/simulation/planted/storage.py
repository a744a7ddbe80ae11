"""Bugs in the work queue and with stored pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

import db.blobs
import db.jobs
from core.records import JobState
from db import tables
from db.blob_files import write_whole
from db.jobs import Jobs
from db.missing_pictures import add_events, holding, showable
from db.pictures import Pictures


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
    """The database says that a picture is there before its file is written."""
    finish_pair, waiting = Jobs.finish_pair, list[tuple[Path, bytes]]()

    def finish(self: Jobs, *words: Any, **more: Any) -> bool:
        taken = finish_pair(self, *words, **more)
        while waiting:
            with suppress(OSError):
                write_whole(*waiting.pop())
        return taken

    with (
        patch.object(db.blobs, "write_whole", lambda path, png: waiting.append((path, png))),
        patch.object(Jobs, "finish_pair", finish),
    ):
        yield


def retry_that_draws_again() -> AbstractContextManager[Any]:
    """Asking for what failed once more queues what was done as well."""
    really = Jobs.retry

    def retry(self: Jobs, run_or_job_id: str, now: datetime) -> int:
        done = (tables.jobs.c.run_id == run_or_job_id) & (tables.jobs.c.state == JobState.DONE)
        with self._database.write() as connection:
            connection.execute(tables.jobs.update().where(done).values(state=JobState.CANCELLED))
        return really(self, run_or_job_id, now)

    return patch.object(Jobs, "retry", retry)


def missing_without_its_unit() -> AbstractContextManager[Any]:
    """A pair whose picture is missing leaves the desk, and its unit still counts it as one to be shown."""

    def keep(
        self: Pictures, connection: Connection, *, gone: set[str], back: set[str], now: datetime
    ) -> None:
        add_events(connection, gone, now, there=False)
        add_events(connection, back, now, there=True)
        pairs = holding(connection, gone | back)
        ready = showable(connection, pairs)
        for pair_id in pairs:
            pair = tables.pairs.update().where(tables.pairs.c.id == pair_id)
            connection.execute(pair.values(ready=pair_id in ready))

    return patch.object(Pictures, "_keep", keep)


def desk_that_does_not_look() -> AbstractContextManager[Any]:
    """What the database says was drawn is taken to be on the disk."""
    return patch.object(Pictures, "look", lambda *_: set())
