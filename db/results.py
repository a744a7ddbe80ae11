"""What came out of a run, read from its sums and in pages: never all of its rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from core.checks.results.duplicates import WORTH_TELLING
from core.checks.results.size_ladder import Rung
from core.records import Arm, Failure, Job, JobState, Measurement, Pair, Render
from core.records.sums import Counted
from core.sums import hit_key
from db import tables
from db.database import Database
from db.renders import renders_of
from db.rows import all_as, select_as
from db.run_sums import RunSums, found_of

_PAIRS, _SUMS, _JOBS = tables.pairs, tables.run_sums, tables.jobs
NAMED: Final = 5
"""Places of a failure that are named."""
GROUPS: Final = 20
"""Groups of equal pictures that are looked into, the largest first."""
GROUP: Final = 100
"""Pairs of one group that are read."""
ALIKE_READ: Final = 1_000
"""Cases whose pairs are read to see which of their pictures look alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A failure and what it hit."""

    failure: Failure
    times: int
    """Renders that ended in it; of a job without renders, jobs."""
    where: Sequence[tuple[str, Arm | None]]
    """Some of the pairs by id, first ones first, each with the arm; None: the job as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A check that could not run, why, and on how many pairs."""

    check: str
    reason: str
    metrics: tuple[str, ...]
    """What it could not tell; empty when it told nothing at all."""
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How many pairs of a run have been looked at, and how many show a breach on the candidate."""

    pairs: int
    told: int
    """Pairs of which a check could tell something."""
    broken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The pairs of a run that may hold the same picture twice, with what their repeats are told from."""

    pairs: Sequence[Pair]
    renders: dict[str, dict[Arm, Render]]
    found: dict[str, list[Measurement]]
    of: int
    """All pairs of the run."""


class Results:
    """What came out of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def failures(self, run_id: str) -> list[Hit]:
        """Every failure of a run, told once for all pairs it hit; in the order of the first ones."""
        with self._database.read() as connection:
            sums = RunSums(connection, run_id)
            times: defaultdict[str, int] = defaultdict(int)
            for row in sums.by_key(Counted.FAILED):
                times[row.key] += row.n
            failures = {key: Failure(**json.loads(key)) for key in times}
            places = {key: _places(sums, failure) for key, failure in failures.items()}
            hits = [
                Hit(failure=failures[key], times=times[key], where=[one[1:] for one in places[key]])
                for key in sorted(places, key=lambda key: places[key][0][0])
            ]
            return hits + _of_jobs(connection, run_id, failures.values())

    def examined(self, run_id: str) -> Examined:
        """How far the checks are, and how much they found."""
        with self._database.read() as connection:
            sums = RunSums(connection, run_id)
            wanted = (Counted.EXAMINED, Counted.MEASURED, Counted.BROKEN)
            pairs, told, broken = map(sums.total, wanted)
        return Examined(pairs=pairs, told=told, broken=broken)

    def broken(self, run_id: str, *, limit: int, offset: int = 0) -> list[str]:
        """Ids of pairs whose candidate has findings that are bad whatever a policy says, by position."""
        with self._database.read() as connection:
            keys = RunSums(connection, run_id).of(Counted.BREACH, _SUMS.c.key).order_by(_SUMS.c.key)
            return [_pair_of(key) for key in connection.scalars(keys.limit(limit).offset(offset))]

    def not_run(self, run_id: str) -> list[NotRun]:
        """What could not be measured, each check and reason once; the check that failed most often first."""
        pairs: defaultdict[tuple[str, str], int] = defaultdict(int)
        metrics: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        partly: set[tuple[str, str]] = set()
        with self._database.read() as connection:
            for row in RunSums(connection, run_id).by_key(Counted.NOT_RUN):
                check, reason, names, ran = json.loads(row.key)
                pairs[check, reason] += row.n
                metrics[check, reason] |= dict.fromkeys(names)
                partly |= {(check, reason)} if ran else set()
        return [
            NotRun(
                check=one[0],
                reason=one[1],
                metrics=tuple(metrics[one]) if one in partly else (),
                pairs=pairs[one],
            )
            for one in sorted(pairs, key=lambda one: (-pairs[one], one))
        ]

    def lettering(self, run_id: str) -> list[Rung]:
        """Lines read exactly by letter height: baseline first, small to large."""
        with self._database.read() as connection:
            sums = RunSums(connection, run_id)
            right = {(row.arm, row.key): row.n for row in sums.by_key(Counted.LINES_RIGHT)}
            rungs = [
                Rung(
                    arm=Arm(r.arm), letter_height_px=int(r.key), right=right.get((r.arm, r.key), 0), told=r.n
                )
                for r in sums.by_key(Counted.LINES_TOLD)
            ]
        return sorted(rungs, key=lambda rung: (list(Arm).index(rung.arm), rung.letter_height_px))

    def repeated(self, run_id: str) -> Repeated:
        """The pairs in the largest groups of equal pictures, and of those that look alike within a case."""
        with self._database.read() as connection:
            sums = RunSums(connection, run_id)
            of = connection.scalar(select(func.count()).where(_PAIRS.c.run_id == run_id)) or 0
            ids = {pair_id for arm in Arm for pair_id in _with_equal_pictures(connection, sums, run_id, arm)}
            ids |= {pair_id for arm in Arm for pair_id in _looking_alike(connection, sums, run_id, arm, of)}
            mine = select_as(Pair, _PAIRS).where(_PAIRS.c.id.in_(ids)).order_by(_PAIRS.c.position)
            found = found_of(connection, ids)
            return Repeated(
                pairs=all_as(connection, Pair, mine),
                renders=renders_of(connection, ids),
                found={pair_id: [m for m, _ in some] for pair_id, some in found.items()},
                of=of,
            )


def _pair_of(key: str) -> str:
    return key.rpartition(":")[2]


def _places(sums: RunSums, failure: Failure) -> list[tuple[str, str, Arm]]:
    """The first renders that a failure hit: place in the run, pair and arm."""
    begin = hit_key(failure)
    rows: list[Any] = []
    for arm in Arm:
        hits = sums.of(Counted.HIT).where(_SUMS.c.arm == arm.value, _SUMS.c.key.between(begin, begin + "~"))
        rows += sums.rows(hits.order_by(_SUMS.c.key).limit(NAMED + 1))
    return sorted((row.key.removeprefix(begin), _pair_of(row.key), Arm(row.arm)) for row in rows)[: NAMED + 1]


def _of_jobs(connection: Connection, run_id: str, told: Collection[Failure]) -> list[Hit]:
    """Failures of jobs that no render tells, such as of a worker that was killed."""
    failed = select_as(Job, _JOBS).where(_JOBS.c.run_id == run_id, _JOBS.c.state == JobState.FAILED)
    of_jobs: defaultdict[Failure, list[Job]] = defaultdict(list)
    others = failed.where(_JOBS.c.failure.not_in(list(told))) if told else failed
    for job in all_as(connection, Job, others.order_by(_JOBS.c.ordinal)):
        if job.failure is not None:
            of_jobs[job.failure].append(job)
    return [
        Hit(failure=failure, times=len(jobs), where=[(job.subject_id, None) for job in jobs[: NAMED + 1]])
        for failure, jobs in of_jobs.items()
    ]


def _with_equal_pictures(connection: Connection, sums: RunSums, run_id: str, arm: Arm) -> list[str]:
    more = sums.of(Counted.PICTURE, _SUMS.c.key).where(_SUMS.c.arm == arm.value, _SUMS.c.n > 1)
    digests = list(connection.scalars(more.order_by(_SUMS.c.n.desc(), _SUMS.c.key).limit(GROUPS)))
    renders = tables.renders.c
    found: list[str] = []
    for digest in digests:
        holding = select(renders.pair_id).join(_PAIRS, _PAIRS.c.id == renders.pair_id)
        mine = holding.where(renders.digest == digest, renders.arm == arm, _PAIRS.c.run_id == run_id)
        found += connection.scalars(mine.distinct().limit(GROUP))
    return found


def _looking_alike(connection: Connection, sums: RunSums, run_id: str, arm: Arm, of: int) -> list[str]:
    """Empty unless there are enough of them to be worth telling."""
    several = sums.of(Counted.FINGERPRINT, _SUMS.c.key, _SUMS.c.n).where(
        _SUMS.c.arm == arm.value, _SUMS.c.n > 1
    )
    rows = connection.execute(several.order_by(_SUMS.c.n.desc(), _SUMS.c.key)).all()
    if sum(row.n for row in rows) <= WORTH_TELLING * of:
        return []
    cases = {row.key.partition(":")[0] for row in rows[:ALIKE_READ]}
    of_cases = select(_PAIRS.c.id).where(_PAIRS.c.run_id == run_id, _PAIRS.c.case_digest.in_(cases))
    return list(connection.scalars(of_cases))
