"""Pairs: made with their run, looked up by id or by run."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import UnknownName
from core.records import Pair
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

    def of_run(self, run_id: str) -> list[Pair]:
        """All pairs of a run, by position."""
        mine = _PAIRS.where(tables.pairs.c.run_id == run_id).order_by(tables.pairs.c.position)
        with self._database.read() as connection:
            return all_as(connection, Pair, mine)

    def many(self, pair_ids: Iterable[str]) -> dict[str, Pair]:
        """Pairs by id; unknown ids are left out."""
        with self._database.read() as connection:
            found = all_as(connection, Pair, _PAIRS.where(tables.pairs.c.id.in_(set(pair_ids))))
        return {pair.id: pair for pair in found}
