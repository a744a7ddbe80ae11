"""What a reviewer is asked next in one run, by the rules of :mod:`core.review.next_pair`, many at a time.

:func:`core.review.next_pair.next_task` says what comes next from all of the evidence; here the same rule asks
the database only for what it needs, because a page fetches two dozen tasks in a few milliseconds. A test
holds the two together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, exists, func, or_, select

from core.records import Arm, Purpose, RolloutEvent, Run, VerdictAction
from core.review.next_pair import REPEAT_AFTER, swapped_side
from core.review.units import SCORES
from db import tables
from db.decisions import start_of
from db.filters import judged_by, ready_pairs
from db.gold import gold_pairs
from db.handouts import Wanted, held_by_others
from db.names_shown import knows_names
from db.rows import first_as

_PAIRS, _STANDING, _VERDICTS = tables.pairs, tables.standing_verdicts, tables.verdicts

HELD_FOR = timedelta(minutes=10)
"""So long a pair that was handed out is left to its reviewer before others are asked as well."""


def upcoming(
    connection: Connection, run: Run, reviewer: str, limit: int, now: datetime, *, controls: bool
) -> list[Wanted]:
    """Up to ``limit`` tasks: open units in the order of review, now and then agreement or a control.

    Args:
        controls: whether to mix in hidden controls; see :meth:`db.reviews.Reviews.queue`.
    """
    votes, countable = _votes(run), _PAIRS.c.case_digest.not_in(_judged_too_early(connection, run))
    open_units = _open_units(connection, run, reviewer, votes, limit, now, countable)
    agreement = _agreement(connection, run, reviewer, votes, limit, countable)
    hidden = _controls(connection, run, reviewer) if controls else []
    tasks: list[Wanted] = []
    first = _turns_taken(connection, run, reviewer)
    for turn in range(first, first + limit):
        draw = Random(f"{run.plan.order_seed}:{reviewer}:{turn}")
        chance = draw.random()
        if not open_units and not agreement:
            break  # controls go with other work; nobody is kept for them alone
        if hidden and chance < run.plan.control_share:
            tasks.append(_drawn(hidden, draw))
        elif agreement and chance < run.plan.control_share + run.plan.overlap_share:
            tasks.append(agreement.pop(0))
        else:
            tasks.append((open_units or agreement).pop(0))
    return tasks


def _votes(run: Run) -> Subquery:
    """How many standing verdicts count for each case of the run that has any."""
    return (
        select(_STANDING.c.case_digest, func.count().label("votes"))
        .where(
            _STANDING.c.run_id == run.id,
            _STANDING.c.purpose == Purpose.EVIDENCE,
            _STANDING.c.outcome.in_(list(SCORES)),
        )
        .group_by(_STANDING.c.case_digest)
        .subquery()
    )


def _judged_too_early(connection: Connection, run: Run) -> list[str]:
    """Cases that were judged before the run's rollout was started, if it was: they are no units."""
    verdicts = tables.verdicts
    start = first_as(connection, RolloutEvent, start_of(run.id))
    if start is None:
        return []
    cases = (
        select(_PAIRS.c.case_digest)
        .join(verdicts, verdicts.c.pair_id == _PAIRS.c.id)
        .where(
            _PAIRS.c.run_id == run.id,
            verdicts.c.action == VerdictAction.CAST,
            verdicts.c.purpose != Purpose.SAME,
            verdicts.c.created_at <= start.created_at,
        )
    )
    return list(connection.scalars(cases.distinct()))


def _open_units(
    connection: Connection,
    run: Run,
    reviewer: str,
    votes: Subquery,
    limit: int,
    now: datetime,
    countable: ColumnElement[bool],
) -> list[Wanted]:
    """One pair of each planned unit that still needs verdicts and that nobody else is looking at."""
    seeds = len(run.seeds)
    counted = func.coalesce(votes.c.votes, 0)
    rows = connection.execute(
        ready_pairs(run.id, _PAIRS.c.id, _PAIRS.c.case_digest, _PAIRS.c.review_rank, counted.label("votes"))
        .outerjoin(votes, votes.c.case_digest == _PAIRS.c.case_digest)
        .where(
            countable,
            _PAIRS.c.review_rank < run.plan.max_units * seeds,
            counted < run.plan.votes_per_unit,
            ~judged_by(reviewer),
            ~knows_names(reviewer),
            ~_skipped_by(reviewer),
            _PAIRS.c.case_digest.not_in(held_by_others(run.id, reviewer, now - HELD_FOR)),
        )
        .order_by(_PAIRS.c.review_rank)
        .limit(limit * seeds)
    )
    units = groupby(rows, key=lambda row: row.case_digest)
    nearest = [min(pairs, key=lambda row: _seeds_away(row, seeds)) for _, pairs in units]
    begun = {row.case_digest for row in nearest if row.votes}
    shown = _sides_shown(connection, run, begun) if begun else {}
    return [Wanted(row.id, side_a=swapped_side(shown.get(row.case_digest, ()))) for row in nearest]


def _sides_shown(connection: Connection, run: Run, cases: set[str]) -> dict[str, list[Arm | None]]:
    """Which arm was A in each verdict that counts on these cases, in order."""
    votes = (
        select(_STANDING.c.case_digest, _VERDICTS.c.side_a)
        .join(_VERDICTS, _VERDICTS.c.uuid == _STANDING.c.uuid)
        .where(
            _STANDING.c.run_id == run.id,
            _STANDING.c.purpose == Purpose.EVIDENCE,
            _STANDING.c.outcome.in_(list(SCORES)),
            _STANDING.c.case_digest.in_(cases),
        )
        .order_by(_VERDICTS.c.ordinal)
    )
    shown: dict[str, list[Arm | None]] = {}
    for row in connection.execute(votes):
        shown.setdefault(row.case_digest, []).append(row.side_a)
    return shown


def _seeds_away(row: Any, seeds: int) -> int:
    """How far a pair's seed is from the one whose turn it is: verdicts on a unit go round its seeds."""
    return int(row.review_rank - min(row.votes, seeds)) % seeds


def _agreement(
    connection: Connection,
    run: Run,
    reviewer: str,
    votes: Subquery,
    limit: int,
    countable: ColumnElement[bool],
) -> list[Wanted]:
    """Pairs of closed units that somebody else has judged and that nobody has judged a second time."""
    counted = exists().where(
        _STANDING.c.pair_id == _PAIRS.c.id,
        _STANDING.c.purpose == Purpose.EVIDENCE,
        _STANDING.c.outcome.in_(list(SCORES)),
    )
    second = exists().where(_VERDICTS.c.pair_id == _PAIRS.c.id, _VERDICTS.c.purpose == Purpose.OVERLAP)
    pairs = (
        ready_pairs(run.id, _PAIRS.c.id)
        .join(votes, votes.c.case_digest == _PAIRS.c.case_digest)
        .where(
            countable,
            votes.c.votes >= run.plan.votes_per_unit,
            counted,
            ~second,
            ~judged_by(reviewer),
            ~knows_names(reviewer),
            ~_closed_by(reviewer),
            ~_skipped_by(reviewer),
        )
    )
    return [Wanted(row.id) for row in connection.execute(pairs.order_by(_PAIRS.c.review_rank).limit(limit))]


def _closed_by(reviewer: str) -> Any:
    """Whether a verdict that the reviewer took back too late still counts on the pair."""
    own = _STANDING.alias("own")
    return exists().where(
        own.c.pair_id == _PAIRS.c.id, own.c.reviewer == reviewer, own.c.slot == tables.FINAL
    )


def _turns_taken(connection: Connection, run: Run, reviewer: str) -> int:
    """How many verdicts the reviewer has ever cast in this run; gold pairs count wherever they come from."""
    mine = (
        select(func.count())
        .select_from(_VERDICTS)
        .join(_PAIRS, _PAIRS.c.id == _VERDICTS.c.pair_id)
        .where(
            _VERDICTS.c.reviewer == reviewer,
            _VERDICTS.c.action == VerdictAction.CAST,
            or_(_PAIRS.c.run_id == run.id, _VERDICTS.c.purpose == Purpose.GOLD),
        )
    )
    return connection.scalar(mine) or 0


def _controls(connection: Connection, run: Run, reviewer: str) -> list[Wanted]:
    """Gold pairs, swapped repeats of own verdicts, and equals that the reviewer has not had yet."""
    mine = (
        select(_VERDICTS.c.pair_id, _VERDICTS.c.purpose, _VERDICTS.c.side_a)
        .join(_PAIRS, _PAIRS.c.id == _VERDICTS.c.pair_id)
        .where(_VERDICTS.c.reviewer == reviewer, _VERDICTS.c.action == VerdictAction.CAST)
    )
    done = {(row.pair_id, row.purpose) for row in connection.execute(mine)}
    judged = connection.execute(
        mine.where(_PAIRS.c.run_id == run.id, _VERDICTS.c.purpose == Purpose.EVIDENCE).order_by(
            _VERDICTS.c.ordinal
        )
    ).all()
    put_off = set(connection.scalars(select(tables.skips.c.pair_id).filter_by(reviewer=reviewer)))
    choices = [Wanted(pair_id, Purpose.GOLD) for pair_id in sorted(gold_pairs(connection))]
    choices += [
        Wanted(row.pair_id, Purpose.REPEAT, row.side_a.other) for row in judged[:-REPEAT_AFTER] if row.side_a
    ]
    choices += [
        Wanted(pair_id, Purpose.SAME) for pair_id in connection.scalars(ready_pairs(run.id, _PAIRS.c.id))
    ]
    return [one for one in choices if (one.pair_id, one.purpose) not in done and one.pair_id not in put_off]


def _drawn(choices: list[Wanted], draw: Random) -> Wanted:
    """Take one out of the choices: first the kind of control, so that the many equals do not crowd it out."""
    purpose = draw.choice(sorted({one.purpose for one in choices}))
    drawn = draw.choice([one for one in choices if one.purpose is purpose])
    choices.remove(drawn)
    return drawn


def _skipped_by(reviewer: str) -> Any:
    return exists().where(tables.skips.c.pair_id == _PAIRS.c.id, tables.skips.c.reviewer == reviewer)
