"""Renders: what came out on each arm. A retried pair gets new renders; the latest of each arm counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, exists, select, union

from core.errors import UnknownName
from core.records import Arm, Render
from db import tables
from db.database import Database
from db.dialects import begins_with, lower
from db.rows import all_as, first_as, insert, row_of, select_as

_RENDERS = select_as(Render, tables.renders)
_BY_AGE = tables.renders.c.ordinal
_LATER = tables.renders.alias("later")


class Renders:
    """Every render that was ever made, failed ones included."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, render_id: str) -> Render:
        """One render; ``UnknownName`` when there is none."""
        with self._database.read() as connection:
            render = first_as(connection, Render, _RENDERS.where(tables.renders.c.id == render_id))
        if render is None:
            raise UnknownName.of("render", render_id, [])
        return render

    def of_pair(self, pair_id: str) -> dict[Arm, Render]:
        """The latest render of each arm; an arm that has none yet is left out."""
        return self.of_pairs([pair_id]).get(pair_id, {})

    def of_pairs(self, pair_ids: Iterable[str]) -> dict[str, dict[Arm, Render]]:
        """The latest render of each arm for many pairs, by pair id."""
        with self._database.read() as connection:
            return renders_of(connection, pair_ids)

    def of_run(self, run_id: str) -> dict[str, dict[Arm, Render]]:
        """The latest render of each arm for a whole run, by pair id."""
        with self._database.read() as connection:
            return renders_of_run(connection, run_id)

    def find(self, words: str, *, limit: int = 50) -> list[Render]:
        """Renders whose id, pixel digest or pair id starts so, or whose case is called so; newest first.

        Capital and small letters are the same, those of other alphabets too.
        """
        text = lower(words.strip())
        if not text:
            return []
        with self._database.read() as connection:
            found = _RENDERS.where(_BY_AGE.in_(_beginning(connection, text)))
            return all_as(connection, Render, found.order_by(_BY_AGE.desc()).limit(limit))

    def by_recipe(self, recipe_digest: str) -> list[Render]:
        """Renders made from exactly this recipe, newest first."""
        mine = _RENDERS.where(tables.renders.c.recipe_digest == recipe_digest).order_by(_BY_AGE.desc())
        with self._database.read() as connection:
            return all_as(connection, Render, mine)

    def by_pixels(self, digest: str) -> list[Render]:
        """Renders with exactly these pixels, newest first."""
        mine = _RENDERS.where(tables.renders.c.digest == digest).order_by(_BY_AGE.desc())
        with self._database.read() as connection:
            return all_as(connection, Render, mine)


def add_renders(connection: Connection, renders: Iterable[Render]) -> None:
    """Append renders inside the caller's transaction."""
    rows = [row_of(render, recipe_digest=render.recipe.digest) for render in renders]
    insert(connection, tables.renders, rows)


def renders_of(connection: Connection, pair_ids: Iterable[str]) -> dict[str, dict[Arm, Render]]:
    """The latest render of each arm of some pairs, inside the caller's transaction."""
    return _by_pair(connection, _RENDERS.where(tables.renders.c.pair_id.in_(set(pair_ids))))


def renders_of_run(connection: Connection, run_id: str) -> dict[str, dict[Arm, Render]]:
    """The latest render of each arm of each pair of a run, inside the caller's transaction."""
    pairs = tables.pairs
    of_run = _RENDERS.join(pairs, pairs.c.id == tables.renders.c.pair_id).where(pairs.c.run_id == run_id)
    return _by_pair(connection, of_run)


def _beginning(connection: Connection, text: str) -> CompoundSelect[Any]:
    """The ordinals of renders of which something begins so, each place looked up by itself, along its index.

    Ids and digests have small letters alone.
    """
    renders, pairs, names = tables.renders, tables.pairs, tables.case_names
    of_pair = select(_BY_AGE).join(pairs, pairs.c.id == renders.c.pair_id)
    of_name = of_pair.join(names, names.c.case_digest == pairs.c.case_digest)
    places = [(select(_BY_AGE), renders.c[name]) for name in ("id", "digest", "pair_id")]
    places += [(of_pair, pairs.c.case_digest), (of_name, names.c.name)]
    return union(*(found.where(begins_with(connection, column, text)) for found, column in places))


def is_latest() -> ColumnElement[bool]:
    """Whether a render is the latest of its arm: no later one was made when the pair was tried again."""
    return ~exists().where(
        _LATER.c.pair_id == tables.renders.c.pair_id,
        _LATER.c.arm == tables.renders.c.arm,
        _LATER.c.ordinal > _BY_AGE,
    )


def _by_pair(connection: Connection, statement: Select[Any]) -> dict[str, dict[Arm, Render]]:
    found: dict[str, dict[Arm, Render]] = defaultdict(dict)
    for render in all_as(connection, Render, statement.order_by(_BY_AGE)):
        found[render.pair_id][render.arm] = render
    return dict(found)
