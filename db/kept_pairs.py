"""What gates read of each pair, kept in the same transaction as the renders and measurements it comes from.

Only :mod:`core.records.kept` knows what that is. Thousands of pairs have one shape, which is stored once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Text, select, type_coerce

from core.digests import content_digest
from core.records import Arm, Case, Pair
from core.records.kept import KeptPair, KeptPairs, SeenRender, keep
from db import tables
from db.dialects import insert_or_skip, upsert
from db.examinations import outdated_examinations
from db.rows import row_of
from db.run_sums import found_of
from db.suites import cases_of

AT_ONCE: Final = 500
"""Pairs that are kept at once when all are."""
_PAIRS, _RENDERS, _KEPT, _SHAPES = tables.pairs, tables.renders, tables.kept_pairs, tables.pair_shapes
_NAMES = ("id", "status", "warm_up", "latency_ms", "gpu_seconds", "failure", "created_at")


def keep_pairs(connection: Connection, pair_ids: Collection[str]) -> None:
    """Keep what gates read of some pairs, as it is now."""
    rows = folded_pairs(connection, pair_ids)
    if not rows:
        return
    shapes = {row.shape: content_digest("shape", row.shape) for row in rows}
    texts = [{"digest": digest, "shape": shape} for shape, digest in shapes.items()]
    connection.execute(insert_or_skip(connection, _SHAPES), texts)
    connection.execute(
        upsert(connection, _KEPT), [{**row_of(row), "shape": shapes[row.shape]} for row in rows]
    )


def folded_pairs(connection: Connection, pair_ids: Collection[str]) -> list[KeptPair]:
    """What gates read of some pairs, from all their rows; without any row a pair is left out."""
    places = select(_PAIRS.c.id, _PAIRS.c.run_id, _PAIRS.c.case_digest).where(_PAIRS.c.id.in_(pair_ids))
    pairs = connection.execute(places).all()
    cases = cases_of(connection, {row.case_digest for row in pairs})
    drawn, found = _seen(connection, pair_ids), found_of(connection, pair_ids)
    outdated: defaultdict[str, set[str]] = defaultdict(set)
    for pair_id, check in outdated_examinations(connection, pair_ids):
        outdated[pair_id].add(check)
    return [
        keep(
            row.id,
            row.run_id,
            cases[row.case_digest],
            drawn[row.id],
            [m for m, _ in found[row.id]],
            outdated=outdated[row.id],
        )
        for row in pairs
        if drawn[row.id] or found[row.id]
    ]


def fill_kept(connection: Connection) -> None:
    """Keep all pairs, in pages, as a home needs that was written without them."""
    connection.execute(_KEPT.delete())
    last, page = "", select(_PAIRS.c.id).order_by(_PAIRS.c.id).limit(AT_ONCE)
    while pair_ids := list(connection.scalars(page.where(_PAIRS.c.id > last))):
        last = pair_ids[-1]
        keep_pairs(connection, pair_ids)


def kept_of_run(
    connection: Connection, run_id: str, pairs: Sequence[Pair], cases: Mapping[str, Case]
) -> KeptPairs:
    """What gates read of the pairs of a run."""
    used = select(_KEPT.c.shape).where(_KEPT.c.run_id == run_id)
    texts = connection.execute(select(_SHAPES).where(_SHAPES.c.digest.in_(used)))
    shapes = {row.digest: row.shape for row in texts}
    numbers = type_coerce(_KEPT.c.numbers, Text)
    of_run = select(_KEPT.c.pair_id, _KEPT.c.shape, _KEPT.c.moments, numbers, _KEPT.c.digest)
    found = connection.execute(of_run.where(_KEPT.c.run_id == run_id)).all()
    parsed = json.loads(f"[{','.join(row[3] for row in found)}]")  # 40,000 texts at once: a third of the time
    rows = {
        pair_id: KeptPair(
            pair_id=pair_id,
            run_id=run_id,
            shape=shapes[shape],
            moments=moments,
            numbers=tuple(numbers),
            digest=digest,
        )
        for (pair_id, shape, moments, _, digest), numbers in zip(found, parsed, strict=True)
    }
    return KeptPairs({pair.id: pair for pair in pairs}, cases, rows)


def _seen(connection: Connection, pair_ids: Collection[str]) -> dict[str, list[SeenRender]]:
    """The latest render of each arm of some pairs, baseline first."""
    columns = (_RENDERS.c.pair_id, _RENDERS.c.arm, _RENDERS.c.recipe, *(_RENDERS.c[name] for name in _NAMES))
    renders = select(*columns).where(_RENDERS.c.pair_id.in_(pair_ids)).order_by(_RENDERS.c.ordinal)
    latest: defaultdict[str, dict[Arm, SeenRender]] = defaultdict(dict)
    for row in connection.execute(renders):
        words = {name: getattr(row, name) for name in _NAMES}
        latest[row.pair_id][row.arm] = SeenRender(arm=row.arm, model_digest=row.recipe.model_digest, **words)
    seen: defaultdict[str, list[SeenRender]] = defaultdict(list)
    for pair_id, arms in latest.items():
        seen[pair_id] = [arms[arm] for arm in Arm if arm in arms]
    return seen
