"""From when on a reviewer has known which model drew which side of a pair: a blind verdict is over then.

Kept for good, like every event. A verdict given before stays as it is, and one given afterwards is refused.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select

from core.errors import DecisionRefused
from core.records import Purpose, VerdictAction, VerdictEvent
from db import tables
from db.rows import insert_new

_SHOWN, _PAIRS = tables.names_shown, tables.pairs
BLIND = (Purpose.EVIDENCE, Purpose.OVERLAP)
"""Purposes of verdicts that are worth nothing from somebody who knows the names."""


def keep_names_shown(connection: Connection, pair_id: str, reviewer: str, now: datetime) -> None:
    """Keep that the names are shown from now on; of a second showing nothing is kept."""
    row = {"pair_id": pair_id, "reviewer": reviewer, "shown_at": now}
    insert_new(connection, _SHOWN, [row])


def were_names_shown(connection: Connection, pair_id: str, reviewer: str) -> bool:
    """Whether the reviewer has seen the names of this pair."""
    mine = select(_SHOWN.c.pair_id).filter_by(pair_id=pair_id, reviewer=reviewer)
    return connection.execute(mine).first() is not None


def knows_names(reviewer: str) -> ColumnElement[bool]:
    """Whether the reviewer has seen the names of the pair that is asked for."""
    shown = _SHOWN.alias("shown")
    return exists().where(shown.c.pair_id == _PAIRS.c.id, shown.c.reviewer == reviewer)


def refuse_once_names_were_shown(connection: Connection, event: VerdictEvent) -> None:
    """Refuse an undo, and a judgement, of a pair whose names the reviewer has seen.

    Raises:
        DecisionRefused: says which of the two, and what holds instead.
    """
    if event.purpose not in BLIND or not were_names_shown(connection, event.pair_id, event.reviewer):
        return
    if event.action is VerdictAction.UNDO:
        raise DecisionRefused(
            "names were shown for this verdict, so it stays: a new one would not be blind",
            remedy="go on with the next pair",
        )
    raise DecisionRefused(
        "names were shown on this pair before you judged it, so a verdict would not be blind",
        remedy="leave it to somebody else and go on with the next pair",
    )
