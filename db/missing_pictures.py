"""Which pictures are missing, as the events say, and which pairs can be shown: the SQL of both.

That a file is looked for, and what follows when it is gone, is told in :mod:`db.pictures`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from core.records import Arm, PictureEvent, RenderStatus
from db import tables
from db.renders import is_latest
from db.rows import batches, insert, row_of

_EVENTS, _RENDERS = tables.picture_events, tables.renders
_LATER = _EVENTS.alias("later")


def missing_pictures() -> Select[Any]:
    """Digests of the pictures that are known to be missing."""
    is_last = ~exists().where(_LATER.c.digest == _EVENTS.c.digest, _LATER.c.ordinal > _EVENTS.c.ordinal)
    return select(_EVENTS.c.digest).where(_EVENTS.c.there.is_(False), is_last)


def known_missing(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those of some pictures that are known to be missing."""
    found: set[str] = set()
    for some in batches(digests):
        found.update(connection.scalars(missing_pictures().where(_EVENTS.c.digest.in_(some))))
    return found


def add_events(connection: Connection, digests: Iterable[str], now: datetime, *, there: bool) -> None:
    """Append an event for each picture, inside the caller's transaction."""
    events = (PictureEvent(digest=digest, there=there, noticed_at=now) for digest in sorted(digests))
    insert(connection, tables.picture_events, map(row_of, events))


def showable(connection: Connection, pair_ids: Collection[str] | None = None) -> set[str]:
    """Those of some pairs, or of all, that are drawn on both arms, with no picture known to be missing."""
    shown = (
        select(_RENDERS.c.pair_id)
        .where(
            is_latest(),
            _RENDERS.c.status == RenderStatus.DONE,
            _RENDERS.c.digest.not_in(missing_pictures()),
        )
        .group_by(_RENDERS.c.pair_id)
        .having(func.count() == len(Arm))
    )
    if pair_ids is None:
        return set(connection.scalars(shown))
    parts = (connection.scalars(shown.where(_RENDERS.c.pair_id.in_(some))) for some in batches(pair_ids))
    return {pair_id for part in parts for pair_id in part}


def holding(connection: Connection, digests: Iterable[str]) -> set[str]:
    """The pairs, of whatever run, that hold one of these pictures."""
    found: set[str] = set()
    for some in batches(digests):
        pairs = select(_RENDERS.c.pair_id).where(_RENDERS.c.digest.in_(some)).distinct()
        found.update(connection.scalars(pairs))
    return found
