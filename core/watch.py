"""Follows the work on jobs: tells the store how far each one is, and the easel what was cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from core.easel import Order
from core.errors import StoreError
from core.leases import Leases
from core.records import Arm, Job

if TYPE_CHECKING:
    from db.store import Store

PROGRESS_SECONDS = 0.5
"""Steps are reported no more often, and never of an image that is drawn sooner."""


class JobWatch:
    """Reports steps to the store, and knows what was cancelled; ``meanwhile`` is done at long steps."""

    def __init__(
        self, store: Store, leases: Leases, jobs: dict[str, Job], meanwhile: Callable[[], None]
    ) -> None:
        self._store, self._leases, self._jobs, self._meanwhile = store, leases, jobs, meanwhile
        self._reported = dict.fromkeys((job.id for job in jobs.values()), time.monotonic())

    def on_step(self, orders: Sequence[Order], arm: Arm, step: int, steps: int) -> None:
        """See :class:`core.easel.Watch`."""
        for order in orders:
            self.report(self._jobs[order.pair.id], arm, step, steps)

    def cancelled(self, order: Order) -> bool:
        """See :class:`core.easel.Watch`."""
        return self._leases.lost(self._jobs[order.pair.id])

    def report(self, job: Job, arm: Arm, step: int, steps: int) -> None:
        """Write the step of a job, unless the last report is fresh."""
        now = time.monotonic()
        if now - self._reported[job.id] >= PROGRESS_SECONDS:
            self._reported[job.id] = now
            with suppress(StoreError):  # a screen that lags a little is no reason to fail a render
                self._store.jobs.progress(job.id, arm, step, steps)
            self._meanwhile()
