"""Keeps a worker's jobs its own while it works on them, and says that it is alive.

A thread extends the leases: loading eight billion weights or one step on a slow CPU may take longer than any
lease should last. When the process dies, so does the thread, and the jobs are free again once the leases end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.records import WorkerStatus

if TYPE_CHECKING:
    from core.records import Job
    from db.store import Store

LEASE_SECONDS = 60.0
BEAT_SECONDS = 5.0


class LeaseKeeper:
    """The jobs this worker holds; knows which of them were cancelled or taken over."""

    def __init__(
        self, store: Store, worker: str, *, device: Callable[[], str], clock: Callable[[], datetime]
    ) -> None:
        self._store, self._worker, self._device, self._clock = store, worker, device, clock
        self._started_at = clock()
        self._held: set[str] = set()
        self._lost: set[str] = set()
        self._doing = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
        self._thread.start()

    def hold(self, jobs: Iterable[Job]) -> None:
        """Extend the leases of these jobs from now on."""
        self._held |= {job.id for job in jobs}

    def drop(self, jobs: Iterable[Job]) -> None:
        """Stop extending the leases of jobs: they are done, or another worker claims them after the lease."""
        ids = {job.id for job in jobs}
        self._held -= ids
        self._lost -= ids

    def lost(self, job: Job) -> bool:
        """Whether the job was cancelled or given to another worker: stop working on it."""
        return job.id in self._lost

    def say(self, doing: str) -> None:
        """Report at once what the worker does now, when that is news."""
        if doing != self._doing:
            self._doing = doing
            self._beat()

    def close(self) -> None:
        """Stop extending and reporting."""
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            self._beat()
            for job_id in tuple(self._held):
                self._extend(job_id)

    def _extend(self, job_id: str) -> None:
        with suppress(StoreError):  # tried again in a few seconds; the lease lasts a minute
            if not self._store.jobs.extend(job_id, self._worker, lease_seconds=LEASE_SECONDS):
                self._lost.add(job_id)

    def _beat(self) -> None:
        status = WorkerStatus(
            name=self._worker,
            device=self._device(),
            pid=os.getpid(),
            started_at=self._started_at,
            last_seen_at=self._clock(),
            doing=self._doing,
        )
        with suppress(StoreError):  # a late report does no harm
            self._store.workers.beat(status)
