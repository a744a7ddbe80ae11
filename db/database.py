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
from datetime import datetime

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core.errors import InvalidRequest, StoreLocked
from db.dialects import WRITE, database_time, engine_options, prepare
from db.translation import translated


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
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise InvalidRequest(
                f"database URL: expected sqlite:///… or postgresql+psycopg://…, got {error}"
            ) from error
        prepare(self.engine, busy_timeout_ms)
        self.name = parsed.render_as_string(hide_password=True)
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

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change things: all of it happens, or none of it."""
        if not self._turn.acquire(timeout=self.patience_s):
            raise StoreLocked(f"{self.name}: other writers of this process hold the database for too long")
        try:
            with translated(self.name), self._writer.begin() as connection:
                yield connection
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
