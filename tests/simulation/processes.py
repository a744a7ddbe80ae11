"""The processes of the simulated world: each opens its own store, keeps its own time, and can be killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.config.settings import Settings
from core.records import Job
from db.store import Store

LEASE_SECONDS = 60.0


@dataclass(kw_only=True)
class Process:
    """An app, a worker or a command of the world."""

    name: str
    settings: Settings
    true_time: Callable[[], datetime]
    skew: timedelta = timedelta()
    """How far its clock is ahead of the true time."""
    jobs: list[Job] = field(default_factory=list)
    """What a worker holds, as it believes; gone with the process."""
    _store: Store | None = None

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self.true_time() + self.skew

    @property
    def store(self) -> Store:
        """Its store, opened on first use; nothing waits for a lock, which no other thread could give back."""
        if self._store is None:
            self._store = opened(self.settings, self.true_time)
        return self._store

    def end(self) -> None:
        """Forget everything. The operating system closes connections; SQLite rolls open transactions back."""
        if self._store is not None:
            self._store.close()
        self._store, self.jobs = None, []


def opened(settings: Settings, clock: Callable[[], datetime]) -> Store:
    """A store of its own connections, whose statements were compiled before by any other of this process.

    ``clock`` is the database's: all processes of the world share it, as those of one machine do.

    SQLAlchemy keeps compiled statements by engine and dialect; a history opens a dozen engines, and would
    spend three quarters of its time on compiling.
    """
    store = Store.open(settings, busy_timeout_ms=1, clock=clock)
    engines: list[Any] = [store._database.engine, store._database._writer]
    _SHARED.setdefault("dialect", engines[0].dialect)
    _SHARED.setdefault("_compiled_cache", engines[0]._compiled_cache)
    for engine in engines:
        vars(engine).update(_SHARED)
    engines[0].pool._dialect = _SHARED["dialect"]
    return store


_SHARED: dict[str, Any] = {}


def claim(process: Process, limit: int) -> list[Job]:
    """Jobs for a worker, as its loop asks for them."""
    return process.store.jobs.claim(process.name, limit=limit, lease_seconds=LEASE_SECONDS)


def renew(process: Process, job: Job) -> bool:
    """Hold a job for longer, as a worker's lease keeper asks for it."""
    return process.store.jobs.extend(job.id, process.name, lease_seconds=LEASE_SECONDS)
