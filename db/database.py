"""Transactions: reads see one snapshot, writes happen one at a time and wholly or not at all.

SQLite runs in WAL mode, so readers never wait; every write starts with ``BEGIN IMMEDIATE``, so two writers
queue up instead of failing half-way through with a lock that cannot be upgraded. On PostgreSQL an advisory
lock gives writes the same simple order. A team's verdicts are a few writes a second: order is worth more here
than parallel writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core.errors import DatabaseDamaged, InvalidRequest, StoreLocked
from db import tables
from db.database_file import DatabaseFile
from db.dialects import PATIENCE_MS, WRITE, database_time, engine_options, prepare
from db.translation import DAMAGED, translated

_PROBE_MS = 1000
_PROBE_BYTES = 20_000
"""More than a page of the file, so that a full disk is met."""
_EPOCH = datetime.fromtimestamp(0, UTC)


class Database:
    """An engine for SQLite or PostgreSQL.

    ``clock`` stands for the database's own where a test or a simulation sets it; None: the database is asked.
    """

    def __init__(
        self, url: str, *, busy_timeout_ms: int, clock: Callable[[], datetime] | None = None
    ) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise ArgumentError(parsed.get_backend_name())
            self.engine = create_engine(parsed, **engine_options(parsed.get_backend_name(), busy_timeout_ms))
        except ImportError as error:
            raise InvalidRequest(
                f"database URL: the driver for PostgreSQL is not installed here ({error.name})",
                remedy="run `.venv/bin/pip install -c constraints.txt -e '.[postgres]'`, and let the URL "
                "begin with postgresql+psycopg://",
            ) from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise InvalidRequest(
                f"database URL: expected sqlite:///… or postgresql+psycopg://…, got {error}"
            ) from error
        prepare(self.engine, busy_timeout_ms)
        self._file = DatabaseFile(self.engine)
        self.name = "the database"  # as it stands on pages: no host, no user, no folder
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.patience_s = busy_timeout_ms / 1000
        # Threads of one process take turns here; SQLite's own waiting polls with growing pauses.
        self._turn = threading.Lock()
        self._clock = clock
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

    def try_write(self) -> None:
        """Write something and take it back: whether a write would work now.

        It waits for its turn for a second at most.

        Raises:
            StoreError: as a write would.
        """
        if not self._turn.acquire(timeout=_PROBE_MS / 1000):
            raise StoreLocked(f"{self.name}: other writers of this process hold the database for too long")
        try:
            probing = self._writer.execution_options(**{PATIENCE_MS: _PROBE_MS})
            self.require_present()
            with translated(self.name), probing.connect() as connection, connection.begin() as transaction:
                words = {
                    "name": "probe",
                    "device": "",
                    "pid": 0,
                    "last_seen_at": _EPOCH,
                    "started_at": _EPOCH,
                }
                connection.execute(tables.workers.insert(), [{**words, "doing": " " * _PROBE_BYTES}])
                transaction.rollback()
        finally:
            self._turn.release()

    def now(self, connection: Connection) -> datetime:
        """The present moment by the database's clock, the one clock that all processes share.

        Leases, liveness and holds are told by it. Those who share an SQLite file share a machine's clock.
        """
        return database_time(connection) if self._clock is None else self._clock()

    def dated(self, connection: Connection, moment: datetime) -> datetime:
        """The moment an event is stored with: the caller's, but none that is still to come."""
        return min(moment, self.now(connection))

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
