"""Runs: asked for, found again, watched and cancelled. Asking makes the pairs and their jobs as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from core.digests import content_digest
from core.errors import InvalidRequest, UnknownName
from core.records import (
    Case,
    Job,
    JobKind,
    JobState,
    Pair,
    ReviewPlan,
    ReviewUnit,
    Run,
    RunKind,
    RunProgress,
    Suite,
)
from core.review.units import review_order
from db import tables
from db.database import Database
from db.dialects import begins
from db.jobs import INTERACTIVE, ROUTINE, new_job
from db.rows import all_as, first_as, insert, row_of, select_as
from db.suites import save_cases, save_suite

_RUNS = select_as(Run, tables.runs)
_RECENT_FINISHES = 20
"""How many of the last finished jobs the expected time is taken from."""


class Runs:
    """Batches of pairs: one baseline against one candidate."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(
        self,
        suite: Suite,
        *,
        kind: RunKind,
        baseline: str,
        candidate: str,
        baseline_digest: str,
        candidate_digest: str,
        seeds: Sequence[int],
        plan: ReviewPlan,
        requested_by: str,
        now: datetime,
        again: bool = False,
    ) -> Run:
        """The run of this request, made with its pairs and jobs unless it exists already.

        Args:
            again: make a new attempt although the same request has a run.

        Raises:
            InvalidRequest: without cases or seeds, or with a seed twice.
        """
        if not suite.cases or not seeds or len(set(seeds)) != len(seeds):
            raise InvalidRequest(
                f"run: expected cases and distinct seeds, got {len(suite.cases)} cases, seeds {list(seeds)}"
            )
        with self._database.write() as connection:
            request: dict[str, Any] = {
                "kind": kind,
                "suite": suite.name,
                "suite_digest": suite.digest,
                "baseline": baseline,
                "candidate": candidate,
                "baseline_digest": baseline_digest,
                "candidate_digest": candidate_digest,
                "seeds": tuple(seeds),
                "plan": plan,
            }
            request_digest = content_digest("request", request)
            same_request = tables.runs.c.request_digest == request_digest
            latest = _RUNS.where(same_request).order_by(tables.runs.c.ordinal.desc())
            existing = first_as(connection, Run, latest)
            if existing is not None and not again:
                return existing
            same_models = _of_models(baseline_digest, candidate_digest)
            attempt = 1 + _count(connection, same_models if kind.counts_as_attempt else same_request)
            identity = content_digest("run", {**request, "attempt": attempt})
            run = Run(**request, id=identity, attempt=attempt, requested_by=requested_by, created_at=now)
            _save(connection, run, suite, request_digest)
        return run

    def get(self, run_id: str) -> Run:
        """A run by its id, or by the first characters of it when they fit only one.

        Raises:
            UnknownName: no run, with the nearest ids; or several runs.
        """
        with self._database.read() as connection:
            starts = _RUNS.where(begins(tables.runs.c.id, run_id)).limit(2)
            found = all_as(connection, Run, starts) if run_id else []
            if len(found) == 1 or (found and found[0].id == run_id):
                return found[0]
            recent = connection.scalars(
                select(tables.runs.c.id).order_by(tables.runs.c.ordinal.desc()).limit(20)
            )
            raise UnknownName.of("run", run_id, recent)

    def list(self, limit: int = 50, kind: RunKind | None = None) -> list[Run]:
        """Runs, newest first."""
        newest = _RUNS.order_by(tables.runs.c.ordinal.desc()).limit(limit)
        wanted = newest if kind is None else newest.where(tables.runs.c.kind == kind)
        with self._database.read() as connection:
            return all_as(connection, Run, wanted)

    def attempts(self, baseline_digest: str, candidate_digest: str) -> int:
        """How many suite runs compared these two models: shown beside every decision about them."""
        with self._database.read() as connection:
            return _count(connection, _of_models(baseline_digest, candidate_digest))

    def progress(self, run_id: str) -> RunProgress:
        """Counts of the run's jobs, and the seconds that the rest will take at the pace of the last ones."""
        jobs = tables.jobs
        with self._database.read() as connection:
            states = select(jobs.c.state, func.count().label("jobs")).where(jobs.c.run_id == run_id)
            counts = {row.state: row.jobs for row in connection.execute(states.group_by(jobs.c.state))}
            left = counts.get(JobState.QUEUED, 0) + counts.get(JobState.RUNNING, 0)
            pace = _seconds_per_job(connection, run_id)
        return RunProgress(
            run_id=run_id,
            **{state.value: counts.get(state, 0) for state in JobState},
            eta_seconds=None if pace is None else left * pace,
        )

    def cancel(self, run_id: str, now: datetime) -> int:
        """Cancel what is not finished; a worker in the middle of a pair notices at its next step.

        Returns how many jobs were cancelled; what is done stays.
        """
        jobs = tables.jobs
        unfinished = jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])
        with self._database.write() as connection:
            return connection.execute(
                jobs.update()
                .where(jobs.c.run_id == run_id, unfinished)
                .values(state=JobState.CANCELLED, finished_at=now, lease_until=None)
            ).rowcount


def _of_models(baseline_digest: str, candidate_digest: str) -> ColumnElement[bool]:
    """Runs that are attempts of one candidate digest against one baseline digest."""
    runs = tables.runs.c
    is_attempt = runs.kind.in_([kind for kind in RunKind if kind.counts_as_attempt])
    same_baseline = runs.baseline_digest == baseline_digest
    return is_attempt & same_baseline & (runs.candidate_digest == candidate_digest)


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(tables.runs).where(which)) or 0


def _save(connection: Connection, run: Run, suite: Suite, request_digest: str) -> None:
    insert(connection, tables.runs, [row_of(run, request_digest=request_digest)])
    if run.kind.keeps_suite:
        save_suite(connection, suite, run.created_at)
    else:
        save_cases(connection, suite.cases)
    pairs = _pairs(run, suite)
    ranks = _review_ranks(pairs, run.plan)
    flags = {"ready": False, "overlapped": False, "disputed": False}
    insert(connection, tables.pairs, [row_of(pair, review_rank=ranks[pair.id], **flags) for pair in pairs])
    places = {pair.case_digest: ranks[pair.id] // len(run.seeds) for pair in pairs}
    units = [ReviewUnit(run_id=run.id, case_digest=case, place=place) for case, place in places.items()]
    insert(connection, tables.review_units, [row_of(unit) for unit in units])
    # Rendered in the order of review: a reviewer who opens the desk early finds the first pairs drawn.
    rank = INTERACTIVE if run.kind.is_waited_for else ROUTINE
    first_reviewed_first = sorted(pairs, key=lambda pair: ranks[pair.id])
    insert(connection, tables.jobs, [row_of(_job(run, pair), rank=rank) for pair in first_reviewed_first])


def _pairs(run: Run, suite: Suite) -> list[Pair]:
    digests: list[tuple[Case, str]] = [(case, case.digest) for case in suite.cases]
    return [
        Pair(
            id=content_digest("pair", [run.id, digest, seed]),
            run_id=run.id,
            case_digest=digest,
            case_name=case.name,
            seed=seed,
            position=position,
        )
        for position, ((case, digest), seed) in enumerate(product(digests, run.seeds))
    ]


def _review_ranks(pairs: Sequence[Pair], plan: ReviewPlan) -> dict[str, int]:
    """Place of each pair in the review: cases in the plan's random order, the seeds of a case together."""
    order = review_order((pair.case_digest for pair in pairs), plan.order_seed)
    place = {digest: rank for rank, digest in enumerate(order)}
    ordered = sorted(pairs, key=lambda pair: (place[pair.case_digest], pair.position))
    return {pair.id: rank for rank, pair in enumerate(ordered)}


def _job(run: Run, pair: Pair) -> Job:
    return new_job(JobKind.PAIR, pair.id, run_id=run.id, number=1, now=run.created_at)


def _seconds_per_job(connection: Connection, run_id: str) -> float | None:
    """Mean pace of the last finished jobs; None until one has finished, or where it ended before it was asked
    for: the clocks disagreed, so it is unknown.
    """
    jobs = tables.jobs
    finished = (
        select(jobs.c.finished_at)
        .where(jobs.c.run_id == run_id, jobs.c.state.in_([JobState.DONE, JobState.FAILED]))
        .order_by(jobs.c.finished_at.desc())
        .limit(_RECENT_FINISHES)
    )
    moments = list(connection.scalars(finished))
    if not moments:
        return None
    if len(moments) == 1:
        started = connection.scalar(select(tables.runs.c.created_at).where(tables.runs.c.id == run_id))
        return None if started is None or moments[0] < started else (moments[0] - started).total_seconds()
    return float((moments[0] - moments[-1]).total_seconds() / (len(moments) - 1))
