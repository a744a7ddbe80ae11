"""Where SQLite and PostgreSQL differ: options, how transactions begin, how to insert or skip."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Insert, Table, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

WRITE = "sidegrade_write"
"""Execution option of the connections that are going to write."""

PATIENCE_MS = "sidegrade_patience_ms"
"""Execution option of a connection that waits less long than others for its turn to write."""

_WRITE_LOCK_KEY = 0x51DE6ADE
"""Key of the advisory lock that orders writes on PostgreSQL."""


def engine_options(backend: str, busy_timeout_ms: int) -> dict[str, Any]:
    """How to connect to ``sqlite`` or ``postgresql``."""
    # Reviewers, routes and page scripts share one process: more connections than SQLAlchemy's default.
    pool: dict[str, Any] = {"pool_size": 10, "max_overflow": 40, "pool_timeout": 30}
    if backend == "sqlite":
        return pool | {"connect_args": {"timeout": busy_timeout_ms / 1000}}
    return pool | {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}


def prepare(engine: Engine, busy_timeout_ms: int) -> None:
    """Make transactions of this engine begin as :class:`db.database.Database` promises."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)

        def begin_sqlite(connection: Connection) -> None:
            _begin_sqlite(connection, busy_timeout_ms)

        event.listen(engine, "begin", begin_sqlite)
        return

    def begin(connection: Connection) -> None:
        _begin_postgresql(connection, busy_timeout_ms)

    event.listen(engine, "begin", begin)


def insert_or_skip(connection: Connection, table: Table) -> Insert:
    """``INSERT … ON CONFLICT DO NOTHING``, which also says how many rows it stored."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def upsert(connection: Connection, table: Table) -> Insert:
    """``INSERT … ON CONFLICT (primary key) DO UPDATE`` of every other column."""
    key = [column.name for column in table.primary_key]
    made = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    others = {column.name: made.excluded[column.name] for column in table.columns if column.name not in key}
    return made.on_conflict_do_update(index_elements=key, set_=others)


def database_time(connection: Connection) -> datetime:
    """The present moment by the database's clock, aware UTC; not that at which its transaction began."""
    if connection.dialect.name == "sqlite":
        return datetime.fromisoformat(connection.scalar(text("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")))
    moment: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    return moment.astimezone(UTC)


def begins(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """Whether a text begins with these words, in whatever case their letters are, on both databases alike."""
    pattern = re.sub(r"([%_/])", r"/\1", words) + "%"
    return func.lower(column).like(func.lower(pattern), escape="/")


def lower(text: str | None) -> str | None:
    """The text in small letters, one for one, as PostgreSQL's ``lower`` has them; SQLite's knows A–Z alone.

    >>> lower("ÉTÉ Σ İ")
    'été σ İ'
    """
    return text and "".join(one if len(small := one.lower()) > 1 else small for one in text)


def next_ordinal(connection: Connection, table: Table) -> int:
    """The ordinal of the row that this write transaction appends next, above those of all before it."""
    if connection.dialect.name == "sqlite":
        return 1 + (connection.scalar(select(func.max(table.c.ordinal))) or 0)
    sequence = func.pg_get_serial_sequence(table.name, "ordinal")
    return int(connection.scalar(select(func.nextval(sequence))) or 0)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Per connection: transactions are begun by us, references hold, a commit does not wait for the disk.

    In WAL mode ``synchronous=NORMAL`` survives a killed process without loss; only a power cut can take the
    last moments, and it never leaves a broken file.
    """
    connection.isolation_level = None
    connection.create_function("lower", 1, lower, deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection, busy_timeout_ms: int) -> None:
    write = connection.get_execution_options().get(WRITE)
    if write:
        patience = connection.get_execution_options().get(PATIENCE_MS, busy_timeout_ms)
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _begin_postgresql(connection: Connection, busy_timeout_ms: int) -> None:
    if connection.get_execution_options().get(WRITE):
        patience = connection.get_execution_options().get(PATIENCE_MS, busy_timeout_ms)
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience)}")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK_KEY})
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
