"""Databases as a Sidegrade of an earlier schema would have made them."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Connection, Index, MetaData, StaticPool, Table, create_engine, inspect, select, text

from core.config.settings import Settings
from db import schema
from db.database import Database
from db.rows import insert
from db.store import Store

HOME = Path(__file__).parent / "homes" / "0006"
"""Written by the Sidegrade of that schema: two cases, seeds and reviewers, a golden version."""


def brought_back(store: Store, revision: str) -> None:
    """Let the database be what the migrations up to ``revision`` would have made of it."""
    wanted = tables_of(revision)
    with store._database.write() as connection:
        there = MetaData()
        there.reflect(connection)
        there.drop_all(
            connection, [table for name, table in there.tables.items() if name not in wanted.tables]
        )
        for table in wanted.sorted_tables:
            _bring_back(connection, table, there.tables[table.name])
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))


def opened_by_0006(settings: Settings) -> None:
    """Let the settings' home and database hold what the stored home of 0006 holds; it is not opened yet."""
    shutil.copytree(HOME / "blobs", settings.blobs)
    stored = create_engine("sqlite://", poolclass=StaticPool)
    copied = Database(settings.database_url, busy_timeout_ms=1000)
    with stored.connect() as source, copied.write() as connection:
        source.connection.driver_connection.executescript(  # type: ignore[union-attr]  # it is open
            (HOME / "sidegrade.sql").read_text(encoding="utf-8")
        )
        schema.upgrade(connection, "0006")
        for table in tables_of("0006").sorted_tables:
            if table.name != "alembic_version":
                insert(connection, table, [dict(row) for row in source.execute(select(table)).mappings()])
    stored.dispose()
    copied.close()


def tables_of(revision: str) -> MetaData:
    """The tables of a schema, as its migrations make them."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        schema.upgrade(connection, revision)
        found = MetaData()
        found.reflect(connection)
    engine.dispose()
    return found


def _bring_back(connection: Connection, wanted: Table, there: Table) -> None:
    names = {index.name for index in wanted.indexes}
    for index in there.indexes:
        if index.name not in names:
            index.drop(connection)
    for column in set(there.columns.keys()) - set(wanted.columns.keys()):
        connection.execute(text(f"ALTER TABLE {there.name} DROP COLUMN {column}"))
    kept = {index["name"] for index in inspect(connection).get_indexes(there.name)}
    for index in wanted.indexes:
        if index.name not in kept:
            Index(index.name, *(there.c[column.name] for column in index.columns)).create(connection)
