"""Cases and verdicts of a large run, read as text: column types and new records take most of the time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Text, type_coerce

from core.records import Arm, Box, Case, ExpectedText, Outcome, Purpose, VerdictAction, VerdictEvent
from db import tables

_TEXTS: Final = ("tags", "expected_text")
"""Nested: their texts are read all at once, which takes a quarter of the time."""
_CASE: Final = tuple(field.name for field in fields(Case))
_VOTE: Final = (
    "uuid",
    "action",
    "pair_id",
    "reviewer",
    "outcome",
    "side_a",
    "purpose",
    "undoes",
    "created_at",
)
_ACTIONS: Final = {word.value: word for word in VerdictAction}
_OUTCOMES: Final[Mapping[str | None, Outcome | None]] = {None: None, **{word.value: word for word in Outcome}}
_ARMS: Final[Mapping[str | None, Arm | None]] = {None: None, **{word.value: word for word in Arm}}
_PURPOSES: Final = {word.value: word for word in Purpose}


def cases_by_digest(connection: Connection, of_run: Select[Any]) -> dict[str, Case]:
    """The cases that a statement selects. Their digests are read: to make 40,000 anew takes half a second."""
    cases = tables.cases.c
    columns = [type_coerce(cases[name], Text) if name in _TEXTS else cases[name] for name in _CASE]
    rows = connection.execute(of_run.with_only_columns(cases.digest, *columns)).all()
    texts = json.loads(f"[{','.join(row.expected_text for row in rows)}]")
    found = {}
    for (digest, *values), lines in zip(rows, texts, strict=True):
        words = dict(zip(_CASE, values, strict=True))
        words["tags"], words["expected_text"] = _tags(words["tags"]), tuple(map(_line, lines))
        found[digest] = Case(**words)
    return found


def _line(said: Mapping[str, Any]) -> ExpectedText:
    box = said["box"]
    return ExpectedText(
        text=said["text"],
        letter_height_px=said["letter_height_px"],
        box=None if box is None else Box(*box),
    )


@lru_cache(maxsize=1024)
def _tags(text: str) -> tuple[str, ...]:
    """Thousands of cases have the same few tags."""
    return tuple(json.loads(text))


def votes_of(connection: Connection, of_run: Select[Any]) -> tuple[tuple[VerdictEvent, ...], tuple[int, ...]]:
    """The verdict events that a statement selects, and the ordinal of each.

    Without what a reviewer wrote or how it was looked at. As text, each word
    looked up once: there are a hundred thousand, and column types take most of the time.
    """
    columns = [type_coerce(tables.verdicts.c[name], Text) for name in _VOTE]
    mine = of_run.with_only_columns(*columns, tables.verdicts.c.ordinal, maintain_column_froms=True)
    rows = connection.execute(mine).all()
    votes = tuple(
        VerdictEvent(
            uuid=uuid,
            action=_ACTIONS[action],
            pair_id=pair_id,
            reviewer=reviewer,
            outcome=_OUTCOMES[outcome],
            side_a=_ARMS[side_a],
            purpose=_PURPOSES[purpose],
            undoes=undoes,
            created_at=datetime.fromisoformat(at),
        )
        for uuid, action, pair_id, reviewer, outcome, side_a, purpose, undoes, at, _ in rows
    )
    return votes, tuple(row.ordinal for row in rows)
