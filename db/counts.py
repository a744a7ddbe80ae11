"""How many pairs each filter of the review desk holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select

from core.records import JobKind, JobState, QueueCounts, QueueView, ReviewFilter
from core.records.sums import Counted
from db import tables
from db.filters import REVIEWED, judged_by, narrowed, ready_pairs
from db.names_shown import knows_names
from db.rows import batches
from db.run_sums import RunSums

_PAIRS, _JOBS, _SKIPS, _SUMS = tables.pairs, tables.jobs, tables.skips, tables.run_sums
_DESKS = tables.reviewer_desks


def count_all(connection: Connection, person: str, run_id: str | None) -> QueueCounts:
    """How many pairs each filter holds for this reviewer (by key)."""
    total = shown_pairs(connection, run_id)
    mine, named = _own(connection, person, run_id)
    disagreement = _of_run(select(func.count()).where(_PAIRS.c.disputed.is_(True)), run_id)
    return QueueCounts(
        total=total,
        coming=_coming(connection, run_id),
        unjudged=total - mine - named,
        mine=mine,
        skipped=_skipped(connection, person, run_id),
        disagreement=connection.scalar(disagreement) or 0,
        tags=_shown_by_key(connection, Counted.SHOWN_TAG, run_id),
        failed_checks=_shown_by_key(connection, Counted.SHOWN_ALARM, run_id),
    )


def shown_pairs(connection: Connection, run_id: str | None) -> int:
    """How many pairs can be shown: of one run, or of all that reviewers are shown."""
    return int(connection.scalar(_shown(connection, Counted.SHOWN, run_id, func.sum(_SUMS.c.n))) or 0)


def _shown_by_key(connection: Connection, what: Counted, run_id: str | None) -> dict[str, int]:
    """The same by tag or by check, in the order of their names."""
    pairs = _shown(connection, what, run_id, _SUMS.c.key, func.sum(_SUMS.c.n).label("pairs"))
    rows = connection.execute(pairs.group_by(_SUMS.c.key).order_by(_SUMS.c.key))
    return {row.key: int(row.pairs) for row in rows}


def _shown(connection: Connection, what: Counted, run_id: str | None, *entities: Any) -> Select[Any]:
    shown, runs = RunSums(connection, run_id).of(what, *entities), tables.runs
    if run_id is not None:
        return shown
    return shown.join(runs, runs.c.id == _SUMS.c.run_id).where(runs.c.kind.in_(REVIEWED))


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
