"""Sums over what was judged and rendered, for the Insights page. Intervals and words are made elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Text, case, func, literal, select, type_coerce

from core.records import Arm, Outcome, Reason, RenderStatus
from core.records.reviews import JUDGED
from db import tables
from db.database import Database
from db.renders import is_latest

_VERDICTS, _STANDING, _PAIRS, _RENDERS = (
    tables.verdicts,
    tables.standing_verdicts,
    tables.pairs,
    tables.renders,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCounts:
    """How often each outcome stands, for everything or for one group."""

    group: str
    """A tag, a day (``2026-03-03``), a reviewer; empty for everything."""
    baseline: int = 0
    candidate: int = 0
    tie: int = 0
    both_bad: int = 0
    cant_judge: int = 0

    @property
    def total(self) -> int:
        """All verdicts."""
        return self.decisive + self.tie + self.both_bad + self.cant_judge

    @property
    def decisive(self) -> int:
        """Verdicts that prefer one arm."""
        return self.baseline + self.candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one finished render took. Warm-up renders are left out: their timings are not evidence."""

    pair_id: str
    case_name: str
    arm: Arm
    latency_ms: float | None
    gpu_seconds: float | None
    peak_memory_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often a reason was given with an outcome."""

    reason: Reason
    outcome: Outcome
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """How a model's renders went, over all runs."""

    model: str
    renders: int
    """The latest render of each pair it drew, failed ones included."""
    failures: Mapping[str, int]
    """How many failed, by the kind of error; the most frequent first."""


class Insights:
    """Aggregates, over one run or over all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def verdicts(self, run_id: str | None = None) -> VerdictCounts:
        """All standing verdicts (hidden controls never count)."""
        counts = self._grouped(_judged(run_id, literal("")))
        return counts[0] if counts else VerdictCounts(group="")

    def by_tag(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each tag; a verdict on a case with two tags counts in both."""
        tags = tables.case_tags
        judged = _judged(run_id, tags.c.tag).join(tags, tags.c.case_digest == _STANDING.c.case_digest)
        return self._grouped(judged)

    def by_day(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each day (UTC) with a verdict, in order."""
        return self._grouped(_judged(run_id, func.substr(type_coerce(_VERDICTS.c.created_at, Text), 1, 10)))

    def by_reviewer(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each reviewer, by name."""
        return self._grouped(_judged(run_id, _VERDICTS.c.reviewer))

    def reasons(self, run_id: str | None = None) -> list[ReasonCount]:
        """How often each reason was given, by outcome; the most frequent first."""
        times: Counter[tuple[Reason, Outcome]] = Counter()
        with self._database.read() as connection:
            for row in connection.execute(_judged(run_id, _VERDICTS.c.reasons)):
                times.update((reason, row.outcome) for reason in row.group)
        return [
            ReasonCount(reason=reason, outcome=outcome, times=count)
            for (reason, outcome), count in times.most_common()
        ]

    def costs(self, run_id: str) -> list[Cost]:
        """Timings of a run's finished renders, by position and arm."""
        finished = (
            select(*(_RENDERS.c[name] for name in ("pair_id", "arm", *_TIMINGS)), _PAIRS.c.case_name)
            .join(_PAIRS, _PAIRS.c.id == _RENDERS.c.pair_id)
            .where(
                _PAIRS.c.run_id == run_id,
                _RENDERS.c.status == RenderStatus.DONE,
                _RENDERS.c.warm_up.is_(False),
                is_latest(),
            )
            .order_by(_PAIRS.c.position, _RENDERS.c.arm)
        )
        with self._database.read() as connection:
            return [Cost(**row._mapping) for row in connection.execute(finished)]

    def models(self) -> list[ModelRecord]:
        """How the renders of every model went, by its name."""
        runs = tables.runs.c
        model = case((_RENDERS.c.arm == Arm.BASELINE, runs.baseline), else_=runs.candidate)
        drawn = (
            select(model.label("model"), _RENDERS.c.failure, func.count().label("times"))
            .join(_PAIRS, _PAIRS.c.id == _RENDERS.c.pair_id)
            .join(tables.runs, runs.id == _PAIRS.c.run_id)
            .where(is_latest())
            .group_by(model, _RENDERS.c.failure)
        )
        renders: Counter[str] = Counter()
        failures: dict[str, Counter[str]] = defaultdict(Counter)
        with self._database.read() as connection:
            for row in connection.execute(drawn):
                renders[row.model] += row.times
                failures[row.model].update({row.failure.error: row.times} if row.failure else {})
        return [
            ModelRecord(model=name, renders=renders[name], failures=dict(failures[name].most_common()))
            for name in sorted(renders)
        ]

    def _grouped(self, judged: Select[Any]) -> list[VerdictCounts]:
        with self._database.read() as connection:
            return _counts(connection, judged)


_TIMINGS = ("latency_ms", "gpu_seconds", "peak_memory_mb")


def _judged(run_id: str | None, group: Any) -> Select[Any]:
    """Group and outcome of every standing judgement."""
    judged = (
        select(group.label("group"), _STANDING.c.outcome)
        .select_from(_STANDING)
        .join(_VERDICTS, _VERDICTS.c.uuid == _STANDING.c.uuid)
        .where(_STANDING.c.slot == JUDGED)
    )
    return judged if run_id is None else judged.where(_STANDING.c.run_id == run_id)


def _counts(connection: Connection, judged: Select[Any]) -> list[VerdictCounts]:
    each = judged.subquery()
    times = func.count().label("times")
    sums = select(each.c.group, each.c.outcome, times).group_by(each.c.group, each.c.outcome)
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(sums.order_by(each.c.group)):
        groups[row.group][row.outcome.value] = row.times
    return [VerdictCounts(group=group, **counts) for group, counts in groups.items()]
