"""A copy of the whole database as one SQLite file, made while others write, and what such a file holds.

On SQLite it is the online backup: one snapshot in one step, which no writer waits for. On PostgreSQL the rows
of one snapshot are copied table by table as they are stored, so that the file is the same wherever it came
from.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, inspect, select, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from db import tables
from db.blobs import paths_of
from db.database import Database
from db.schema import migrate, refuse_foreign, revision_of
from db.translation import translated

_AT_ONCE = 5_000
"""Rows that are on their way from one database to the other."""
_NAMED = """
    SELECT digest FROM renders WHERE digest IS NOT NULL
    UNION SELECT render_digest FROM triage_events ORDER BY 1
"""
"""Every picture that an event names; a frozen golden set names none beside these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFacts:
    """What a database file holds."""

    schema: str
    rows: Mapping[str, int]
    """Rows of each table."""
    pictures: Mapping[str, tuple[str, ...]]
    """The files that may hold each picture that it names, by the digest of the picture; sorted."""


def copy_database(database: Database, path: Path) -> None:
    """Copy everything that is committed at this moment into the new file ``path``.

    Raises:
        StoreError: the database refuses or is gone, or there is no space.
    """
    if not database.is_sqlite:
        _copy_rows(database, path)
        return
    database.require_present()
    with (
        translated(str(path)),
        closing(database.engine.raw_connection()) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.driver_connection.backup(target)  # type: ignore[union-attr]  # that of an open connection
    database.require_present()


def facts_of(path: Path) -> CopyFacts:
    """What a database file holds that nobody works on; of whatever schema, and nothing is migrated.

    Raises:
        DatabaseDamaged: it cannot be read through.
        StoreError: it is no database of Sidegrade's.
    """
    with _opened(path) as database:
        database.require_sound()
        with database.read() as connection:
            revision = revision_of(connection)
            refuse_foreign(path.name, revision or "")
            names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
            return CopyFacts(
                schema=revision or "",
                rows={name: _count(connection, name) for name in names},
                pictures=_pictures(connection, names),
            )


def picture_files(folder: Path) -> list[Path]:
    """Every stored picture of a blob folder, by its path inside it; drafts of pictures are left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*.png") if path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def without_file(facts: CopyFacts, folder: Path) -> list[str]:
    """Digests of the pictures that a database names and of which a blob folder has no file."""
    return [
        digest
        for digest, files in facts.pictures.items()
        if not any(path.is_file() for path in paths_of(folder, digest, files))
    ]


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", busy_timeout_ms=1_000)
    try:
        yield database
    finally:
        database.close()


def _pictures(connection: Connection, names: list[str]) -> dict[str, tuple[str, ...]]:
    """A database of before schema 0007 knows no files: their names follow from the pictures."""
    found: dict[str, list[str]] = {digest: [] for digest in connection.execute(text(_NAMED)).scalars()}
    if tables.stored_files.name in names:
        for digest, file in connection.execute(text("SELECT digest, file_digest FROM stored_files")):
            if digest in found:
                found[digest].append(file)
    return {digest: tuple(sorted(files)) for digest, files in found.items()}


def _count(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())


def _copy_rows(source: Database, path: Path) -> None:
    with _opened(path) as target:
        migrate(target)
        with source.read() as reading, target.write() as writing:
            for table in _as_stored(tables.metadata):
                found = reading.execution_options(yield_per=_AT_ONCE).execute(select(table))
                for rows in found.mappings().partitions():
                    writing.execute(table.insert(), [dict(row) for row in rows])


def _as_stored(metadata: MetaData) -> list[Table]:
    """The tables, those referred to first, with columns that leave every value as it is stored."""
    plain = MetaData()
    return [
        Table(table.name, plain, *(Column(column.name, _stored(column)) for column in table.columns))
        for table in metadata.sorted_tables
    ]


def _stored(column: Column[Any]) -> TypeEngine[Any]:
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
