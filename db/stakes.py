"""What showing names would cost a reviewer: the pairs that could then no longer be judged blind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from core.access.person import person_key
from core.records import RunKind
from db import tables
from db.database import Database
from db.filters import judged_by
from db.names_shown import knows_names
from db.rows import batches

LEADING_TO_ROLLOUTS = [kind for kind in RunKind if kind.leads_to_rollout]
"""Kinds of runs whose blindness is at stake."""

_PAIRS, _RENDERS, _RUNS = tables.pairs, tables.renders, tables.runs


class Stakes:
    """Pairs of suites, of whatever run, that a reviewer has neither judged nor seen a picture of named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_pairs(self, pair_ids: str | Collection[str], reviewer: str) -> dict[str, set[str]]:
        """What naming some pairs would cost: by pair, those with a picture of it, often itself among them.

        A pair that costs none is left out.
        """
        named = _RENDERS.alias("named")
        holding = _still_blind(reviewer, named.c.pair_id.label("named"))
        holding = holding.join(named, named.c.digest == _RENDERS.c.digest)
        lost: dict[str, set[str]] = defaultdict(set)
        with self._database.read() as connection:
            for some in batches([pair_ids] if isinstance(pair_ids, str) else pair_ids):
                for row in connection.execute(holding.where(named.c.pair_id.in_(some))):
                    lost[row.named].add(row.id)
        return dict(lost)

    def of_pictures(self, digests: Collection[str], reviewer: str) -> set[str]:
        """What naming some pictures would cost: the pairs that hold one of them."""
        lost: set[str] = set()
        with self._database.read() as connection:
            for some in batches(digests):
                lost |= set(connection.scalars(_still_blind(reviewer).where(_RENDERS.c.digest.in_(some))))
        return lost


def _still_blind(reviewer: str, *entities: Any) -> Select[Any]:
    person = person_key(reviewer)
    return (
        select(_PAIRS.c.id, *entities)
        .select_from(_PAIRS)
        .join(_RUNS, _RUNS.c.id == _PAIRS.c.run_id)
        .join(_RENDERS, _RENDERS.c.pair_id == _PAIRS.c.id)
        .where(
            _RUNS.c.kind.in_(LEADING_TO_ROLLOUTS),
            _PAIRS.c.ready.is_(True),
            ~judged_by(person),
            ~knows_names(person),
        )
        .distinct()
    )
