"""How many pairs each filter of the review desk holds."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from core.access.person import person_key
from core.records import JobKind, JobState, QueueCounts, ReviewFilter
from db import tables
from db.filters import alarmed, disputed, narrowed, own_judgement, ready_pairs

_PAIRS, _JOBS, _FOUND, _STANDING = tables.pairs, tables.jobs, tables.measurements, tables.standing_verdicts
_SHOWN = tables.names_shown


def count_all(connection: Connection, reviewer: str, run_id: str | None) -> QueueCounts:
    """How many pairs each filter holds for this reviewer."""
    skips = tables.skips.c
    put_off = select(skips.pair_id).where(skips.reviewer == reviewer).distinct().subquery()
    named = select(_SHOWN.c.pair_id).where(_SHOWN.c.reviewer == person_key(reviewer)).subquery()
    unjudged = _STANDING.c.uuid.is_(None) & named.c.pair_id.is_(None)
    sums = (
        ready_pairs(
            run_id,
            func.count().label("total"),
            func.count(_STANDING.c.uuid).label("mine"),
            func.count(put_off.c.pair_id).filter(unjudged).label("skipped"),
            func.count().filter(unjudged).label("unjudged"),
        )
        .outerjoin(_STANDING, own_judgement(reviewer))
        .outerjoin(put_off, put_off.c.pair_id == _PAIRS.c.id)
        .outerjoin(named, named.c.pair_id == _PAIRS.c.id)
    )
    found = connection.execute(sums).one()
    disagreement = ready_pairs(run_id, func.count()).where(_PAIRS.c.id.in_(disputed(run_id)))
    return QueueCounts(
        total=found.total,
        coming=_coming(connection, run_id),
        unjudged=found.unjudged,
        mine=found.mine,
        skipped=found.skipped,
        disagreement=connection.scalar(disagreement) or 0,
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
