"""From when on a reviewer has known which model drew a picture: a blind verdict on it is over then.

Kept for good, like every event, and by the digest of the picture: the same one lies in every run of one
model, suite and seed. ``names_shown`` beside it saves asking: the pairs, of whatever run, that hold such a
picture. It belongs to the queue's rows and is written with each showing and whenever a pair is finished. A
verdict given before stays as it is, and one given afterwards is refused. Reviewers are told apart by
:func:`core.access.person.person_key`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, exists, func, select

from core.access.person import person_key
from core.errors import DecisionRefused
from core.records import VerdictAction, VerdictEvent
from core.review.queue import ReviewQueue
from db import tables
from db.queue_rows import queue_of_reviewer
from db.rows import batches, insert_new

_SHOWN, _NAMED, _PAIRS, _RENDERS = tables.names_shown, tables.named_pictures, tables.pairs, tables.renders
_KNOWN = _SHOWN.alias("shown")
LEAVE_IT = "leave it to somebody else; a run with other seeds shows fresh pictures"


def keep_named(
    connection: Connection, reviewer: str, pictures: Mapping[str, str | None], now: datetime
) -> None:
    """Keep that pictures are named to a reviewer from now on; of a second showing nothing is kept.

    Args:
        pictures: by digest the run in which each was named; None: in an export of the golden set.
    """
    person = person_key(reviewer)
    mine = {"reviewer": person, "shown_at": now}
    insert_new(connection, _NAMED, [{"digest": d, "run_id": run, **mine} for d, run in pictures.items()])
    for some in batches(pictures):
        holding = select(_RENDERS.c.pair_id).where(_RENDERS.c.digest.in_(some)).distinct()
        pairs = connection.scalars(holding).all()
        with queue_of_reviewer(connection, pairs, person) as queue:
            for pair_id in pairs:
                if person not in queue.named[pair_id]:
                    queue.name(pair_id, person, now)


def keep_known(connection: Connection, queue: ReviewQueue, pair_id: str) -> None:
    """Keep, as soon as a pair is drawn, who knows a picture of it from elsewhere."""
    knowing = (
        select(_NAMED.c.reviewer, func.min(_NAMED.c.shown_at).label("shown_at"))
        .join(_RENDERS, _RENDERS.c.digest == _NAMED.c.digest)
        .where(_RENDERS.c.pair_id == pair_id)
        .group_by(_NAMED.c.reviewer)
    )
    for row in connection.execute(knowing):
        if row.reviewer not in queue.named[pair_id]:
            queue.name(pair_id, row.reviewer, row.shown_at)


def not_named_yet(connection: Connection, pair_ids: Collection[str], reviewer: str) -> dict[str, str | None]:
    """The pictures of some pairs that were never named to the reviewer: by digest, the run of the pair."""
    known = exists().where(_NAMED.c.digest == _RENDERS.c.digest, _NAMED.c.reviewer == person_key(reviewer))
    found: dict[str, str | None] = {}
    for some in batches(pair_ids):
        pictures = (
            select(_RENDERS.c.digest, _PAIRS.c.run_id)
            .join(_PAIRS, _PAIRS.c.id == _RENDERS.c.pair_id)
            .where(_RENDERS.c.pair_id.in_(some), _RENDERS.c.digest.is_not(None), ~known)
        )
        found |= {row.digest: row.run_id for row in connection.execute(pictures)}
    return found


def were_names_shown(connection: Connection, pair_id: str, reviewer: str) -> bool:
    """Whether the reviewer has seen the name of a picture of this pair, wherever it was."""
    mine = select(_SHOWN.c.pair_id).filter_by(pair_id=pair_id, reviewer=person_key(reviewer))
    return connection.execute(mine).first() is not None


def knows_names(person: str | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether the reviewer (by key) has seen the name of a picture of the pair that is asked for."""
    return exists().where(_KNOWN.c.pair_id == _PAIRS.c.id, _KNOWN.c.reviewer == person)


def refuse_once_names_were_shown(connection: Connection, event: VerdictEvent) -> None:
    """Refuse an undo, and a judgement, of a pair of which the reviewer has seen a picture named.

    Raises:
        DecisionRefused: says which of the two, where it was named, and what holds instead.
    """
    if not event.purpose.is_judgement or not were_names_shown(connection, event.pair_id, event.reviewer):
        return
    seen = where_named(connection, event.pair_id, event.reviewer)
    if event.action is VerdictAction.UNDO:
        raise DecisionRefused(
            f"names were shown for this verdict, so it stays: {seen}, and a new one would not be blind",
            remedy="go on with the next pair",
        )
    raise DecisionRefused(f"{seen} before you judged it, so a verdict would not be blind", remedy=LEAVE_IT)


def where_named(connection: Connection, pair_id: str, reviewer: str) -> str:
    """Where the reviewer first saw a picture of the pair named, as a clause."""
    runs = tables.runs
    named = (
        select(runs.c.suite, runs.c.id)
        .select_from(_RENDERS)
        .join(_NAMED, (_NAMED.c.digest == _RENDERS.c.digest) & (_NAMED.c.reviewer == person_key(reviewer)))
        .outerjoin(runs, runs.c.id == _NAMED.c.run_id)
        .where(_RENDERS.c.pair_id == pair_id)
        .order_by(_NAMED.c.shown_at)
    )
    run = connection.execute(named.limit(1)).first()
    place = f"the run {run.suite} ({run.id[:12]})" if run and run.id else "an export of the golden set"
    return f"in {place} you saw which model drew a picture of this pair"
