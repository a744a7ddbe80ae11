"""What was judged and rendered, added up for the Insights page. Intervals and words are made elsewhere."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Text, case, func, select, type_coerce

from core.records import Arm, Outcome, Reason, RenderStatus
from core.records.sums import Counted
from db import tables
from db.database import Database
from db.renders import is_latest
from db.run_sums import RunSums

_PAIRS, _RENDERS = tables.pairs, tables.renders
TIMED_PAIRS: Final = 2_000
"""Pairs of a run whose timings are read at most."""


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
        counts = self._grouped(run_id, Counted.VERDICT)
        return counts[0] if counts else VerdictCounts(group="")

    def by_tag(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each tag; a verdict on a case with two tags counts in both."""
        return self._grouped(run_id, Counted.TAG)

    def by_day(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each day (UTC) with a verdict, in order."""
        return self._grouped(run_id, Counted.DAY)

    def by_reviewer(self, run_id: str | None = None) -> list[VerdictCounts]:
        """One row for each reviewer, by name."""
        return self._grouped(run_id, Counted.REVIEWER)

    def reasons(self, run_id: str | None = None) -> list[ReasonCount]:
        """How often each reason was given, by outcome; the most frequent first."""
        times: Counter[tuple[Reason, Outcome]] = Counter()
        with self._database.read() as connection:
            for row in RunSums(connection, run_id).by_key(Counted.REASON):
                times[Reason(row.key), Outcome(row.outcome)] += row.n
        return [
            ReasonCount(reason=reason, outcome=outcome, times=count)
            for (reason, outcome), count in times.most_common()
        ]

    def costs(self, run_id: str) -> list[Cost]:
        """Timings of a run's finished renders, by position and arm.

        Of a larger run those of the first :data:`TIMED_PAIRS` pairs in the order of review, which is random:
        what they say is an estimate either way, and its interval is of as many as are read.
        """
        sampled = _PAIRS.c.ready.in_([True, False]) & (_PAIRS.c.review_rank < TIMED_PAIRS)
        finished = (
            select(
                _RENDERS.c.pair_id,
                _PAIRS.c.case_name,
                type_coerce(_RENDERS.c.arm, Text),
                *(_RENDERS.c[name] for name in _TIMINGS),
            )
            .join(_PAIRS, _PAIRS.c.id == _RENDERS.c.pair_id)
            .where(
                _PAIRS.c.run_id == run_id,
                sampled,  # whether ready or not: named so that the index is used as a whole
                _RENDERS.c.status == RenderStatus.DONE,
                _RENDERS.c.warm_up.is_(False),
                is_latest(),
            )
            .order_by(_PAIRS.c.position, _RENDERS.c.arm)
        )
        with self._database.read() as connection:
            return [
                Cost(
                    pair_id=pair_id,
                    case_name=name,
                    arm=_ARMS[arm],
                    latency_ms=latency_ms,
                    gpu_seconds=gpu_seconds,
                    peak_memory_mb=peak_memory_mb,
                )
                for pair_id, name, arm, latency_ms, gpu_seconds, peak_memory_mb in connection.execute(
                    finished
                )
            ]

    def models(self) -> list[ModelRecord]:
        """How the renders of every model went, by its name."""
        runs, sums = tables.runs.c, tables.run_sums.c
        model = case((sums.arm == Arm.BASELINE.value, runs.baseline), else_=runs.candidate).label("model")
        counted = (
            select(model, sums.what, sums.key, func.sum(sums.n).label("times"))
            .join(tables.runs, runs.id == sums.run_id)
            .where(sums.what.in_([Counted.DRAWN, Counted.FAILED]))
            .group_by(model, sums.what, sums.key)
        )
        renders: Counter[str] = Counter()
        failures: dict[str, Counter[str]] = defaultdict(Counter)
        with self._database.read() as connection:
            for row in connection.execute(counted):
                if row.what is Counted.DRAWN:
                    renders[row.model] += row.times
                else:
                    failures[row.model][json.loads(row.key)["error"]] += row.times
        return [
            ModelRecord(model=name, renders=renders[name], failures=dict(failures[name].most_common()))
            for name in sorted(renders)
        ]

    def _grouped(self, run_id: str | None, what: Counted) -> list[VerdictCounts]:
        groups: dict[str, Counter[str]] = defaultdict(Counter)
        with self._database.read() as connection:
            for row in RunSums(connection, run_id).by_key(what):
                groups[row.key][row.outcome] += row.n
        return [VerdictCounts(group=group, **counts) for group, counts in sorted(groups.items())]


_ARMS: Final = {arm.value: arm for arm in Arm}
"""Looked up as text: a column type takes more time than all else that is read of a render."""
_TIMINGS = ("latency_ms", "gpu_seconds", "peak_memory_mb")
