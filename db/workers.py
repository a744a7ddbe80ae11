"""Workers as they last reported."""

from __future__ import annotations

from datetime import datetime, timedelta

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
        """Report: this worker is alive."""
        with self._database.write() as connection:
            update = tables.workers.update().where(tables.workers.c.name == status.name)
            if not connection.execute(update.values(**row_of(status))).rowcount:
                insert_new(connection, tables.workers, [row_of(status)])

    def list(self, now: datetime) -> list[WorkerStatus]:
        """Workers that reported within the last minute, by name."""
        recent = tables.workers.c.last_seen_at > now - SILENT_AFTER
        alive = select_as(WorkerStatus, tables.workers).where(recent).order_by(tables.workers.c.name)
        with self._database.read() as connection:
            return all_as(connection, WorkerStatus, alive)
