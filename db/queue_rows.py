"""The rows of the review queue's fold: the few that an event concerns are loaded, changed by it and written
back.

Only :class:`core.review.queue.ReviewQueue` knows the rules. What has to be loaded for which event is decided
here, and a test on random histories holds that it is enough: the stored rows are those of :func:`folded`,
which takes in everything at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, select

from core.records import (
    PairReview,
    ReviewerDesk,
    ReviewUnit,
    Run,
    StandingVerdict,
    VerdictEvent,
)
from core.review.queue import ReviewQueue, Terms, terms_of
from db import tables
from db.dialects import upsert
from db.missing_pictures import showable
from db.rows import all_as, all_numbered, batches, insert, row_of, select_as

_PAIRS, _RUNS, _NAMES = tables.pairs, tables.runs, tables.names_shown
_UNITS, _STANDING, _DESKS = tables.review_units, tables.standing_verdicts, tables.reviewer_desks
_FLAGS = ("ready", "overlapped", "disputed")


@contextmanager
def queue_of_pair(
    connection: Connection, pair_id: str, person: str = "", *, knowing: bool = False
) -> Iterator[ReviewQueue]:
    """All that an event about one pair may change; written back on the way out.

    Args:
        person: the reviewer whose event it is.
        knowing: load the desks of all reviewers who know, or may learn, a name of it.
    """
    queue = ReviewQueue(_terms(connection, [pair_id]))
    _load_unit(connection, queue, pair_id)
    _load_pairs(connection, queue, {pair_id, *_pairs_of_votes(queue)})
    _load_desks(connection, queue, set(_knowing(connection, pair_id)) if knowing else {person})
    with _written_back(connection, queue):
        yield queue


@contextmanager
def queue_of_reviewer(
    connection: Connection, pair_ids: Collection[str], person: str
) -> Iterator[ReviewQueue]:
    """What naming pictures of many pairs to one reviewer may change; written back on the way out."""
    queue = ReviewQueue({})
    _load_pairs(connection, queue, pair_ids, person=person)
    _load_desks(connection, queue, {person})
    with _written_back(connection, queue):
        yield queue


def folded(connection: Connection) -> ReviewQueue:
    """The queue that takes in everything that was ever stored: what the rows have to be."""
    runs = all_as(connection, Run, select_as(Run, _RUNS))
    queue = ReviewQueue({run.id: terms_of(run) for run in runs})
    places = select(_PAIRS.c.id, *_unit_columns()).order_by(_PAIRS.c.review_rank)
    ready = showable(connection)
    of_unit: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(places):
        of_unit.setdefault((row.run_id, row.case_digest), []).append(row)
    seen: dict[str, int] = {}
    for (run_id, case_digest), rows in of_unit.items():
        place = seen[run_id] = seen.get(run_id, -1) + 1
        unit = ReviewUnit(run_id=run_id, case_digest=case_digest, place=place)
        queue.add_unit(unit, [row.id for row in rows])
        for row in rows:
            queue.drawn(row.id, ready=row.id in ready)
    verdicts = tables.verdicts
    in_order = select_as(VerdictEvent, verdicts).order_by(verdicts.c.ordinal)
    for ordinal, event in all_numbered(connection, VerdictEvent, in_order, verdicts.c.ordinal):
        queue.take(event, ordinal)
    named, renders = tables.named_pictures, tables.renders
    holding = select(renders.c.pair_id, named.c.reviewer, named.c.shown_at)
    for row in connection.execute(holding.join(named, named.c.digest == renders.c.digest)):
        queue.name(row.pair_id, row.reviewer, row.shown_at)
    return queue


def stored(connection: Connection) -> ReviewQueue:
    """The queue as its rows say."""
    runs = all_as(connection, Run, select_as(Run, _RUNS))
    queue = ReviewQueue({run.id: terms_of(run) for run in runs})
    for unit in all_as(connection, ReviewUnit, select_as(ReviewUnit, _UNITS)):
        queue.units[unit.run_id, unit.case_digest] = unit
    for desk in all_as(connection, ReviewerDesk, select_as(ReviewerDesk, _DESKS)):
        queue.desks[desk.run_id, desk.reviewer] = desk
    _load_pairs(connection, queue, list(connection.scalars(select(_PAIRS.c.id))))
    return queue


def replaced(connection: Connection, queue: ReviewQueue) -> None:
    """Let the stored rows be those of a queue that knows all events, such as :func:`folded` gives."""
    for table in (_STANDING, _UNITS, _DESKS, _NAMES):
        connection.execute(table.delete())
    insert(connection, _UNITS, map(row_of, queue.units.values()))
    insert(connection, _DESKS, map(row_of, queue.desks.values()))
    insert(connection, _STANDING, map(row_of, queue.standing.values()))
    insert(connection, _NAMES, _named_rows(queue))
    for pair in queue.pairs.values():
        if pair.overlapped or pair.disputed:
            _write_flags(connection, pair)


def _unit_columns() -> tuple[Any, ...]:
    return _PAIRS.c.run_id, _PAIRS.c.case_digest


def _terms(connection: Connection, pair_ids: Collection[str]) -> dict[str, Terms]:
    of_pairs = select(_PAIRS.c.run_id).where(_PAIRS.c.id.in_(pair_ids))
    runs = all_as(connection, Run, select_as(Run, _RUNS).where(_RUNS.c.id.in_(of_pairs)))
    return {run.id: terms_of(run) for run in runs}


def _load_unit(connection: Connection, queue: ReviewQueue, pair_id: str) -> None:
    its = (_UNITS.c.run_id == _PAIRS.c.run_id) & (_UNITS.c.case_digest == _PAIRS.c.case_digest)
    unit = select_as(ReviewUnit, _UNITS).join(_PAIRS, its).where(_PAIRS.c.id == pair_id)
    for found in all_as(connection, ReviewUnit, unit):
        queue.units[found.run_id, found.case_digest] = found


def _knowing(connection: Connection, pair_id: str) -> Iterable[str]:
    """Reviewers who have seen a picture named that lies in this pair."""
    named, renders = tables.named_pictures, tables.renders
    known = select(named.c.reviewer).join(renders, renders.c.digest == named.c.digest)
    return connection.scalars(known.where(renders.c.pair_id == pair_id).distinct())


def _pairs_of_votes(queue: ReviewQueue) -> set[str]:
    return {vote.pair_id for unit in queue.units.values() for vote in unit.votes}


def _load_pairs(
    connection: Connection, queue: ReviewQueue, pair_ids: Collection[str], *, person: str | None = None
) -> None:
    """Pairs, the verdicts that stand on them and who knows their names; of one reviewer alone if wanted."""
    for some in batches(pair_ids):
        flags = select(_PAIRS.c.id, *_unit_columns(), *(_PAIRS.c[name] for name in _FLAGS))
        for row in connection.execute(flags.where(_PAIRS.c.id.in_(some))):
            words = {name: value for name, value in row._mapping.items() if name != "id"}
            queue.pairs[row.id] = PairReview(pair_id=row.id, **words)
        standing = _mine(select_as(StandingVerdict, _STANDING), _STANDING, some, person)
        for verdict in all_as(connection, StandingVerdict, standing):
            queue.put(verdict)
        for row in connection.execute(_mine(select(_NAMES), _NAMES, some, person)):
            queue.named[row.pair_id][row.reviewer] = row.shown_at


def _mine(statement: Select[Any], table: Any, pair_ids: list[str], person: str | None) -> Select[Any]:
    of_pairs = statement.where(table.c.pair_id.in_(pair_ids))
    return of_pairs if person is None else of_pairs.where(table.c.reviewer == person)


def _load_desks(connection: Connection, queue: ReviewQueue, persons: Collection[str]) -> None:
    runs = {pair.run_id for pair in queue.pairs.values()}
    if not persons or not runs:
        return
    desks = select_as(ReviewerDesk, _DESKS).where(_DESKS.c.reviewer.in_(persons), _DESKS.c.run_id.in_(runs))
    for desk in all_as(connection, ReviewerDesk, desks):
        queue.desks[desk.run_id, desk.reviewer] = desk


@contextmanager
def _written_back(connection: Connection, queue: ReviewQueue) -> Iterator[None]:
    units, desks, pairs = dict(queue.units), dict(queue.desks), dict(queue.pairs)
    standing, named = dict(queue.standing), {pair: dict(who) for pair, who in queue.named.items()}
    yield
    _write(connection, _UNITS, [row_of(unit) for key, unit in queue.units.items() if units.get(key) != unit])
    _write(connection, _DESKS, [row_of(desk) for key, desk in queue.desks.items() if desks.get(key) != desk])
    for pair_id, pair in queue.pairs.items():
        if pairs.get(pair_id) != pair:
            _write_flags(connection, pair)
    _write_standing(connection, standing, queue.standing)
    known = {(pair_id, person) for pair_id, persons in named.items() for person in persons}
    new = [row for row in _named_rows(queue) if (row["pair_id"], row["reviewer"]) not in known]
    insert(connection, _NAMES, new)


def _named_rows(queue: ReviewQueue) -> Iterator[dict[str, Any]]:
    for pair_id, persons in queue.named.items():
        for person, at in persons.items():
            yield {"pair_id": pair_id, "reviewer": person, "shown_at": at}


def _write_flags(connection: Connection, pair: PairReview) -> None:
    flags = {name: getattr(pair, name) for name in _FLAGS}
    connection.execute(_PAIRS.update().where(_PAIRS.c.id == pair.pair_id).values(**flags))


def _write_standing(
    connection: Connection, before: dict[str, StandingVerdict], now: dict[str, StandingVerdict]
) -> None:
    """A row whose slot changes leaves its place first, so that another may take it."""
    gone = [uuid for uuid, row in before.items() if now.get(uuid) != row]
    if gone:
        connection.execute(_STANDING.delete().where(_STANDING.c.uuid.in_(gone)))
    insert(connection, _STANDING, [row_of(row) for uuid, row in now.items() if before.get(uuid) != row])


def _write(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        connection.execute(upsert(connection, table), row)
