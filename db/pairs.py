"""Pairs: made with their run, looked up by id or by run."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from core.errors import UnknownName
from core.records import Pair, PicturesMet, Run
from db import tables
from db.database import Database
from db.rows import all_as, first_as, select_as

_PAIRS = select_as(Pair, tables.pairs)


class Pairs:
    """One case and seed on both arms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, pair_id: str) -> Pair:
        """One pair; ``UnknownName`` when there is none."""
        with self._database.read() as connection:
            pair = first_as(connection, Pair, _PAIRS.where(tables.pairs.c.id == pair_id))
        if pair is None:
            raise UnknownName.of("pair", pair_id, [])
        return pair

    def of_run(self, run_id: str, *, limit: int | None = None, offset: int = 0) -> list[Pair]:
        """The pairs of a run by position: all of them, or a page."""
        mine = _PAIRS.where(tables.pairs.c.run_id == run_id).order_by(tables.pairs.c.position)
        if limit is not None:
            mine = mine.where(tables.pairs.c.position.between(offset, offset + limit - 1))
        with self._database.read() as connection:
            return all_as(connection, Pair, mine)

    def count_of_run(self, run_id: str) -> int:
        """How many pairs a run has: they have positions from 0 on."""
        last = select(func.max(tables.pairs.c.position)).where(tables.pairs.c.run_id == run_id)
        with self._database.read() as connection:
            position = connection.scalar(last)
        return 0 if position is None else int(position) + 1

    def met_elsewhere(self, run_id: str) -> PicturesMet:
        """How many pairs of a run hold a picture that also lies in a pair of another run, of any kind."""
        pairs, met, runs = tables.pairs, tables.pictures_met, tables.runs
        of_run = select(func.count()).where(pairs.c.run_id == run_id)
        distinct = select(func.count(met.c.pair_id.distinct())).where(met.c.run_id == run_id)
        others = select(met.c.other_run_id).where(met.c.run_id == run_id)
        among = select_as(Run, runs).where(runs.c.id.in_(others)).order_by(runs.c.ordinal)
        with self._database.read() as connection:
            return PicturesMet(
                pairs=connection.scalar(distinct) or 0,
                of=connection.scalar(of_run) or 0,
                runs=tuple(all_as(connection, Run, among)),
            )

    def many(self, pair_ids: Iterable[str]) -> dict[str, Pair]:
        """Pairs by id; unknown ids are left out."""
        with self._database.read() as connection:
            found = all_as(connection, Pair, _PAIRS.where(tables.pairs.c.id.in_(set(pair_ids))))
        return {pair.id: pair for pair in found}
