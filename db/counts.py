"""How many pairs each filter of the review desk holds."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

from cachetools import LRUCache
from sqlalchemy import Connection, Select, func, select

from core.records import JobKind, JobState, QueueCounts, QueueView, ReviewFilter
from core.records.sums import Counted
from db import tables
from db.filters import REVIEWED, alarmed, judged_by, narrowed, ready_pairs
from db.names_shown import knows_names
from db.rows import batches
from db.run_sums import RunSums

_PAIRS, _JOBS, _FOUND, _SKIPS = tables.pairs, tables.jobs, tables.measurements, tables.skips
_DESKS = tables.reviewer_desks

Counts = tuple[dict[str, int], dict[str, int]]
MOST_KEPT: Final = 64
"""Runs and states of them whose counts are kept."""


def count_all(connection: Connection, person: str, run_id: str | None, kept: KeptCounts) -> QueueCounts:
    """How many pairs each filter holds for this reviewer (by key)."""
    total = shown_pairs(connection, run_id)
    mine, named = _own(connection, person, run_id)
    tags, failed_checks = kept.of(connection, run_id, total)
    disagreement = _of_run(select(func.count()).where(_PAIRS.c.disputed.is_(True)), run_id)
    return QueueCounts(
        total=total,
        coming=_coming(connection, run_id),
        unjudged=total - mine - named,
        mine=mine,
        skipped=_skipped(connection, person, run_id),
        disagreement=connection.scalar(disagreement) or 0,
        tags=tags,
        failed_checks=failed_checks,
    )


class KeptCounts:
    """Pairs by tag and by alarm of a run, kept until another pair is drawn or examined.

    They are the same for every reviewer, and each page of the queue asks for them.
    """

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str | None, int, int], Counts] = LRUCache(maxsize=MOST_KEPT)
        self._lock = Lock()

    def of(self, connection: Connection, run_id: str | None, total: int) -> Counts:
        """The counts; ``total`` is how many pairs of the run can be shown."""
        examination = connection.scalar(select(func.max(_FOUND.c.examination))) or 0
        key = (run_id, total, examination)
        with self._lock:
            known = self._kept.get(key)
        if known is None:
            known = _tags(connection, run_id), _failed_checks(connection, run_id)
            with self._lock:
                self._kept[key] = known
        return known


def shown_pairs(connection: Connection, run_id: str | None) -> int:
    """How many pairs can be shown: of one run, or of all that reviewers are shown."""
    sums, runs = tables.run_sums, tables.runs
    ready = RunSums(connection, run_id).of(Counted.READY, func.sum(sums.c.n))
    if run_id is None:
        ready = ready.join(runs, runs.c.id == sums.c.run_id).where(runs.c.kind.in_(REVIEWED))
    return int(connection.scalar(ready) or 0)


def _own(connection: Connection, person: str, run_id: str | None) -> tuple[int, int]:
    """Pairs that the reviewer has judged, and further ones of which a name is known."""
    own = select(func.sum(_DESKS.c.standing), func.sum(_DESKS.c.named)).where(_DESKS.c.reviewer == person)
    runs = tables.runs
    shown = own.join(runs, runs.c.id == _DESKS.c.run_id).where(runs.c.kind.in_(REVIEWED))
    mine, named = connection.execute(shown if run_id is None else own.where(_DESKS.c.run_id == run_id)).one()
    return int(mine or 0), int(named or 0)


def _skipped(connection: Connection, person: str, run_id: str | None) -> int:
    """Pairs that the reviewer has put off and may still judge, from the skips on: there are few of them."""
    put_off = connection.scalars(select(_SKIPS.c.pair_id).where(_SKIPS.c.reviewer == person).distinct())
    left = _left_to_judge(ready_pairs(run_id, func.count()), person)
    return sum(connection.scalar(left.where(_PAIRS.c.id.in_(some))) or 0 for some in batches(put_off.all()))


def _of_run(pairs: Select[Any], run_id: str | None) -> Select[Any]:
    """Of a run, or of all: pairs that are disputed have been shown, so their kind need not be asked."""
    return pairs if run_id is None else pairs.where(_PAIRS.c.run_id == run_id)


def _left_to_judge(pairs: Select[Any], person: str) -> Select[Any]:
    return pairs.where(~judged_by(person), ~knows_names(person))


def count_fitting(connection: Connection, person: str, wanted: ReviewFilter) -> int:
    """How many pairs one filter holds for this reviewer (by key)."""
    if wanted in (ReviewFilter(run_id=wanted.run_id), ReviewFilter(run_id=wanted.run_id, view=QueueView.ALL)):
        total = shown_pairs(connection, wanted.run_id)
        return total if wanted.view is QueueView.ALL else total - sum(_own(connection, person, wanted.run_id))
    return connection.scalar(narrowed(ready_pairs(wanted.run_id, func.count()), wanted, person)) or 0


def _coming(connection: Connection, run_id: str | None) -> int:
    waiting = select(func.count()).where(
        _JOBS.c.kind == JobKind.PAIR, _JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    return connection.scalar(waiting if run_id is None else waiting.where(_JOBS.c.run_id == run_id)) or 0


def _tags(connection: Connection, run_id: str | None) -> dict[str, int]:
    tags = tables.case_tags.c
    pairs = ready_pairs(run_id, tags.tag, func.count().label("pairs")).join(
        tables.case_tags, tags.case_digest == _PAIRS.c.case_digest
    )
    return {row.tag: row.pairs for row in connection.execute(pairs.group_by(tags.tag).order_by(tags.tag))}


def _failed_checks(connection: Connection, run_id: str | None) -> dict[str, int]:
    pairs = func.count(_FOUND.c.pair_id.distinct()).label("pairs")
    alarms = alarmed(_FOUND.c.check).add_columns(pairs)
    alarms = alarms.where(_FOUND.c.pair_id.in_(ready_pairs(run_id, _PAIRS.c.id)))
    found = connection.execute(alarms.group_by(_FOUND.c.check).order_by(_FOUND.c.check))
    return {row.check: row.pairs for row in found}
