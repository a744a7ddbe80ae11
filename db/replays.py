"""Replays: renders made again from their recipes, and how far off they were."""

from __future__ import annotations

from core.errors import UnknownName
from core.records import ReplayReport
from db import tables
from db.database import Database
from db.rows import all_as, first_as, insert, row_of, select_as

_REPORTS = select_as(ReplayReport, tables.replays)


class Replays:
    """Reports of replays; a report is never changed, a render can be replayed again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, report: ReplayReport) -> None:
        """Store a replay that was made outside the queue, such as by the terminal."""
        with self._database.write() as connection:
            insert(connection, tables.replays, [row_of(report)])

    def get(self, report_id: str) -> ReplayReport:
        """One report; ``UnknownName`` when there is none."""
        with self._database.read() as connection:
            report = first_as(connection, ReplayReport, _REPORTS.where(tables.replays.c.id == report_id))
        if report is None:
            raise UnknownName.of("replay", report_id, [])
        return report

    def of_render(self, render_id: str) -> list[ReplayReport]:
        """All replays of a render, newest first."""
        mine = _REPORTS.where(tables.replays.c.render_id == render_id)
        with self._database.read() as connection:
            return all_as(connection, ReplayReport, mine.order_by(tables.replays.c.ordinal.desc()))
