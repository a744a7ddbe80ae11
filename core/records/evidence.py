"""Everything a policy may look at, gathered once: what gates judge, and nothing they could change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.digests import content_digest
from core.records.cases import Case
from core.records.decisions import RolloutEvent, Waiver
from core.records.measurements import Measurement, SelfTest
from core.records.models import ModelSpec
from core.records.progress import ReviewUnit
from core.records.renders import Arm, Render
from core.records.reviews import Outcome, VerdictEvent
from core.records.runs import Pair, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCounts:
    """Live traffic of a candidate that serves a small, randomly drawn share of requests."""

    share: float
    """Share of requests that go to the candidate, 0–1."""
    candidate_requests: int
    candidate_errors: int
    baseline_errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about a run at one moment."""

    run: Run
    cases: Mapping[str, Case]
    """By digest."""
    pairs: tuple[Pair, ...]
    """By position."""
    renders: Mapping[str, Mapping[Arm, Render]]
    """The latest render of each arm, by pair id."""
    measurements: Mapping[str, tuple[Measurement, ...]]
    """What counts for each pair, by pair id."""
    verdicts: tuple[VerdictEvent, ...]
    """Every event, undone verdicts and undos included, in the order they were stored."""
    ordinals: tuple[int, ...] | None = None
    """The ordinal of each of the verdicts, in their order; None: they are counted from 1."""
    start: RolloutEvent | None = None
    """The start of the run's rollout: only verdicts above its ``last_verdict`` count, under its policy."""
    self_tests: Mapping[str, SelfTest] = field(default_factory=dict)
    """The latest of each check, by its name."""
    waivers: tuple[Waiver, ...] = ()
    models: Mapping[Arm, ModelSpec] = field(default_factory=dict)
    """As declared now; prices come from here."""
    units: Mapping[str, ReviewUnit] | None = None
    """How far each case has come in review, as the store kept it; None: it follows from the verdicts."""
    gold: Mapping[str, Outcome] = field(default_factory=dict)
    """The known answer of each gold pair, by pair id."""
    canary: CanaryCounts | None = None

    @property
    def digest(self) -> str:
        """Identity of what was judged. The order of verdicts belongs to it: the first ones close a unit."""
        # As one text: walking through a hundred thousand measurements as JSON would take seconds.
        measurements = repr(
            sorted(
                (pair, m.check, m.metric, str(m.arm), m.subject, str(m.status), repr(m.value), m.version)
                for pair, found in self.measurements.items()
                for m in found
            )
        )
        renders = sorted(render.id for arms in self.renders.values() for render in arms.values())
        others = [
            self.self_tests,
            sorted(w.id for w in self.waivers),
            self.models,
            self.gold,
            repr(self.canary),
            self.start and self.start.uuid,
        ]
        verdicts = [verdict.uuid for verdict in self.verdicts]
        return content_digest("evidence", [self.run, renders, measurements, verdicts, others])
