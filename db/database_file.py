"""The files of a SQLite database under a process that has them open.

A file that is deleted or renamed leaves its name, not the processes that hold it: they would go on writing,
and answering *saved*, into a file that no other process and no later start finds. So at the begin of every
write, and again before its commit, device and inode under each name are compared with those that were opened
(14 µs a time; one vote takes 10 ms). A file that comes back under its name is written again; nothing has to
be restarted.

With ``-wal`` and ``-shm`` it is the same: a process that comes later makes new ones and sees neither the
verdicts in the old log nor the locks of those who use it. While a connection is open SQLite removes neither.

No file is opened here: when a process closes any descriptor of a database, the system drops the locks that
SQLite holds on it.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError

from core.errors import DatabaseGone

WAL, SHM = "-wal", "-shm"
_Identity = tuple[int, int]
_REMEDY = (
    "stop Sidegrade, put the database back with its -wal and -shm files, or restore a backup by "
    "`sidegrade restore`, then start it again"
)


def file_of(url: str) -> Path | None:
    """The SQLite file that a database URL names; None for PostgreSQL, memory, a ``file:`` URI and no URL."""
    try:
        return _file_of(make_url(url))
    except ArgumentError:
        return None


def _file_of(url: URL) -> Path | None:
    named = url.database or ""
    if url.get_backend_name() != "sqlite" or named in ("", ":memory:") or named.startswith("file:"):
        return None
    return Path(named).absolute()


class DatabaseFile:
    """The files that an engine's connections have open; PostgreSQL has none, and everything passes."""

    def __init__(self, engine: Engine) -> None:
        self._path = _file_of(engine.url)
        self._names: dict[str, str] = {}
        """Path of each file by its suffix; that of the database itself is ``""``."""
        self._opened: dict[str, _Identity] = {}
        self._connections: set[int] = set()
        if engine.dialect.name == "sqlite":
            event.listen(engine, "do_connect", self._before_connect)
            event.listen(engine, "connect", self._connected)
            event.listen(engine, "close", self._closed)

    def require_present(self) -> None:
        """Refuse to go on once a file is not the one that was opened.

        Raises:
            DatabaseGone: saying which file was deleted or replaced.
        """
        for suffix, opened in list(self._opened.items()):
            found = _identity(self._names[suffix])
            if found != opened:
                raise _gone(self._names[suffix], replaced=found is not None)

    def remember(self) -> None:
        """Take note of the log and its index, from inside a transaction that has read something.

        Before its first read a connection holds no lock, and another process that closes removes both files.
        """
        for suffix in (WAL, SHM) if self._names else ():
            if suffix not in self._opened and (found := _identity(self._names[suffix])):
                self._opened[suffix] = found

    def _before_connect(self, *_: Any) -> None:
        """A connection to a file that is gone would make an empty database under its name."""
        self.require_present()

    def _connected(self, connection: sqlite3.Connection, _record: object) -> None:
        ((_, _, real),) = connection.execute("PRAGMA database_list").fetchall()
        if real and not self._names:
            self._names = {"": str(self._path or real), WAL: real + WAL, SHM: real + SHM}
            if found := _identity(self._names[""]):
                self._opened[""] = found
        try:
            self.require_present()
        except DatabaseGone:
            connection.close()
            raise
        self._connections.add(id(connection))

    def _closed(self, connection: sqlite3.Connection, _record: object) -> None:
        """With its last connection a process lets go of log and index: others may remove them."""
        self._connections.discard(id(connection))
        if not self._connections:
            self._opened.pop(WAL, None)
            self._opened.pop(SHM, None)


def _identity(name: str) -> _Identity | None:
    """Device and inode under a name; None when nothing is there."""
    try:
        found = os.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _gone(name: str, *, replaced: bool) -> DatabaseGone:
    file = Path(name).name
    what = "replaced by another file" if replaced else "deleted or moved away"
    return DatabaseGone(
        f"{file}: expected the file that is open, but it was {what} while Sidegrade is running; "
        "nothing can be saved until it is back",
        remedy=_REMEDY,
    )
