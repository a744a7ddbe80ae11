"""Transactions: reads see one snapshot, writes happen one at a time and wholly or not at all.

SQLite runs in WAL mode, so readers never wait; every write starts with ``BEGIN IMMEDIATE``, so two writers
queue up instead of failing half-way through with a lock that cannot be upgraded. On PostgreSQL an advisory
lock gives writes the same simple order. A team's verdicts are a few writes a second: order is worth more here
than parallel writes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core.errors import DatabaseDamaged, InvalidRequest, StoreLocked
from db.database_file import DatabaseFile
from db.dialects import WRITE, engine_options, prepare
from db.translation import DAMAGED, translated


class Database:
    """An engine for SQLite or PostgreSQL."""

    def __init__(self, url: str, *, busy_timeout_ms: int) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise ArgumentError(parsed.get_backend_name())
            self.engine = create_engine(parsed, **engine_options(parsed.get_backend_name(), busy_timeout_ms))
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise InvalidRequest(
                f"database URL: expected sqlite:///… or postgresql+psycopg://…, got {error}"
            ) from error
        prepare(self.engine, busy_timeout_ms)
        self._file = DatabaseFile(self.engine)
        self.name = parsed.render_as_string(hide_password=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.patience_s = busy_timeout_ms / 1000
        # Threads of one process take turns here; SQLite's own waiting polls with growing pauses.
        self._turn = threading.Lock()
        self._writer = self.engine.execution_options(**{WRITE: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one consistent state and changes nothing."""
        with translated(self.name), self.engine.begin() as connection:
            yield connection
            self._file.remember()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change things: all of it happens, or none of it.

        Raises:
            DatabaseGone: the file of the database is no longer the one that is open.
        """
        if not self._turn.acquire(timeout=self.patience_s):
            raise StoreLocked(f"{self.name}: other writers of this process hold the database for too long")
        try:
            with translated(self.name), self._writer.begin() as connection:
                self._file.remember()
                self._file.require_present()
                yield connection
                self._file.require_present()
        finally:
            self._turn.release()

    def require_present(self) -> None:
        """Refuse to go on when the file of the database was deleted or replaced; a few microseconds.

        Raises:
            DatabaseGone: nothing can be saved, and what is read is stored nowhere any more.
        """
        with translated(self.name):
            self._file.require_present()

    def require_sound(self) -> None:
        """Look through the file of the database for damage; seconds for a gigabyte, nothing on PostgreSQL.

        Raises:
            DatabaseDamaged: with the first that was found.
        """
        if not self.is_sqlite:
            return
        with self.read() as connection:
            found = [str(row) for row in connection.exec_driver_sql("PRAGMA quick_check").scalars()]
        if found != ["ok"]:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            raise DatabaseDamaged(f"{self.name}: {found[0]}{more}", remedy=DAMAGED)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
