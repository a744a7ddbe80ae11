"""Which pairs a filter of the review desk lets through, and in what order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, bindparam, exists, func, select

from core.records import MeasurementStatus, QueueView, ReviewFilter, RunKind
from core.records.reviews import JUDGED
from db import tables
from db.names_shown import knows_names

_PAIRS, _STANDING, _FOUND = tables.pairs, tables.standing_verdicts, tables.measurements
_OWN, _LATER = _STANDING.alias("own"), _FOUND.alias("later")

Person = str | BindParameter[Any]
"""A reviewer by key, or its place in a statement."""
PERSON: BindParameter[Any] = bindparam("person")
"""The place of the reviewer in statements that are built once."""
REVIEWED = [kind for kind in RunKind if kind.is_reviewed]
"""Kinds of runs whose pairs reviewers are shown."""


def ready_pairs(run_id: str | None, *entities: Any) -> Select[Any]:
    """Pairs that can be shown; those of a model against itself are for calibration alone."""
    return _reviewed(run_id, *entities).where(_PAIRS.c.ready.is_(True))


def _reviewed(run_id: str | None, *entities: Any) -> Select[Any]:
    pairs = select(*entities).select_from(_PAIRS)
    if run_id is not None:
        return pairs.where(_PAIRS.c.run_id == run_id)
    runs = tables.runs
    return pairs.join(runs, runs.c.id == _PAIRS.c.run_id).where(runs.c.kind.in_(REVIEWED))


def narrowed(pairs: Select[Any], wanted: ReviewFilter, reviewer: Person) -> Select[Any]:
    """Only those pairs that every part of the filter lets through."""
    if wanted.tag is not None:
        tags = tables.case_tags.c
        pairs = pairs.where(exists().where(tags.case_digest == _PAIRS.c.case_digest, tags.tag == wanted.tag))
    if wanted.failed_check is not None:
        pairs = pairs.where(_PAIRS.c.id.in_(alarmed(_FOUND.c.pair_id, wanted.failed_check)))
    match wanted.view:
        case QueueView.UNJUDGED:
            return pairs.where(~judged_by(reviewer), ~knows_names(reviewer))
        case QueueView.MINE:
            return pairs.where(judged_by(reviewer))
        case QueueView.DISAGREEMENT:
            return pairs.where(_PAIRS.c.disputed.is_(True))
        case QueueView.ALL:
            return pairs


def fitting_pairs(wanted: ReviewFilter, reviewer: str, *, put_off: bool = True) -> Select[Any]:
    """The pairs that can be shown and fit a filter, in the order of review; in an open queue those put off
    come last.

    Args:
        put_off: whether the reviewer has put off any; without them, pages of one run are read along an index.
    """
    return _with_own_words(wanted, reviewer, put_off=put_off).where(_PAIRS.c.ready.is_(True))


def _with_own_words(wanted: ReviewFilter, reviewer: Person, *, put_off: bool) -> Select[Any]:
    skipped = (
        select(tables.skips.c.pair_id, func.max(tables.skips.c.ordinal).label("at"))
        .where(tables.skips.c.reviewer == reviewer)
        .group_by(tables.skips.c.pair_id)
        .subquery()
    )
    pairs = _reviewed(
        wanted.run_id,
        _PAIRS.c.id,
        _PAIRS.c.run_id,
        _PAIRS.c.case_digest,
        _PAIRS.c.review_rank,
        skipped.c.at.is_not(None).label("skipped"),
        _STANDING.c.outcome,
    )
    pairs = pairs.outerjoin(skipped, skipped.c.pair_id == _PAIRS.c.id).outerjoin(
        _STANDING, own_judgement(reviewer)
    )
    fitting = narrowed(pairs, wanted, reviewer)
    if wanted.view is QueueView.UNJUDGED and put_off:
        fitting = fitting.order_by(skipped.c.at.is_not(None), skipped.c.at)
    in_order = fitting.order_by(_PAIRS.c.review_rank)
    return in_order if wanted.run_id is not None else in_order.order_by(_PAIRS.c.id)


def own_judgement(reviewer: Person, standing: FromClause = _STANDING) -> ColumnElement[bool]:
    """Joins a pair with the reviewer's standing judgement of it."""
    return (
        (standing.c.pair_id == _PAIRS.c.id) & (standing.c.reviewer == reviewer) & (standing.c.slot == JUDGED)
    )


def judged_by(person: Person) -> ColumnElement[bool]:
    """Whether the reviewer's judgement of the pair stands."""
    return exists().where(own_judgement(person, _OWN))


def alarmed(entity: Any, check: str | None = None) -> Select[Any]:
    """Findings of the latest examinations that are bad whatever a policy says.

    Earlier versions stored a check that could not run as an alarm as well: those are no findings.
    """
    outdated = exists().where(
        _LATER.c.pair_id == _FOUND.c.pair_id,
        _LATER.c.check == _FOUND.c.check,
        _LATER.c.examination > _FOUND.c.examination,
    )
    alarms = select(entity).where(
        _FOUND.c.alarm.is_(True), _FOUND.c.status == MeasurementStatus.MEASURED, ~outdated
    )
    return alarms if check is None else alarms.where(_FOUND.c.check == check)


KNOWN_PAIRS = _with_own_words(ReviewFilter(view=QueueView.ALL), PERSON, put_off=True)
"""All pairs with the columns of :func:`fitting_pairs`, those as well that cannot be shown."""
