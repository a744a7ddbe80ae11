"""How many pairs each filter of the review desk holds."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, select

from core.records import JobKind, JobState, QueueCounts, QueueView, ReviewFilter
from db import tables
from db.filters import alarmed, judged_by, narrowed, ready_pairs

_PAIRS, _JOBS, _FOUND = tables.pairs, tables.jobs, tables.measurements


def count_all(connection: Connection, reviewer: str, run_id: str | None) -> QueueCounts:
    """How many pairs each filter holds for this reviewer."""

    def count(view: QueueView) -> int:
        return count_fitting(connection, reviewer, ReviewFilter(run_id=run_id, view=view))

    return QueueCounts(
        total=count(QueueView.ALL),
        coming=_coming(connection, run_id),
        unjudged=count(QueueView.UNJUDGED),
        mine=count(QueueView.MINE),
        disagreement=count(QueueView.DISAGREEMENT),
        skipped=_skipped(connection, run_id, reviewer),
        tags=_tags(connection, run_id),
        failed_checks=_failed_checks(connection, run_id),
    )


def count_fitting(connection: Connection, reviewer: str, wanted: ReviewFilter) -> int:
    """How many pairs one filter holds for this reviewer."""
    return connection.scalar(narrowed(ready_pairs(wanted.run_id, func.count()), wanted, reviewer)) or 0


def _coming(connection: Connection, run_id: str | None) -> int:
    waiting = select(func.count()).where(
        _JOBS.c.kind == JobKind.PAIR, _JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    return connection.scalar(waiting if run_id is None else waiting.where(_JOBS.c.run_id == run_id)) or 0


def _skipped(connection: Connection, run_id: str | None, reviewer: str) -> int:
    skips = tables.skips.c
    put_off = exists().where(skips.pair_id == _PAIRS.c.id, skips.reviewer == reviewer)
    pairs = ready_pairs(run_id, func.count()).where(put_off, ~judged_by(reviewer))
    return connection.scalar(pairs) or 0


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
