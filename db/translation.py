"""The one place where errors of SQLAlchemy, of the drivers and of the disk become Sidegrade's.

Every refusal is a sentence for a person, with what to do. The driver's own words name hosts and users: they
go to the log and never to a page.
"""

from __future__ import annotations

import errno
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.defects import in_one_line
from core.errors import (
    DatabaseDamaged,
    DiskFull,
    InvalidInput,
    InvalidRequest,
    StoreError,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
)

DAMAGED = (
    "the file is damaged: stop Sidegrade and restore a backup into another folder by "
    "`sidegrade restore BACKUP --home NEW`"
)
"""What to do with a database that SQLite cannot read through."""

_log = logging.getLogger("sidegrade")


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
        raise StoreLocked(f"{name}: every connection is in use", remedy=_LOCKED) from error
    except DBAPIError as error:
        raise _database_error(name, error.orig) from error
    except sqlite3.Error as error:
        raise _database_error(name, error) from error
    except StatementError as error:  # a value that a column refused
        if isinstance(error.orig, (StoreError, InvalidInput)):
            raise error.orig from error
        raise _unforeseen(name, error) from error
    except SQLAlchemyError as error:
        raise _unforeseen(name, error) from error
    except OSError as error:
        raise disk_error(name, error) from error


def disk_error(name: str, error: OSError) -> StoreError:
    """The Sidegrade error for a refusal of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{name}: no space is left; nothing was saved", remedy="free some space, then retry")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnly(f"{name}: cannot be written: {error.strerror}")
    return StoreError(f"{name}: {error}")


_LOCKED = "close the program that keeps the database open, then retry"
_UNREACHABLE = "start the database, or correct SIDEGRADE_DATABASE_URL; what waits goes on by itself"
_LOGIN = "correct the user and the password in SIDEGRADE_DATABASE_URL"

_WITHOUT_STATE = (
    (r"authentication failed|no password supplied|role .* does not exist", "28000"),
    (r"database .* does not exist", "3D000"),
    (r"starting up|shutting down", "57P03"),
    (r"too many (clients|connections)", "53300"),
)
"""A connection that PostgreSQL refuses has words, in English, and no SQLSTATE."""


def _database_error(name: str, error: BaseException | None) -> StoreError:
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | "55P03" | "40P01" | "40001":
            reason = "another process holds the database for too long"
            return StoreLocked(f"{name}: {reason}", remedy=_LOCKED)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | "25006" | "42501":
            remedy = "make the database and its folder writable"
            return StoreReadOnly(f"{name}: cannot be written", remedy=remedy)
        case sqlite3.SQLITE_FULL | "53100":
            remedy = "free some space, then retry"
            return DiskFull(f"{name}: no space is left; nothing was saved", remedy=remedy)
        case sqlite3.SQLITE_CORRUPT:
            return DatabaseDamaged(f"{name}: its file cannot be read through", remedy=DAMAGED)
        case sqlite3.SQLITE_NOTADB:
            return StoreError(f"{name}: the file is damaged, or not a database at all", remedy=DAMAGED)
        case sqlite3.SQLITE_IOERR:
            remedy = "free some space on its disk and look whether the disk is sound, then retry"
            return StoreError(f"{name}: its disk could not be read or written", remedy=remedy)
        case sqlite3.SQLITE_CANTOPEN:
            remedy = "look whether its folder is there and can be written, and the disk has space"
            return StoreError(f"{name}: its file cannot be opened", remedy=remedy)
        case sqlite3.SQLITE_CONSTRAINT | "23503" | "23505" | "23502" | "23514":
            remedy = "load the page again: what it was about has changed meanwhile"
            return StoreError(f"{name}: {_broken_rule(error)}", remedy=remedy)
        case "28000" | "28P01":
            return StoreError(f"{name}: it refuses this login", remedy=_LOGIN)
        case "3D000":
            return StoreUnreachable(f"{name}: there is none of this name", remedy=_UNREACHABLE)
        case "53300":
            remedy = "raise max_connections, or close programs that use it; what waits goes on by itself"
            return StoreUnreachable(f"{name}: it takes no more connections", remedy=remedy)
        case str(state) if state.startswith(("08", "57P")):
            return _unreachable(name, error)
        case None if isinstance(error, Exception) and type(error).__name__ == "OperationalError":
            return _unreachable(name, error)
        case _:
            return _unforeseen(name, error)


def _unreachable(name: str, error: BaseException | None) -> StoreUnreachable:
    _log.warning("%s does not answer: %s", name, error)
    return StoreUnreachable(f"{name}: it does not answer", remedy=_UNREACHABLE)


def _unforeseen(name: str, error: BaseException | None) -> StoreError:
    _log.warning("%s refused: %s", name, in_one_line(error) if error else "without a word")
    remedy = "run `sidegrade doctor`; the log has the driver's own words"
    return StoreError(f"{name}: it could not do what it was asked", remedy=remedy)


def _broken_rule(error: BaseException | None) -> str:
    foreign = sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "23503"
    if getattr(error, "sqlite_errorcode", None) in foreign or getattr(error, "sqlstate", None) in foreign:
        return "a record refers to one that is not stored (a broken foreign key)"
    return "a record does not go with those that are stored"


def _code(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is not None:
        return int(extended) & 0xFF
    state = getattr(error, "sqlstate", None)
    return state or next((code for words, code in _WITHOUT_STATE if re.search(words, str(error))), None)
