"""Everything that is known about a run, read in one snapshot and handed to the gates as one record."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Text, func, or_, select, type_coerce

from core.errors import UnknownName
from core.records import (
    Arm,
    Box,
    Case,
    Evidence,
    ExpectedText,
    ModelSpec,
    Outcome,
    Pair,
    Purpose,
    ReviewUnit,
    RolloutEvent,
    Run,
    VerdictAction,
    VerdictEvent,
    Waiver,
)
from db import tables
from db.database import Database
from db.decisions import start_of
from db.gold import gold_pairs
from db.kept_pairs import kept_of_run
from db.measurements import measurements_of_run
from db.renders import renders_of_run
from db.rows import all_as, all_numbered, first_as, select_as
from db.self_tests import latest_self_tests

ABOUT_REVIEWERS = [purpose for purpose in Purpose if purpose.has_known_answer]
"""Purposes whose verdicts follow a reviewer through all runs."""

_PAIRS = tables.pairs


def gather(
    database: Database,
    run_id: str,
    *,
    models: Mapping[Arm, ModelSpec] | None = None,
    checks: Collection[str] | None = None,
) -> Evidence:
    """What a policy may look at, as one moment saw it.

    Args:
        models: the two models as declared now, for their prices.
        checks: whose measurements are wanted, for thousands of pairs have a hundred thousand; None: all.

    Raises:
        UnknownName: there is no such run.
    """
    with database.read() as connection:
        run = first_as(connection, Run, select_as(Run, tables.runs).where(tables.runs.c.id == run_id))
        if run is None:
            raise UnknownName.of("run", run_id, [])
        verdicts = all_numbered(connection, VerdictEvent, _verdicts(run_id), tables.verdicts.c.ordinal)
        return Evidence(
            run=run,
            cases={case.digest: case for case in all_as(connection, Case, _cases(run_id))},
            pairs=tuple(all_as(connection, Pair, _pairs(run_id))),
            renders=renders_of_run(connection, run_id),
            measurements={
                pair_id: tuple(found)
                for pair_id, found in measurements_of_run(connection, run_id, checks=checks).items()
            },
            verdicts=tuple(event for _, event in verdicts),
            ordinals=tuple(ordinal for ordinal, _ in verdicts),
            start=first_as(connection, RolloutEvent, start_of(run_id)),
            self_tests=latest_self_tests(connection),
            waivers=tuple(all_as(connection, Waiver, _waivers(run_id))),
            models=models or {},
            units={unit.case_digest: unit for unit in all_as(connection, ReviewUnit, _units(run_id))},
            gold=gold_pairs(connection),
        )


def gather_kept(
    database: Database, run_id: str, *, models: Mapping[Arm, ModelSpec] | None = None
) -> Evidence:
    """The same as gates read it: of pairs what was kept, of verdicts neither words nor pins.

    A run of 40,000 pairs is gathered in two seconds; its records would be a million.

    Raises:
        UnknownName: there is no such run.
    """
    with database.read() as connection:
        run = first_as(connection, Run, select_as(Run, tables.runs).where(tables.runs.c.id == run_id))
        if run is None:
            raise UnknownName.of("run", run_id, [])
        pairs = tuple(all_as(connection, Pair, _pairs(run_id)))
        cases = _cases_by_digest(connection, run_id)
        kept = kept_of_run(connection, run_id, pairs, cases)
        planned = _units(run_id).where(tables.review_units.c.place < run.plan.max_units)
        votes, ordinals = _votes(connection, run_id)
        return Evidence(
            run=run,
            cases=cases,
            pairs=pairs,
            renders=kept.renders,
            measurements=kept.measurements,
            verdicts=votes,
            ordinals=ordinals,
            start=first_as(connection, RolloutEvent, start_of(run_id)),
            self_tests=latest_self_tests(connection),
            waivers=tuple(all_as(connection, Waiver, _waivers(run_id))),
            models=models or {},
            units={unit.case_digest: unit for unit in all_as(connection, ReviewUnit, planned)},
            gold=gold_pairs(connection),
            kept=kept,
        )


def _cases_by_digest(connection: Connection, run_id: str) -> dict[str, Case]:
    """The cases of a run. Their digests are read: to make 40,000 anew takes half a second."""
    cases = tables.cases.c
    columns = [type_coerce(cases[name], Text) if name in _TEXTS else cases[name] for name in _CASE]
    rows = connection.execute(_cases(run_id).with_only_columns(cases.digest, *columns)).all()
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


def _votes(connection: Connection, run_id: str) -> tuple[tuple[VerdictEvent, ...], tuple[int, ...]]:
    """The verdict events as gates read them, without what a reviewer wrote or how it was looked at; and their
    ordinals.

    As text, each word looked up once: there are a hundred thousand, and column types take most of the time.
    """
    columns = [type_coerce(tables.verdicts.c[name], Text) for name in _VOTE]
    mine = _verdicts(run_id).with_only_columns(
        *columns, tables.verdicts.c.ordinal, maintain_column_froms=True
    )
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


def version(database: Database) -> tuple[int, ...]:
    """Numbers that change whenever anything is stored that evidence could come from: rows are only added."""
    with database.read() as connection:
        return tuple(
            connection.scalar(select(func.max(table.c.ordinal))) or 0
            for table in (
                tables.verdicts,
                tables.renders,
                tables.measurements,
                tables.self_tests,
                tables.triage_events,
                tables.waivers,
                tables.rollout_events,
            )
        )


def _cases(run_id: str) -> Select[Any]:
    mine = select(_PAIRS.c.case_digest).where(_PAIRS.c.run_id == run_id)
    return select_as(Case, tables.cases).where(tables.cases.c.digest.in_(mine))


def _pairs(run_id: str) -> Select[Any]:
    return select_as(Pair, _PAIRS).where(_PAIRS.c.run_id == run_id).order_by(_PAIRS.c.position)


def _units(run_id: str) -> Select[Any]:
    units = tables.review_units
    return select_as(ReviewUnit, units).where(units.c.run_id == run_id).order_by(units.c.place)


def _verdicts(run_id: str) -> Select[Any]:
    """Every event of the run's pairs; and gold verdicts from anywhere, for they are about the reviewer."""
    verdicts = tables.verdicts.c
    return (
        select_as(VerdictEvent, tables.verdicts)
        .where(or_(verdicts.run_id == run_id, verdicts.purpose.in_(ABOUT_REVIEWERS)))
        .order_by(verdicts.ordinal)
    )


def _waivers(run_id: str) -> Select[Any]:
    """Waivers of this run and of every run, expired ones included: the gates know what time it is."""
    waivers = tables.waivers.c
    mine = or_(waivers.run_id == run_id, waivers.run_id.is_(None))
    return select_as(Waiver, tables.waivers).where(mine).order_by(waivers.ordinal)
