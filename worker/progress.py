"""Follows the work on jobs: tells the store how far each one is, and the renderer what was cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.records import Arm, Job
from worker.arm_renderer import RenderTask
from worker.leases import LeaseKeeper

if TYPE_CHECKING:
    from db.store import Store

PROGRESS_SECONDS = 0.5
"""Steps are reported no more often, and never of an image that is drawn sooner."""


class ProgressReporter:
    """Reports steps to the store, and knows what was cancelled; ``meanwhile`` is done at long steps."""

    def __init__(
        self, store: Store, leases: LeaseKeeper, jobs: dict[str, Job], meanwhile: Callable[[], None]
    ) -> None:
        self._store, self._leases, self._jobs, self._meanwhile = store, leases, jobs, meanwhile
        self._reported = dict.fromkeys((job.id for job in jobs.values()), time.monotonic())

    def on_step(self, tasks: Sequence[RenderTask], arm: Arm, step: int, steps: int) -> None:
        """See :class:`worker.arm_renderer.ProgressListener`."""
        for task in tasks:
            self.report(self._jobs[task.pair.id], arm, step, steps)

    def cancelled(self, task: RenderTask) -> bool:
        """See :class:`worker.arm_renderer.ProgressListener`."""
        return self._leases.lost(self._jobs[task.pair.id])

    def report(self, job: Job, arm: Arm, step: int, steps: int) -> None:
        """Write the step of a job, unless the last report is fresh."""
        now = time.monotonic()
        if now - self._reported[job.id] >= PROGRESS_SECONDS:
            self._reported[job.id] = now
            with suppress(StoreError):  # a screen that lags a little is no reason to fail a render
                self._store.jobs.progress(job.id, arm, step, steps)
            self._meanwhile()
