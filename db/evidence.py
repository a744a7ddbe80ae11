"""Everything that is known about a run, read in one snapshot and handed to the gates as one record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, func, or_, select

from core.errors import UnknownName
from core.records import (
    Arm,
    Case,
    Evidence,
    ModelSpec,
    Pair,
    Purpose,
    ReviewUnit,
    RolloutEvent,
    Run,
    VerdictEvent,
    Waiver,
)
from db import tables
from db.database import Database
from db.decisions import start_of
from db.gold import gold_pairs
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
        .join(_PAIRS, _PAIRS.c.id == verdicts.pair_id)
        .where(or_(_PAIRS.c.run_id == run_id, verdicts.purpose.in_(ABOUT_REVIEWERS)))
        .order_by(verdicts.ordinal)
    )


def _waivers(run_id: str) -> Select[Any]:
    """Waivers of this run and of every run, expired ones included: the gates know what time it is."""
    waivers = tables.waivers.c
    mine = or_(waivers.run_id == run_id, waivers.run_id.is_(None))
    return select_as(Waiver, tables.waivers).where(mine).order_by(waivers.ordinal)
