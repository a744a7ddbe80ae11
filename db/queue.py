"""The queue of the review desk: which pairs a reviewer sees next, and how many each filter holds.

What leaves this file is blind: sides A and B by digest, never an arm, a model or a run's models.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from core.records import (
    Arm,
    Case,
    JobKind,
    JobState,
    QueueCounts,
    QueueItem,
    QueueView,
    Render,
    ReviewFilter,
    RunKind,
    Shown,
)
from db import tables
from db.renders import renders_of
from db.rows import all_as, select_as
from db.sides import assign_sides, known_sides

_PAIRS, _CASES, _JOBS = tables.pairs, tables.cases, tables.jobs
_STANDING, _VERDICTS, _FOUND = tables.standing_verdicts, tables.verdicts, tables.measurements

MOST_ITEMS = 500
"""How many pairs one call may hand out."""


def next_items(
    connection: Connection,
    reviewer: str,
    wanted: ReviewFilter,
    limit: int,
    offset: int,
    *,
    draw_at: datetime | None = None,
) -> list[QueueItem] | None:
    """Pairs that fit the filter, in the order of review.

    None when sides are still to be drawn and ``draw_at`` is not given: a read must not write.
    """
    rows = connection.execute(_ordered(wanted, reviewer).limit(limit).offset(offset)).all()
    ids = [row.id for row in rows]
    if draw_at is None:
        sides = known_sides(connection, ids, reviewer)
    else:
        sides = assign_sides(connection, ids, reviewer, draw_at)
    if len(sides) < len(ids):
        return None
    renders = renders_of(connection, ids)
    cases = _cases(connection, {row.case_digest for row in rows})
    return [_item(row, cases[row.case_digest], renders[row.id], sides[row.id]) for row in rows]


def count_all(connection: Connection, reviewer: str, run_id: str | None) -> QueueCounts:
    """How many pairs each filter holds for this reviewer."""

    def count(view: QueueView) -> int:
        wanted = ReviewFilter(run_id=run_id, view=view)
        return connection.scalar(_narrowed(_ready(run_id, func.count()), wanted, reviewer)) or 0

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


def _ready(run_id: str | None, *entities: Any) -> Select[Any]:
    """Pairs whose two renders are done; those of a model against itself are for calibration alone."""
    done = (
        (_JOBS.c.subject_id == _PAIRS.c.id)
        & (_JOBS.c.kind == JobKind.PAIR)
        & (_JOBS.c.state == JobState.DONE)
    )
    pairs = select(*entities).select_from(_PAIRS).join(_JOBS, done)
    if run_id is not None:
        return pairs.where(_PAIRS.c.run_id == run_id)
    runs = tables.runs
    return pairs.join(runs, runs.c.id == _PAIRS.c.run_id).where(runs.c.kind != RunKind.NOISE_FLOOR)


def _narrowed(pairs: Select[Any], wanted: ReviewFilter, reviewer: str) -> Select[Any]:
    if wanted.tag is not None:
        tags = tables.case_tags.c
        pairs = pairs.where(exists().where(tags.case_digest == _PAIRS.c.case_digest, tags.tag == wanted.tag))
    if wanted.failed_check is not None:
        pairs = pairs.where(_PAIRS.c.id.in_(_alarmed(_FOUND.c.pair_id, wanted.failed_check)))
    match wanted.view:
        case QueueView.UNJUDGED:
            return pairs.where(~_judged_by(reviewer))
        case QueueView.MINE:
            return pairs.where(_judged_by(reviewer))
        case QueueView.DISAGREEMENT:
            return pairs.where(_PAIRS.c.id.in_(_disputed()))
        case QueueView.ALL:
            return pairs


def _ordered(wanted: ReviewFilter, reviewer: str) -> Select[Any]:
    put_off = (
        select(tables.skips.c.pair_id, func.max(tables.skips.c.ordinal).label("at"))
        .where(tables.skips.c.reviewer == reviewer)
        .group_by(tables.skips.c.pair_id)
        .subquery()
    )
    own = (
        select(_VERDICTS.c.outcome)
        .join(_STANDING, _STANDING.c.uuid == _VERDICTS.c.uuid)
        .where(_mine(reviewer))
        .scalar_subquery()
    )
    pairs = _ready(
        wanted.run_id,
        _PAIRS.c.id,
        _PAIRS.c.run_id,
        _PAIRS.c.case_digest,
        _PAIRS.c.review_rank,
        put_off.c.at.is_not(None).label("skipped"),
        own.label("outcome"),
    ).outerjoin(put_off, put_off.c.pair_id == _PAIRS.c.id)
    fitting = _narrowed(pairs, wanted, reviewer)
    if wanted.view is QueueView.UNJUDGED:
        fitting = fitting.order_by(put_off.c.at.is_not(None), put_off.c.at)
    return fitting.order_by(_PAIRS.c.review_rank, _PAIRS.c.id)


def _mine(reviewer: str) -> ColumnElement[bool]:
    return (
        (_STANDING.c.pair_id == _PAIRS.c.id)
        & (_STANDING.c.reviewer == reviewer)
        & (_STANDING.c.slot == tables.JUDGED)
    )


def _judged_by(reviewer: str) -> ColumnElement[bool]:
    return exists().where(_mine(reviewer))


def _disputed() -> Select[Any]:
    return (
        select(_STANDING.c.pair_id)
        .join(_VERDICTS, _VERDICTS.c.uuid == _STANDING.c.uuid)
        .where(_STANDING.c.slot == tables.JUDGED)
        .group_by(_STANDING.c.pair_id)
        .having(func.count(_VERDICTS.c.outcome.distinct()) > 1)
    )


def _alarmed(entity: Any, check: str | None = None) -> Select[Any]:
    """Findings of the latest examinations that are bad whatever a policy says."""
    later = _FOUND.alias("later")
    outdated = exists().where(
        later.c.pair_id == _FOUND.c.pair_id,
        later.c.check == _FOUND.c.check,
        later.c.examination > _FOUND.c.examination,
    )
    alarms = select(entity).where(_FOUND.c.alarm.is_(True), ~outdated)
    return alarms if check is None else alarms.where(_FOUND.c.check == check)


def _coming(connection: Connection, run_id: str | None) -> int:
    waiting = select(func.count()).where(
        _JOBS.c.kind == JobKind.PAIR, _JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    return connection.scalar(waiting if run_id is None else waiting.where(_JOBS.c.run_id == run_id)) or 0


def _skipped(connection: Connection, run_id: str | None, reviewer: str) -> int:
    skips = tables.skips.c
    put_off = exists().where(skips.pair_id == _PAIRS.c.id, skips.reviewer == reviewer)
    pairs = _ready(run_id, func.count()).where(put_off, ~_judged_by(reviewer))
    return connection.scalar(pairs) or 0


def _tags(connection: Connection, run_id: str | None) -> dict[str, int]:
    tags = tables.case_tags.c
    pairs = _ready(run_id, tags.tag, func.count().label("pairs")).join(
        tables.case_tags, tags.case_digest == _PAIRS.c.case_digest
    )
    return {row.tag: row.pairs for row in connection.execute(pairs.group_by(tags.tag).order_by(tags.tag))}


def _failed_checks(connection: Connection, run_id: str | None) -> dict[str, int]:
    pairs = func.count(_FOUND.c.pair_id.distinct()).label("pairs")
    alarms = _alarmed(_FOUND.c.check).add_columns(pairs)
    alarms = alarms.where(_FOUND.c.pair_id.in_(_ready(run_id, _PAIRS.c.id)))
    found = connection.execute(alarms.group_by(_FOUND.c.check).order_by(_FOUND.c.check))
    return {row.check: row.pairs for row in found}


def _cases(connection: Connection, digests: set[str]) -> dict[str, Case]:
    statement = select_as(Case, _CASES).where(_CASES.c.digest.in_(digests))
    return {case.digest: case for case in all_as(connection, Case, statement)}


def _item(row: Any, case: Case, renders: dict[Arm, Render], side_a: Arm) -> QueueItem:
    return QueueItem(
        pair_id=row.id,
        run_id=row.run_id,
        place=row.review_rank + 1,
        prompt=case.prompt,
        tags=case.tags,
        expected_text=case.expected_text,
        a=_shown(renders[side_a]),
        b=_shown(renders[side_a.other]),
        skipped=bool(row.skipped),
        outcome=row.outcome,
    )


def _shown(render: Render) -> Shown:
    return Shown(
        digest=render.digest or "",
        width=render.width or 0,
        height=render.height or 0,
        mode=render.mode or "",
    )
