"""Measurements are only appended. What one examination finds is written at once, and of each check the latest
examination counts: examining again with a newer version never erases the older finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, select

from core.checks.results.alarms import is_alarm
from core.records import Measurement
from db import tables
from db.database import Database
from db.kept_pairs import keep_pairs
from db.rows import all_as, insert, row_of, select_as
from db.run_sums import pairs_counted

_MEASUREMENTS = tables.measurements


class Measurements:
    """What the checks found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, measurements: Iterable[Measurement]) -> None:
        """Store one examination: all measurements that one pass over a pair (or over several) gave."""
        made = list(measurements)
        with self._database.write() as connection:
            examined = {one.pair_id for one in made}
            with pairs_counted(connection, examined):
                add_measurements(connection, made)
            keep_pairs(connection, examined)

    def of_pair(self, pair_id: str) -> list[Measurement]:
        """What counts for one pair, in the order in which it was measured."""
        latest = _latest().where(_MEASUREMENTS.c.pair_id == pair_id)
        with self._database.read() as connection:
            return all_as(connection, Measurement, _current(latest))

    def of_pairs(self, pair_ids: Iterable[str]) -> dict[str, list[Measurement]]:
        """What counts for several pairs, by pair id."""
        latest = _latest().where(_MEASUREMENTS.c.pair_id.in_(set(pair_ids)))
        with self._database.read() as connection:
            return _by_pair(connection, latest)

    def of_run(self, run_id: str) -> dict[str, list[Measurement]]:
        """What counts for every pair of a run, by pair id."""
        with self._database.read() as connection:
            return measurements_of_run(connection, run_id)

    def history(self, pair_id: str, check: str) -> list[Measurement]:
        """Everything a check ever found on a pair, oldest first."""
        everything = select_as(Measurement, _MEASUREMENTS).where(
            _MEASUREMENTS.c.pair_id == pair_id, _MEASUREMENTS.c.check == check
        )
        with self._database.read() as connection:
            return all_as(connection, Measurement, everything.order_by(_MEASUREMENTS.c.ordinal))


def add_measurements(connection: Connection, measurements: Iterable[Measurement]) -> None:
    """Append one examination inside the caller's transaction."""
    last = connection.scalar(select(func.max(_MEASUREMENTS.c.examination))) or 0
    drawn = connection.scalar(select(func.max(tables.renders.c.ordinal))) or 0
    kept = {"examination": last + 1, "last_render": drawn}
    insert(connection, _MEASUREMENTS, [row_of(m, alarm=is_alarm(m), **kept) for m in measurements])


def measurements_of_run(
    connection: Connection, run_id: str, *, checks: Collection[str] | None = None
) -> dict[str, list[Measurement]]:
    """What counts for every pair of a run, in the caller's transaction; ``checks`` None: of all of them."""
    pairs = tables.pairs
    latest = _latest().join(pairs, pairs.c.id == _MEASUREMENTS.c.pair_id).where(pairs.c.run_id == run_id)
    if checks is not None:
        latest = latest.where(_MEASUREMENTS.c.check.in_(checks))
    return _by_pair(connection, latest)


def _latest() -> Select[Any]:
    """The latest examination of each pair by each check; narrow it by ``where`` before :func:`_current`."""
    by = (_MEASUREMENTS.c.pair_id, _MEASUREMENTS.c.check)
    return select(*by, func.max(_MEASUREMENTS.c.examination).label("examination")).group_by(*by)


def _current(latest: Select[Any]) -> Select[Any]:
    """The measurements of those examinations, in the order in which they were written."""
    newest = latest.subquery()
    return (
        select_as(Measurement, _MEASUREMENTS)
        .join(
            newest,
            (newest.c.pair_id == _MEASUREMENTS.c.pair_id)
            & (newest.c.check == _MEASUREMENTS.c.check)
            & (newest.c.examination == _MEASUREMENTS.c.examination),
        )
        .order_by(_MEASUREMENTS.c.ordinal)
    )


def _by_pair(connection: Connection, latest: Select[Any]) -> dict[str, list[Measurement]]:
    found: dict[str, list[Measurement]] = defaultdict(list)
    for measurement in all_as(connection, Measurement, _current(latest)):
        found[measurement.pair_id].append(measurement)
    return dict(found)
