"""In which other runs the pictures of a pair lie: reviewers may know them from there.

Renders are never taken back, so this only grows: it is written when a pair is finished, for the pair and for
those of other runs that hold one of its pictures.
"""

from __future__ import annotations

from sqlalchemy import Connection, Select, select

from db import tables
from db.rows import insert_new

_MET, _PAIRS = tables.pictures_met, tables.pairs


def keep_met(connection: Connection, pair_id: str) -> None:
    """Keep which other runs hold a picture of a pair that was just drawn, and the same of their pairs."""
    met = _meetings().where(_PAIRS.c.id == pair_id)
    rows = [dict(row._mapping) for row in connection.execute(met)]
    theirs = [
        {"pair_id": row.pop("their_pair"), "run_id": row["other_run_id"], "other_run_id": row["run_id"]}
        for row in rows
    ]
    insert_new(connection, _MET, rows + theirs)


def fill_met(connection: Connection) -> None:
    """Keep it of all pairs, as a home needs that was written without."""
    connection.execute(_MET.delete())
    names = ["pair_id", "run_id", "other_run_id"]
    met = _meetings().subquery()
    connection.execute(_MET.insert().from_select(names, select(*(met.c[name] for name in names)).distinct()))


def _meetings() -> Select[tuple[str, str, str, str]]:
    """A pair, its run, the run of another pair with an equal picture, and that pair."""
    its, theirs = tables.renders.alias("its"), tables.renders.alias("theirs")
    others = _PAIRS.alias("others")
    return (
        select(
            _PAIRS.c.id.label("pair_id"),
            _PAIRS.c.run_id,
            others.c.run_id.label("other_run_id"),
            others.c.id.label("their_pair"),
        )
        .join(its, its.c.pair_id == _PAIRS.c.id)
        .join(theirs, theirs.c.digest == its.c.digest)
        .join(others, others.c.id == theirs.c.pair_id)
        .where(others.c.run_id != _PAIRS.c.run_id)
    )
