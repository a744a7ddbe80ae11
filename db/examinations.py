"""Which examinations a later picture has left behind, told by the order in which both were stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, func, select

from db import tables

_FOUND, _RENDERS = tables.measurements, tables.renders


def outdated_examinations(
    connection: Connection, pair_ids: Collection[str] | Select[Any]
) -> frozenset[tuple[str, str]]:
    """Pair and check of each latest examination that was stored before the latest render of its pair."""
    newest = (
        select(_RENDERS.c.pair_id, func.max(_RENDERS.c.ordinal).label("ordinal"))
        .where(_RENDERS.c.pair_id.in_(pair_ids))
        .group_by(_RENDERS.c.pair_id)
        .subquery()
    )
    by = (_FOUND.c.pair_id, _FOUND.c.check)
    left_behind = (
        select(*by)
        .join(newest, newest.c.pair_id == _FOUND.c.pair_id)
        .group_by(*by, newest.c.ordinal)
        .having(func.max(_FOUND.c.last_render) < newest.c.ordinal)
    )
    return frozenset((row.pair_id, row.check) for row in connection.execute(left_behind))
