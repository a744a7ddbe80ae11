"""The ports of the simulated world: where a process can be killed, and its disk and database can refuse.

Every process of the world runs in this one, one action at a time. Its database is reached through SQLAlchemy,
whose events are a port; a picture reaches the disk through ``os.fsync`` and ``os.replace``, whoever calls
them, and those are the other port. A kill is no ``Exception``: no code of the product may catch it and go on,
and a process that is dead neither writes nor cleans up after itself.

Out of scope: a power cut, after which pages of the database are torn. A commit does not wait for the disk,
here as in the product; what is proved is that a killed process loses and doubles nothing.
"""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Connection, Engine, event

from core.errors import StoreError


class Killed(BaseException):
    """The process ended here, as by ``kill -9``."""


class AnswerLost(StoreError):
    """The caller never learns how it ended: the connection broke on the way back."""


class Kind(StrEnum):
    """What goes wrong during one action."""

    KILL = "kill"
    """At a statement, before a commit, or while a picture is written."""
    TORN = "torn"
    """A kill while a picture is written, of which half has reached the disk."""
    LOCKED = "locked"
    """Another program holds the database from one of the action's write transactions on."""
    FULL = "full"
    """The disk takes no more: a statement or a picture is refused."""
    LOST = "lost"
    """The answer is lost after all was done."""
    LOST_AND_KILLED = "lost and killed"
    """The process is killed when all is done, before it answers."""


@dataclass(kw_only=True)
class Fault:
    """One thing that is going to go wrong."""

    kind: Kind
    after: int
    """How many points at which it could happen are passed first."""

    @property
    def happened(self) -> bool:
        """Whether the point was reached; a lost answer has none."""
        return self.after < 0

    def due(self) -> bool:
        """Whether it happens at this point; counts the point."""
        self.after -= 1
        return self.after == -1


class Ports:
    """What stands between the product and its machine while a history runs."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._fault: Fault | None = None
        self._dead = False
        self._other: sqlite3.Connection | None = None
        self.passed: Counter[Kind] = Counter()
        """At how many points of the present action each kind of fault could have happened."""

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Every engine and every file of this process passes here."""
        really = os.fsync, os.replace, os.unlink
        self._replace, self._unlink = really[1:]
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)
        try:
            with (
                patch.object(os, "fsync", self._written),
                patch.object(os, "replace", self._renamed),
                patch.object(os, "unlink", self._unlinked),
            ):
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._statement)
            event.remove(Engine, "commit", self._commit)

    @contextmanager
    def acting(self, fault: Fault | None) -> Iterator[None]:
        """One action of one process under one fault, or none; a new process is alive.

        Raises:
            Killed: the process died.
            AnswerLost: all was done and nobody was told.
        """
        self._fault, self._dead, self.passed = fault, False, Counter()
        try:
            yield
            if fault and fault.kind is Kind.LOST_AND_KILLED:
                raise Killed
            if fault and fault.kind is Kind.LOST:
                raise AnswerLost("the answer was lost")
        finally:
            self._fault, self._dead = None, False
            if self._other is not None:
                self._other.close()
                self._other = None

    def _statement(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        self._may_die()
        if statement == "BEGIN IMMEDIATE" and self._happens(Kind.LOCKED):
            self._other = sqlite3.connect(self._database, timeout=5, isolation_level=None)
            self._other.execute("BEGIN IMMEDIATE")
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and self._happens(Kind.FULL):
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise full

    def _commit(self, _connection: Connection) -> None:
        self._may_die()

    def _written(self, descriptor: int) -> None:
        """In place of the flush to the disk, for which nothing here waits."""
        if self._happens(Kind.TORN):
            os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
            self._die()
        self._may_die()
        self._may_refuse()

    def _renamed(self, source: str, target: str, **places: int) -> None:
        self._may_die()
        self._may_refuse()
        self._replace(source, target, **places)

    def _unlinked(self, path: str, **places: int) -> None:
        if self._dead:
            raise OSError(errno.EIO, "a dead process cleans nothing up")
        self._unlink(path, **places)

    def _may_die(self) -> None:
        if self._dead or self._happens(Kind.KILL):
            self._die()

    def _may_refuse(self) -> None:
        if self._happens(Kind.FULL):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _die(self) -> None:
        self._dead = True
        raise Killed

    def _happens(self, kind: Kind) -> bool:
        self.passed[kind] += 1
        return self._fault is not None and self._fault.kind is kind and self._fault.due()


SHARE = 0.3
"""Share of the actions in which something goes wrong."""
USUAL = 20
"""Points at which an action is taken to pass when nobody has seen it before."""


def drawn_fault(chance: random.Random, passed: Counter[Kind]) -> Fault | None:
    """What goes wrong in the next action, alike at each point that such an action passed; mostly nothing.

    Args:
        passed: the points of each kind that an action of this name passed; empty when it is the first.
    """
    kind, depth = chance.choice(list(Kind)), chance.random()
    if chance.random() >= SHARE:
        return None
    return Fault(kind=kind, after=int(depth * (passed[kind] or (USUAL if not passed else 1))))
