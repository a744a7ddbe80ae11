"""The one place where errors of SQLAlchemy, of the drivers and of the disk become Sidegrade's."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import DatabaseDamaged, DiskFull, InvalidRequest, StoreError, StoreLocked, StoreReadOnly

DAMAGED = (
    "the file is damaged: stop Sidegrade and restore a backup into another folder by "
    "`sidegrade restore BACKUP --home NEW`"
)
"""What to do with a database that SQLite cannot read through."""


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Whatever a database called ``name`` raises inside arrives as a :class:`core.errors.StoreError`.

    A value that no database can hold is no trouble of the store: it is the caller's, an ``InvalidRequest``.
    """
    try:
        yield
    except (UnicodeError, OverflowError, DataError) as error:  # half a surrogate pair, NUL, a huge number
        raise InvalidRequest(
            f"expected texts and numbers that a database can hold, got others ({type(error).__name__})"
        ) from error
    except PoolTimeout as error:
        raise StoreLocked(f"{name}: every connection is in use: {error}") from error
    except DBAPIError as error:
        raise _database_error(name, error.orig) from error
    except sqlite3.Error as error:
        raise _database_error(name, error) from error
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


def _database_error(name: str, error: BaseException | None) -> StoreError:
    reason = f"{name}: {error}"
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | "55P03" | "40P01" | "40001":
            remedy = "close the program that keeps the database open, then retry"
            return StoreLocked(f"{reason}: another process holds the database for too long", remedy=remedy)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | "25006" | "42501":
            return StoreReadOnly(reason, remedy="make the database and its folder writable")
        case sqlite3.SQLITE_FULL | "53100":
            return DiskFull(f"{reason}; nothing was saved", remedy="free some space, then retry")
        case sqlite3.SQLITE_CORRUPT:
            return DatabaseDamaged(reason, remedy=DAMAGED)
        case sqlite3.SQLITE_NOTADB:
            return StoreError(reason, remedy=DAMAGED)
        case _:
            return StoreError(reason)


def _code(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    extended = getattr(error, "sqlite_errorcode", None)
    return getattr(error, "sqlstate", None) if extended is None else extended & 0xFF
