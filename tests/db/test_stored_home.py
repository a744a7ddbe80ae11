"""The stored home of schema 0006 is brought to the newest on both databases, and both then say the same.

Its rows are put into a database of that schema: ``homes/0006`` is a file of SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, MetaData, Table, text

from core.config.settings import Settings
from core.records import Outcome
from core.review.units import judged_too_early
from db import schema
from db.database import Database
from db.store import Store
from tests.world import verdict

SQL = Path(__file__).parent / "homes" / "0006" / "sidegrade.sql"
KEPT_BY_MIGRATIONS = (
    "SELECT run_id, last_verdict FROM rollout_events ORDER BY ordinal",
    "SELECT case_digest, first_judged_ordinal FROM review_units ORDER BY run_id, place",
    "SELECT pair_id, last_render FROM measurements ORDER BY ordinal",
)
"""What is no column of 0006 and follows from its rows."""


@pytest.fixture
def stored() -> Iterator[sqlite3.Connection]:
    """The stored home, as it is; its run's rollout was started after the first verdict."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SQL.read_text(encoding="utf-8"))
        connection.execute(
            "INSERT INTO rollout_events SELECT 1, 'start', id, 'start', 'lea', '', NULL, NULL, 'policy_1',"
            " '2026-03-03T14:23:10.500000+00:00' FROM runs"
        )
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture
def brought_over(settings: Settings, stored: sqlite3.Connection) -> Iterator[Store]:
    """A store that was opened on the rows of the stored home."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url, busy_timeout_ms=1000)
    with database.write() as connection:
        schema.upgrade(connection, schema.revisions()[0])
        of_0006 = MetaData()
        of_0006.reflect(connection)
        for table in of_0006.sorted_tables:
            if table.name != "alembic_version":
                put_rows(connection, table, stored)
    database.close()
    with Store.open(settings) as store:
        yield store


def put_rows(connection: Connection, table: Table, stored: sqlite3.Connection) -> None:
    """All rows of one table, and its next ordinal above theirs."""
    rows = [fit(table, row) for row in stored.execute(f'SELECT * FROM "{table.name}"')]
    if rows:
        connection.execute(table.insert(), rows)
    if rows and "ordinal" in table.columns and connection.dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{table.name}', 'ordinal')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT MAX(ordinal) FROM {table.name}))"))


def fit(table: Table, row: sqlite3.Row) -> dict[str, Any]:
    """A row with booleans where SQLite keeps 0 and 1."""
    flags = {column.name for column in table.columns if isinstance(column.type, Boolean)}
    return {
        column.name: bool(value) if column.name in flags and value is not None else value
        for column in table.columns
        for value in [row[column.name]]
    }


def said(store: Store) -> list[list[tuple[Any, ...]]]:
    with store._database.read() as connection:
        return [[tuple(row) for row in connection.execute(text(asked))] for asked in KEPT_BY_MIGRATIONS]


@pytest.mark.empty_database
def test_belonging_and_examinations_go_by_ordinals_after_every_migration(
    brought_over: Store, stored: sqlite3.Connection
) -> None:
    with brought_over._database.read() as connection:
        assert schema.revision_of(connection) == schema.newest_revision()
    starts, units, examinations = said(brought_over)
    firsts = dict(
        stored.execute(
            "SELECT pairs.case_digest, MIN(verdicts.ordinal) FROM verdicts"
            " JOIN pairs ON pairs.id = verdicts.pair_id WHERE verdicts.action = 'cast'"
            " AND verdicts.purpose != 'same' GROUP BY pairs.case_digest"
        ).fetchall()
    )
    assert dict(units) == {case: firsts.get(case) for case, _ in units}
    assert any(first for _, first in units)
    newest = dict(stored.execute("SELECT pair_id, MAX(ordinal) FROM renders GROUP BY pair_id").fetchall())
    assert examinations
    assert all(last_render == newest[pair] for pair, last_render in examinations)
    assert [last_verdict for _, last_verdict in starts] == [1]
    (run, *_) = brought_over.runs.list()
    assert brought_over.evidence(run.id).outdated == frozenset()


@pytest.mark.empty_database
def test_a_home_that_was_brought_over_takes_the_next_verdict(brought_over: Store) -> None:
    (run, *_) = brought_over.runs.list()
    before = judged_too_early(brought_over.evidence(run.id))
    pair = brought_over.pairs.of_run(run.id)[0]
    assert brought_over.reviews.record(verdict(pair, "zoe", Outcome.TIE, brought_over.now()))
    assert judged_too_early(brought_over.evidence(run.id)) == before
