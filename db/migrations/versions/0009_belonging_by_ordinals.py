"""Belonging by ordinals: a start keeps the highest verdict ordinal, a unit that of its first verdict.

A home of 0006 told what came before a start by two clocks. Its starts get the place in the order of verdicts
that leaves every case where the clocks had put it. Where the clocks had disagreed with the order there may be
no such place: then it is the one that moves the fewest cases, and of two alike the later, which counts less.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


class Judged(NamedTuple):
    """A case's first verdict that is no pair of equals, by the order and by the clocks."""

    ordinal: int
    at: str


def upgrade() -> None:
    op.add_column("rollout_events", sa.Column("last_verdict", sa.BigInteger(), nullable=True))
    op.add_column("review_units", sa.Column("first_judged_ordinal", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    judged = _judged(connection)
    for (run_id, case_digest), first in judged.items():
        connection.execute(
            sa.text(
                "UPDATE review_units SET first_judged_ordinal = :ordinal"
                " WHERE run_id = :run_id AND case_digest = :case_digest"
            ),
            {"ordinal": first.ordinal, "run_id": run_id, "case_digest": case_digest},
        )
    of_run: defaultdict[str, list[Judged]] = defaultdict(list)
    for (run_id, _), first in judged.items():
        of_run[run_id].append(first)
    starts = sa.text("SELECT ordinal, run_id, created_at FROM rollout_events WHERE action = 'start'")
    for start in connection.execute(starts).all():
        connection.execute(
            sa.text("UPDATE rollout_events SET last_verdict = :last WHERE ordinal = :ordinal"),
            {"last": last_before(of_run[start.run_id], start.created_at), "ordinal": start.ordinal},
        )


def last_before(judged: Sequence[Judged], started_at: str) -> int:
    """The ordinal after which a start stands: it moves the fewest of the cases that the clocks had placed."""

    place, moved = 0, sum(first.at <= started_at for first in judged)
    fewest = moved
    for first in sorted(judged):
        moved += -1 if first.at <= started_at else 1
        if moved <= fewest:
            place, fewest = first.ordinal, moved
    return place


def _judged(connection: sa.Connection) -> dict[tuple[str, str], Judged]:
    """By run and case, for every case that was judged."""
    events: Iterable[sa.Row[Any]] = connection.execute(
        sa.text(
            "SELECT pairs.run_id, pairs.case_digest, MIN(verdicts.ordinal) AS ordinal,"
            " MIN(verdicts.created_at) AS at FROM verdicts JOIN pairs ON pairs.id = verdicts.pair_id"
            " WHERE verdicts.action = 'cast' AND verdicts.purpose != 'same'"
            " GROUP BY pairs.run_id, pairs.case_digest"
        )
    )
    return {(row.run_id, row.case_digest): Judged(row.ordinal, row.at) for row in events}
