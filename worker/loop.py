"""The worker: takes pairs and replays from the queue, draws, has them examined and saves them whole.

A pair is saved in one transaction when both renders and all measurements are there; until then it belongs to
the worker by a lease. So a worker that is killed at any moment leaves nothing half done: what was saved is
done, everything else is free again when its lease ends. While one pair is examined in a process beside, the
next one is drawn.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from core.backends.protocol import ShouldCancel, never
from core.errors import Cancelled, StoreError, Unstorable
from core.failures import failure_of
from core.records import Arm, Job, JobKind, Run
from worker.arm_renderer import RenderTask
from worker.check_runner import CheckRunner, InProcessCheckRunner, SubprocessCheckRunner
from worker.clock import Clock
from worker.leases import LEASE_SECONDS, LeaseKeeper
from worker.model_pool import ModelPool
from worker.pair_renderer import DrawnPair, draw_pairs
from worker.progress import ProgressReporter
from worker.replay import replay

if TYPE_CHECKING:
    from PIL import Image

    from core.config.settings import Settings
    from db.store import Store

IN_EXAMINATION = 2
"""Pairs that may wait for their measurements before the drawing waits for them."""
SWAP_CHUNK = 8
"""Fewest pairs a model draws in its turn when two do not fit on the device."""
SWAP_BATCHES = 4
"""Fewest batches of such a turn: the times of the first one, right after loading, are no evidence."""


class Worker:
    """One worker process at its store. Close it, or use it in a ``with`` statement.

    ``checks`` names the checks to run, all by default; with ``examine_beside`` they run in a process of their
    own; ``should_stop`` is asked at every step, and what was begun goes back to the queue.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        now: datetime,
        name: str | None = None,
        threads: int = 1,
        checks: Sequence[str] | None = None,
        examine_beside: bool = True,
        should_stop: ShouldCancel = never,
    ) -> None:
        self.name = name or f"{socket.gethostname()}-{os.getpid()}"
        self._store, self._clock = store, Clock(now)
        self._model_pool = ModelPool(settings, threads=threads, should_stop=should_stop)
        kind = SubprocessCheckRunner if examine_beside else InProcessCheckRunner
        self._check_runner: CheckRunner = kind(settings, checks)
        self._examined: deque[tuple[Job, DrawnPair]] = deque()
        """Pairs that are drawn and wait for their measurements, in the order of the check runner."""
        self._before: DrawnPair | None = None
        """The pair that was drawn last: seeds of one case are neighbours."""
        self._saving = Lock()
        self._leases = LeaseKeeper(store, self.name, device=self._model_pool.devices, clock=self._clock)

    def run_once(self, *, now: datetime) -> bool:
        """Do the next piece of work, a pair or a batch of them; False when there was none.

        Raises:
            StoreError: when the store refuses; what was not saved goes back to the queue by itself.
        """
        self._clock.set(now)
        jobs = self._claim()
        if jobs:
            self._work(jobs)
        elif self._examined:
            self._save_next()
        else:
            self._leases.say("waiting for work")
            return False
        return True

    def close(self) -> None:
        """Save what is drawn, and free models and processes."""
        with suppress(StoreError):  # the leases end, and the pairs are drawn again
            while self._examined:
                self._save_next()
        self._leases.close()
        self._check_runner.close()
        self._model_pool.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _claim(self) -> list[Job]:
        """One job; and when it is a pair, as many more as its models draw at a time."""
        jobs = self._claim_up_to(1)
        if jobs and jobs[0].kind is JobKind.PAIR and (more := self._chunk(jobs[0]) - 1) > 0:
            jobs += self._claim_up_to(more)
        return jobs

    def _claim_up_to(self, limit: int) -> list[Job]:
        return self._store.jobs.claim(self.name, limit=limit, lease_seconds=LEASE_SECONDS)

    def _chunk(self, job: Job) -> int:
        run = self._run(job)
        names = run.baseline, run.candidate
        loaded = [self._model_pool.loaded(name) for name in names]
        if self._model_pool.crowded and any(loaded) and not all(loaded):
            # one has to go for the other to be loaded: let it be worth it
            return max(SWAP_CHUNK, SWAP_BATCHES * max(map(self._model_pool.batch_size, names)))
        return max((backend.spec.batch_size for backend in loaded if backend), default=1)

    def _run(self, job: Job) -> Run:
        return self._store.runs.get(job.run_id or "")

    def _work(self, jobs: Sequence[Job]) -> None:
        self._leases.hold(jobs)
        try:
            for job in jobs:
                if job.kind is JobKind.REPLAY:
                    self._attempt([job], partial(self._replay, job))
            by_run: dict[str | None, list[Job]] = {}
            for job in jobs:
                if job.kind is JobKind.PAIR:
                    by_run.setdefault(job.run_id, []).append(job)
            for of_run in by_run.values():
                self._attempt(of_run, partial(self._draw, of_run))
        except Cancelled:
            # On shutdown, release undrawn jobs; otherwise they stay locked for up to LEASE_SECONDS.
            for job in self._not_drawn(jobs):
                self._store.jobs.release(job.id, self.name)
        except StoreError:
            # The store's trouble is no pair's: the attempt is given back, where the database takes it.
            with suppress(StoreError):
                for job in self._not_drawn(jobs):
                    self._store.jobs.release(job.id, self.name)
            raise
        finally:
            self._leases.drop(self._not_drawn(jobs))

    def _attempt(self, jobs: Sequence[Job], work: Callable[[], None]) -> None:
        """Do the work of these jobs; an error that was not foreseen ends them, never the worker."""
        try:
            work()
        except (Cancelled, StoreError):
            raise
        except Exception as error:
            for job in self._not_drawn(jobs):  # to fail one that is saved already changes nothing
                self._store.jobs.fail(job.id, self.name, failure_of(error), self._clock())

    def _not_drawn(self, jobs: Iterable[Job]) -> list[Job]:
        waiting = {job.id for job, _ in self._examined}
        return [job for job in jobs if job.id not in waiting]

    def _draw(self, jobs: Sequence[Job]) -> None:
        run = self._run(jobs[0])
        wanted = [job.subject_id for job in jobs]
        pairs = self._store.pairs.many(wanted)
        cases = self._store.suites.cases(pair.case_digest for pair in pairs.values())
        tasks = [
            RenderTask(pair=pair, case=cases[pair.case_digest]) for pair in map(pairs.__getitem__, wanted)
        ]
        by_pair = {job.subject_id: job for job in jobs}
        self._leases.say(f"drawing {run.suite} on {run.baseline} and {run.candidate}")
        for drawn in draw_pairs(
            run,
            tasks,
            model_pool=self._model_pool,
            blobs=self._store.blobs,
            listener=ProgressReporter(self._store, self._leases, by_pair, self._save_ready),
            clock=self._clock,
        ):
            other_seed = drawn.other_seed(self._before) if run.kind.measures_other_seeds else None
            job = by_pair[drawn.task.pair.id]
            self._attempt([job], partial(self._submit, job, drawn, other_seed))
            self._before = drawn

    def _submit(self, job: Job, drawn: DrawnPair, other_seed: Image.Image | None) -> None:
        self._check_runner.submit(drawn.to_examine(other_seed), self._clock())
        self._examined.append((job, drawn))
        self._save_ready()
        while len(self._examined) > IN_EXAMINATION:
            self._save_next()

    def _save_ready(self) -> None:
        """Save what is examined; between two images, or at a step of one that takes long."""
        with self._saving:  # two arms on two devices step at the same time
            while self._examined and self._check_runner.ready():
                self._save_next()

    def _save_next(self) -> None:
        """Wait for the measurements of the pair that was drawn first, and save it."""
        job, drawn = self._examined[0]
        try:
            self._store.jobs.finish_pair(
                job.id,
                self.name,
                renders=[drawn.arms[arm].render for arm in Arm],
                measurements=self._check_runner.next(),
                noise_shared=drawn.noise_shared,
                now=self._clock(),
            )
        except Exception as error:
            if isinstance(error, StoreError) and not isinstance(error, Unstorable):
                raise  # the store will take it later: the pair is drawn again
            self._store.jobs.fail(job.id, self.name, failure_of(error), self._clock())
        finally:
            self._examined.popleft()
            self._leases.drop([job])

    def _replay(self, job: Job) -> None:
        self._leases.say(f"replaying {job.subject_id}")
        render = self._store.renders.get(job.subject_id)
        progress = ProgressReporter(self._store, self._leases, {render.pair_id: job}, self._save_ready)
        try:
            report = replay(
                self._store,
                self._model_pool,
                render.id,
                now=self._clock(),
                on_step=lambda step, steps: progress.report(job, render.arm, step, steps),
                should_cancel=lambda: self._model_pool.should_stop() or self._leases.lost(job),
            )
        except Cancelled:
            if self._model_pool.should_stop():
                raise
        else:
            self._store.jobs.finish_replay(job.id, self.name, report, self._clock())
