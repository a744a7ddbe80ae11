"""Transactions, and the one place where the database's errors become Sidegrade's.

SQLite runs in WAL mode, so readers never wait; every write starts with ``BEGIN IMMEDIATE``, so two writers
queue up instead of failing half-way through with a lock that cannot be upgraded. On PostgreSQL an advisory
lock gives writes the same simple order. A team's verdicts are a few writes a second: order is worth more here
than parallel writes.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import DiskFull, InvalidRequest, StoreError, StoreLocked, StoreReadOnly

_WRITE_LOCK_KEY = 0x51DE6ADE
"""Key of the advisory lock that orders writes on PostgreSQL."""


class Database:
    """An engine whose transactions are either reads (one snapshot) or writes (one at a time)."""

    def __init__(self, url: str, *, busy_timeout_ms: int) -> None:
        try:
            self.url = make_url(url)
            self.engine = create_engine(self.url, **_options(self.url.get_backend_name(), busy_timeout_ms))
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise InvalidRequest(
                f"database URL: expected sqlite:///… or postgresql+psycopg://…, got {error}"
            ) from error
        self.name = self.url.render_as_string(hide_password=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # Threads of one process take turns here; SQLite's own waiting polls with growing pauses.
        self._turn = threading.Lock()
        self.patience_s = busy_timeout_ms / 1000
        self._writer = self.engine.execution_options(sidegrade_write=True)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        event.listen(self.engine, "begin", _begin_sqlite if self.is_sqlite else _begin_postgresql)

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

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn errors of SQLAlchemy, of the driver and of the disk into the errors of :mod:`core.errors`."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreLocked(f"{name}: every connection is in use: {error}") from error
    except DBAPIError as error:
        raise _translate(name, error.orig) from error
    except sqlite3.Error as error:
        raise _translate(name, error) from error
    except StatementError as error:  # a value that a column refused
        raise error.orig if isinstance(error.orig, StoreError) else StoreError(f"{name}: {error}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"{name}: {error}") from error
    except OSError as error:
        raise disk_error(name, error) from error


def disk_error(name: str, error: OSError) -> StoreError:
    """The Sidegrade error for a refusal of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{name}: no space is left; nothing was saved", remedy="free some space, then retry")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnly(f"{name}: cannot be written: {error.strerror}")
    return StoreError(f"{name}: {error}")


def _options(backend: str, busy_timeout_ms: int) -> dict[str, Any]:
    # Reviewers, routes and page scripts share one process: more connections than SQLAlchemy's default.
    options: dict[str, Any] = {"pool_size": 10, "max_overflow": 40, "pool_timeout": 30}
    if backend == "sqlite":
        return options | {"connect_args": {"timeout": busy_timeout_ms / 1000}}
    return options | {"pool_pre_ping": True}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Per connection: transactions are begun by us, references hold, a commit does not wait for the disk.

    In WAL mode ``synchronous=NORMAL`` survives a killed process without loss; only a power cut can take the
    last moments, and it never leaves a broken file.
    """
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("sidegrade_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("sidegrade_write"):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK_KEY})


def _translate(name: str, error: BaseException | None) -> StoreError:
    reason = f"{name}: {error}"
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | "55P03" | "40P01" | "40001" | "57014":
            remedy = "close the program that keeps the database open, then retry"
            return StoreLocked(f"{reason}: another process holds the database for too long", remedy=remedy)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | "25006" | "42501":
            return StoreReadOnly(reason, remedy="make the database and its folder writable")
        case sqlite3.SQLITE_FULL | "53100":
            return DiskFull(f"{reason}; nothing was saved", remedy="free some space, then retry")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(reason, remedy="the file is damaged: restore a copy")
        case _:
            return StoreError(reason)


def _code(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    extended = getattr(error, "sqlite_errorcode", None)
    return getattr(error, "sqlstate", None) if extended is None else extended & 0xFF
