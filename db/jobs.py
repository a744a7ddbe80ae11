"""The work queue. A worker holds a job by a lease; when it dies, the lease runs out and the job is free.

Results are saved in the same transaction that ends the job, and only by the worker that still holds it:
nothing done is done twice, nothing asked for is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from core.digests import content_digest
from core.errors import UnknownName
from core.records import (
    Arm,
    Failure,
    Job,
    JobKind,
    JobState,
    Measurement,
    Render,
    ReplayReport,
)
from db import tables
from db.database import Database
from db.measurements import add_measurements
from db.pictures import settle_drawn
from db.renders import add_renders
from db.rows import all_as, first_as, insert, row_of, select_as

INTERACTIVE, ROUTINE = 0, 1
"""Queue priority: 0 interactive (Compare, Replay), 1 batch."""

MAX_ATTEMPTS = 3
"""How often a job may kill its worker before it is given up."""

LEASES_AHEAD = 2
"""A lease that ends more than so many of its lengths from now was given by a clock that was ahead."""

_JOBS = select_as(Job, tables.jobs)
_STATE = tables.jobs.c.state


class Jobs:
    """What the workers have to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, job_id: str) -> Job:
        """One job; ``UnknownName`` when there is none."""
        with self._database.read() as connection:
            job = _job(connection, job_id)
        if job is None:
            raise UnknownName.of("job", job_id, [])
        return job

    def of_run(self, run_id: str) -> list[Job]:
        """The jobs of a run, in the order in which they are worked off."""
        mine = _JOBS.where(tables.jobs.c.run_id == run_id).order_by(tables.jobs.c.ordinal)
        with self._database.read() as connection:
            return all_as(connection, Job, mine)

    def of_subject(self, subject_id: str) -> list[Job]:
        """The jobs about one pair or render, oldest first."""
        mine = _JOBS.where(tables.jobs.c.subject_id == subject_id).order_by(tables.jobs.c.ordinal)
        with self._database.read() as connection:
            return all_as(connection, Job, mine)

    def request_replay(self, render_id: str, now: datetime) -> Job:
        """The job that renders this once more; asking again before it ran gives that one."""
        replays = (tables.jobs.c.subject_id == render_id) & (tables.jobs.c.kind == JobKind.REPLAY)
        with self._database.write() as connection:
            open_one = _JOBS.where(replays, _STATE.in_([JobState.QUEUED, JobState.RUNNING]))
            if (existing := first_as(connection, Job, open_one)) is not None:
                return existing
            number = 1 + (connection.scalar(select(func.count()).where(replays)) or 0)
            job = new_job(JobKind.REPLAY, render_id, run_id=None, number=number, now=now)
            insert(connection, tables.jobs, [row_of(job, rank=INTERACTIVE)])
        return job

    def claim(self, worker: str, *, limit: int, lease_seconds: float) -> list[Job]:
        """Take up to ``limit`` jobs: interactive ones first, then in order; expired leases too.

        Leases go by the database's clock. One that ends later than any could was given by a clock
        that was ahead, and has expired: its worker extends it every few seconds where it lives.
        """
        with self._database.write() as connection:
            now = self._database.now(connection)
            latest = now + LEASES_AHEAD * timedelta(seconds=lease_seconds)
            lease = tables.jobs.c.lease_until
            expired = (_STATE == JobState.RUNNING) & ((lease <= now) | (lease > latest))
            _give_up(connection, expired & (tables.jobs.c.attempts >= MAX_ATTEMPTS), now)
            free = (
                select(tables.jobs.c.id)
                .where((_STATE == JobState.QUEUED) | expired)
                .order_by(tables.jobs.c.rank, tables.jobs.c.ordinal)
                .limit(limit)
            )
            ids = list(connection.scalars(free))
            connection.execute(
                tables.jobs.update()
                .where(tables.jobs.c.id.in_(ids))
                .values(
                    state=JobState.RUNNING,
                    worker=worker,
                    lease_until=now + timedelta(seconds=lease_seconds),
                    attempts=tables.jobs.c.attempts + 1,
                    arm=None,
                    step=0,
                    steps=0,
                )
            )
            mine = _JOBS.where(tables.jobs.c.id.in_(ids)).order_by(tables.jobs.c.rank, tables.jobs.c.ordinal)
            return all_as(connection, Job, mine)

    def extend(self, job_id: str, worker: str, *, lease_seconds: float) -> bool:
        """Hold the job for longer; False: it was cancelled or taken over, so stop."""
        with self._database.write() as connection:
            until = self._database.now(connection) + timedelta(seconds=lease_seconds)
            return _changed(connection, job_id, worker, {"lease_until": until})

    def progress(self, job_id: str, arm: Arm, step: int, steps: int) -> None:
        """Show how far the arm that is being rendered has come."""
        running = (tables.jobs.c.id == job_id) & (_STATE == JobState.RUNNING)
        with self._database.write() as connection:
            connection.execute(tables.jobs.update().where(running).values(arm=arm, step=step, steps=steps))

    def release(self, job_id: str, worker: str) -> bool:
        """Put a job back unharmed, as a worker does that is asked to stop."""
        waiting = {"state": JobState.QUEUED, "worker": None, "lease_until": None}
        return self._change(job_id, worker, waiting | {"attempts": tables.jobs.c.attempts - 1})

    def finish_pair(
        self,
        job_id: str,
        worker: str,
        *,
        renders: Iterable[Render],
        measurements: Iterable[Measurement],
        noise_shared: bool | None,
        now: datetime,
    ) -> bool:
        """Save both renders and what the checks found, and end the job, all at once.

        Returns False, and saves nothing, when the job is no longer this worker's.
        """
        made = list(renders)
        failures = [render.failure for render in made if render.failure is not None]
        with self._database.write() as connection:
            job = _end(connection, job_id, worker, failures[0] if failures else None, now)
            if job is None:
                return False
            add_renders(connection, made)
            add_measurements(connection, measurements)
            settle_drawn(connection, job.subject_id, made, now)
            pair = tables.pairs.update().where(tables.pairs.c.id == job.subject_id)
            connection.execute(pair.values(noise_shared=noise_shared))
        return True

    def finish_replay(self, job_id: str, worker: str, report: ReplayReport, now: datetime) -> bool:
        """Save the report and end the job; False, and nothing saved, when it is no longer this worker's."""
        with self._database.write() as connection:
            if _end(connection, job_id, worker, None, now) is None:
                return False
            insert(connection, tables.replays, [row_of(report)])
        return True

    def fail(self, job_id: str, worker: str, failure: Failure, now: datetime) -> bool:
        """End the job without a result; False when it is no longer this worker's."""
        with self._database.write() as connection:
            return _end(connection, job_id, worker, failure, now) is not None

    def retry(self, run_or_job_id: str, now: datetime) -> int:
        """Queue the failed and cancelled jobs of a run, or one of them, once more; gives how many."""
        named = (tables.jobs.c.run_id == run_or_job_id) | (tables.jobs.c.id == run_or_job_id)
        ended = _STATE.in_([JobState.FAILED, JobState.CANCELLED])
        fresh = {"attempts": 0, "worker": None, "lease_until": None, "failure": None, "finished_at": None}
        with self._database.write() as connection:
            return connection.execute(
                tables.jobs.update().where(named, ended).values(state=JobState.QUEUED, **fresh)
            ).rowcount

    def _change(self, job_id: str, worker: str, values: dict[str, Any]) -> bool:
        with self._database.write() as connection:
            return _changed(connection, job_id, worker, values)


def new_job(kind: JobKind, subject_id: str, *, run_id: str | None, number: int, now: datetime) -> Job:
    """A waiting job; the same piece of work asked for the same time has the same id."""
    identity = content_digest("job", [kind, subject_id, number])
    return Job(
        id=identity, kind=kind, subject_id=subject_id, run_id=run_id, state=JobState.QUEUED, created_at=now
    )


def _changed(connection: Connection, job_id: str, worker: str, values: dict[str, Any]) -> bool:
    """Change a job that this worker holds; False when it holds it no longer."""
    held = tables.jobs.update().where(_held(job_id, worker)).values(**values)
    return connection.execute(held).rowcount == 1


def _job(connection: Connection, job_id: str) -> Job | None:
    return first_as(connection, Job, _JOBS.where(tables.jobs.c.id == job_id))


def _held(job_id: str, worker: str) -> ColumnElement[bool]:
    jobs = tables.jobs.c
    return (jobs.id == job_id) & (jobs.worker == worker) & (jobs.state == JobState.RUNNING)


def _end(
    connection: Connection, job_id: str, worker: str, failure: Failure | None, now: datetime
) -> Job | None:
    """End a job that this worker holds; None when it holds it no longer."""
    state = JobState.FAILED if failure else JobState.DONE
    ended = {"state": state, "failure": failure, "finished_at": now, "lease_until": None}
    update = tables.jobs.update().where(_held(job_id, worker)).values(**ended)
    return _job(connection, job_id) if connection.execute(update).rowcount else None


def _give_up(connection: Connection, hopeless: ColumnElement[bool], now: datetime) -> None:
    failure = Failure(
        error="GenerationFailed",
        message=f"the worker ended {MAX_ATTEMPTS} times in the middle of this job",
        remedy="most likely it was killed for memory: lower the size or the batch, then retry",
    )
    connection.execute(
        tables.jobs.update()
        .where(hopeless)
        .values(state=JobState.FAILED, failure=failure, finished_at=now, lease_until=None)
    )
