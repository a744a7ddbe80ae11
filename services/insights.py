"""What verdicts and timings add up to: shares with intervals, speed, cost. Their words stand on the pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Final

from core.decisions.latency import Timing, median_ratio
from core.decisions.proportions import Bounds, wilson
from core.records import Arm, ModelSpec
from db.insights import TIMED_PAIRS

if TYPE_CHECKING:
    from db.insights import Cost, VerdictCounts
    from db.store import Store

LEVEL: Final = 0.95
"""An interval holds the true value in 19 of 20 such samples."""
TIMINGS: Final = ("latency_ms", "gpu_seconds")
"""Fields of a :class:`db.insights.Cost` that are compared."""
IMAGES: Final = 1000
"""How many images the cost of an arm is told for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of ``n`` verdicts with its interval (Wilson), all 0–1; the share is 0 where n is 0."""

    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A run in numbers."""

    counts: VerdictCounts
    costs: Sequence[Cost]
    """Of every pair, or of a sample of a large run's: :meth:`db.insights.Insights.costs`."""
    sampled_of: int | None
    """How many pairs the run has, where the timings are of a sample; None where they are of all."""
    ratios: Mapping[str, Bounds | None]
    """The candidate's timings as a multiple of the baseline's, by field; None where no pair has both."""
    cost_usd: Mapping[Arm, float]
    """What 1,000 images cost; an arm without a timing or a declared model is left out."""


def summary(store: Store, run_id: str, models: Mapping[Arm, ModelSpec]) -> Summary:
    """What the verdicts and timings of a run add up to; ``models`` are those declared now."""
    costs, pairs = store.insights.costs(run_id), store.pairs.count_of_run(run_id)
    return Summary(
        counts=store.insights.verdicts(run_id),
        costs=costs,
        sampled_of=pairs if pairs > TIMED_PAIRS else None,
        ratios={field: time_ratio(costs, field) for field in TIMINGS},
        cost_usd=cost_of_1000_usd(costs, models),
    )


def win_rate(counts: VerdictCounts) -> Share:
    """How often the candidate was preferred, of the verdicts that prefer one."""
    return _share(counts.candidate, counts.decisive)


def approval(counts: VerdictCounts) -> Share:
    """How often the candidate was at least as good, of all verdicts but *can't judge*.

    A tie counts for the candidate, *both bad* against it.
    """
    return _share(counts.candidate + counts.tie, counts.total - counts.cant_judge)


def values(costs: Iterable[Cost], arm: Arm, field: str) -> list[float]:
    """One timing of one arm; renders that lack it are left out."""
    return [value for cost in costs if cost.arm is arm and (value := getattr(cost, field)) is not None]


def time_ratio(costs: Iterable[Cost], field: str) -> Bounds | None:
    """How many times as much the candidate typically takes, from pairs that have both; None without any."""
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    names: dict[str, str] = {}
    for cost in costs:
        if value := getattr(cost, field):
            names[cost.pair_id] = cost.case_name
            (before if cost.arm is Arm.BASELINE else after)[cost.pair_id] = value
    timings = [
        Timing(names[pair_id], value, after[pair_id]) for pair_id, value in before.items() if pair_id in after
    ]
    return median_ratio(timings, level=LEVEL) if timings else None


def cost_of_1000_usd(costs: Sequence[Cost], models: Mapping[Arm, ModelSpec]) -> dict[Arm, float]:
    """US dollars for 1,000 images of each arm, from its mean GPU time and its declared price."""
    seconds = {arm: values(costs, arm, "gpu_seconds") for arm in models}
    return {
        arm: IMAGES * fmean(seconds[arm]) * spec.cost_per_gpu_second
        for arm, spec in models.items()
        if seconds[arm]
    }


def _share(successes: int, total: int) -> Share:
    share, low, high = wilson(successes, total, level=LEVEL)
    return Share(share=0.0 if math.isnan(share) else share, low=low, high=high, n=total)
