"""Pairs with a known answer: one side is a positive of its case and the other a negative, as a person says.

Labels that the promotion rule gave are left out: they rest on the very verdicts that gold pairs examine.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from core.golden.promotion import RULE_PREFIX
from core.records import Arm, Outcome, TriageLabel
from db import tables
from db.renders import is_latest
from db.triage import is_last_event


def gold_pairs(connection: Connection) -> dict[str, Outcome]:
    """The known answer of each gold pair, by pair id."""
    events, pairs = tables.triage_events.c, tables.pairs.c
    labels = {
        (row.case_digest, row.render_digest): row.label_after
        for row in connection.execute(
            select(events.case_digest, events.render_digest, events.label_after).where(
                is_last_event(),
                events.label_after != TriageLabel.UNTRIAGED,
                ~events.by.startswith(RULE_PREFIX),
            )
        )
    }
    if not labels:
        return {}
    renders = tables.renders.c
    rows = connection.execute(
        select(renders.pair_id, renders.arm, renders.digest, pairs.case_digest)
        .join(tables.pairs, pairs.id == renders.pair_id)
        .where(
            pairs.case_digest.in_({case for case, _ in labels}),
            renders.digest.in_({digest for _, digest in labels}),
            is_latest(),
        )
    )
    found: dict[str, dict[Arm, TriageLabel]] = {}
    for row in rows:
        if (label := labels.get((row.case_digest, row.digest))) is not None:
            found.setdefault(row.pair_id, {})[row.arm] = label
    return {
        pair_id: Outcome(arm)
        for pair_id, arms in found.items()
        for arm in Arm
        if arms.get(arm) is TriageLabel.POSITIVE and arms.get(arm.other) is TriageLabel.NEGATIVE
    }
