"""Workers as they last reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.records import WorkerStatus
from db import tables
from db.database import Database
from db.rows import all_as, insert_new, row_of, select_as

SILENT_AFTER = timedelta(seconds=60)
"""A worker that has not reported for so long is taken for gone."""


class Workers:
    """Who is working, on what device and on what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, status: WorkerStatus) -> None:
        """Report: this worker is alive. It was seen now, by the database's clock."""
        with self._database.write() as connection:
            status = replace(status, last_seen_at=self._database.now(connection))
            update = tables.workers.update().where(tables.workers.c.name == status.name)
            if not connection.execute(update.values(**row_of(status))).rowcount:
                insert_new(connection, tables.workers, [row_of(status)])

    def list(self, *, within: timedelta = SILENT_AFTER) -> list[WorkerStatus]:
        """Workers that reported so lately, by name; a time that is still to come is not of late."""
        seen = tables.workers.c.last_seen_at
        with self._database.read() as connection:
            now = self._database.now(connection)
            alive = (
                select_as(WorkerStatus, tables.workers)
                .where(seen > now - within, seen <= now)
                .order_by(tables.workers.c.name)
            )
            return all_as(connection, WorkerStatus, alive)
