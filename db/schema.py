"""Brings a database to the newest schema when it is opened.

A migration is a numbered file under ``migrations/versions``. A database that is already at the newest number
costs one query: Alembic is not even imported. Otherwise everything happens in one write transaction, so two
processes that open a new database at once cannot collide: the second waits, then finds the work done.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from core.errors import StoreError
from db.database import Database
from db.translation import translated

MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """The numbers of all migration files, in order. They begin with that of the first release, ``0006``."""
    return sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The number of the newest migration file, such as ``0006``."""
    return revisions()[-1]


def migrate(database: Database) -> None:
    """Bring the database to the newest schema; refuses one that a newer Sidegrade has written.

    Raises:
        StoreError: a subclass of it, when the database is locked, read-only, damaged or newer.
    """
    newest = newest_revision()
    with database.read() as connection:
        if revision_of(connection) == newest:
            return
    if database.is_sqlite:
        _write_ahead(database)
    with database.write() as connection:
        revision = revision_of(connection)
        if revision is not None:
            refuse_foreign(database.name, revision)
        if revision != newest:
            upgrade(connection, newest)


def refuse_foreign(name: str, revision: str) -> None:
    """Refuse a schema that no migration of this program leads on from.

    Raises:
        StoreError: it is newer than this program, or from before the first release.
    """
    known = revisions()
    if revision > known[-1]:
        raise StoreError(
            f"{name}: expected schema {known[-1]} or older, got {revision}",
            remedy="a newer Sidegrade has written this database: update this one",
        )
    if revision not in known:
        raise StoreError(
            f"{name}: expected schema {known[0]} or newer, got {revision}",
            remedy="it was written before the first release: choose another --home",
        )


def revision_of(connection: Connection) -> str | None:
    """The schema's number, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def upgrade(connection: Connection, revision: str) -> None:
    """Run the migrations up to ``revision`` inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _write_ahead(database: Database) -> None:
    """Switch SQLite to WAL, which the file then remembers; two processes may both be trying.

    The switch needs the file for itself and does not wait for it as ordinary statements do.
    """
    deadline = time.monotonic() + database.patience_s
    with translated(database.name):
        connection = database.engine.raw_connection()
        try:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
                    return
                except sqlite3.OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
        finally:
            connection.close()
