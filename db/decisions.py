"""Analyses, waivers and the events of a rollout: appended, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from core.records import Analysis, RolloutAction, RolloutEvent, Waiver
from db import tables
from db.database import Database
from db.rows import all_as, insert_new, row_of, select_as

_ANALYSES = select_as(Analysis, tables.analyses)
_EVENTS = select_as(RolloutEvent, tables.rollout_events)


class Decisions:
    """What was concluded from the evidence, and what people decided."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_analysis(self, analysis: Analysis) -> bool:
        """Store an analysis; False when it is stored already."""
        with self._database.write() as connection:
            return insert_new(connection, tables.analyses, [row_of(analysis)]) == 1

    def analyses(self, run_id: str) -> list[Analysis]:
        """All analyses of a run, newest first."""
        mine = _ANALYSES.where(tables.analyses.c.run_id == run_id)
        with self._database.read() as connection:
            return all_as(connection, Analysis, mine.order_by(tables.analyses.c.ordinal.desc()))

    def append_event(self, event: RolloutEvent, *, seen: int | None = None) -> bool:
        """Append what happened to a rollout.

        Args:
            seen: how many events the decision was based on; when others have been appended since, nothing is
                stored. Two leads who press *approve* and *refuse* at once cannot both succeed.

        A start is stored with the highest verdict ordinal of this moment, and no event with a time that is
        still to come. Returns False when the uuid is known or when there are more events than were ``seen``.
        """
        events = tables.rollout_events
        with self._database.write() as connection:
            count = connection.scalar(select(func.count()).where(events.c.run_id == event.run_id))
            if seen is not None and count != seen:
                return False
            stored = replace(event, created_at=self._database.dated(connection, event.created_at))
            if event.action is RolloutAction.START:
                stored = replace(stored, last_verdict=_last_verdict(connection))
            return insert_new(connection, events, [row_of(stored)]) == 1

    def events(self, run_id: str) -> list[RolloutEvent]:
        """Everything that happened to a run's rollout, oldest first."""
        mine = _EVENTS.where(tables.rollout_events.c.run_id == run_id)
        with self._database.read() as connection:
            return all_as(connection, RolloutEvent, mine.order_by(tables.rollout_events.c.ordinal))

    def add_waiver(self, waiver: Waiver) -> bool:
        """Store a waiver; False when it is stored already."""
        with self._database.write() as connection:
            return insert_new(connection, tables.waivers, [row_of(waiver)]) == 1

    def waivers(self, run_id: str, now: datetime) -> list[Waiver]:
        """Waivers that hold for a run at this moment: its own, and those for every run."""
        waivers = tables.waivers.c
        valid = select_as(Waiver, tables.waivers).where(
            or_(waivers.run_id == run_id, waivers.run_id.is_(None)), waivers.expires_at > now
        )
        with self._database.read() as connection:
            return all_as(connection, Waiver, valid.order_by(waivers.ordinal))


def _last_verdict(connection: Connection) -> int:
    """The highest ordinal of a verdict; 0 where there is none."""
    return connection.scalar(select(func.max(tables.verdicts.c.ordinal))) or 0


def start_of(run_id: str) -> Select[Any]:
    """The event that started a run's rollout; None before the start."""
    events = tables.rollout_events.c
    starts = _EVENTS.where(events.run_id == run_id, events.action == RolloutAction.START)
    return starts.order_by(events.ordinal)
