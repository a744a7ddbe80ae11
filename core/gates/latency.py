"""Is the candidate too slow or too dear? Ratios of the arms on the same cases, with the prompt as the unit.

The first render after a model was loaded is no evidence: a pair that holds one is left out, and the answer
says how many prompts that leaves out whole. A candidate that failed counts as infinitely slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from core.config.toml_tables import Table
from core.decisions.latency import Timing, median_ratio, percentile_ratio
from core.decisions.proportions import Bounds
from core.formatting import count, percent, times
from core.gates.belief import Kind, Problem
from core.gates.judgement import CLUSTER_BOOTSTRAP, SIGNED_RANK, Judgement, interval_of
from core.gates.scope import BASELINE, CANDIDATE, CaseOf, Cases, Scope
from core.records import Arm, GateOutcome, Pair, Render

FEWEST_PROMPTS: Final = 5
"""Below this not even the widest signed-rank interval reaches 90%."""
METRICS = {"latency_ms": "latency", "gpu_seconds": "GPU time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySettings:
    """Which timing is compared, and how much more is accepted."""

    metric: str
    tolerance: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TailSettings(LatencySettings):
    """Which percentile of the requests is compared, and from how many prompts on."""

    percentile: float
    fewest_prompts: int


def read(table: Table) -> LatencySettings:
    """The settings of the median gate as a policy declares them."""
    return LatencySettings(
        metric=table.text("metric", among=METRICS),
        tolerance=table.number("tolerance", minimum=0, maximum=10),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def read_cost(table: Table) -> LatencySettings:
    """The settings of the cost gate as a policy declares them."""
    return LatencySettings(
        metric="gpu_seconds",
        tolerance=table.number("tolerance", minimum=0, maximum=10),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def read_tail(table: Table) -> TailSettings:
    """The settings of the tail gate as a policy declares them."""
    return TailSettings(
        metric=table.text("metric", among=METRICS),
        tolerance=table.number("tolerance", minimum=0, maximum=10),
        level=table.number("level", minimum=0.5, maximum=0.999),
        percentile=table.number("percentile", minimum=0.5, maximum=0.999),
        fewest_prompts=table.integer("fewest_prompts", minimum=5),
    )


def judge_median(settings: LatencySettings, scope: Scope, title: str) -> Judgement:
    """Successful when the typical ratio is surely below 1 + tolerance, failed when surely above."""
    found = _timed(settings.metric, scope)
    if blocked := found.blocked(scope, title, fewest=FEWEST_PROMPTS):
        return blocked
    bounds = median_ratio(found.timings, level=settings.level)
    longer = "as long" if settings.metric == "latency_ms" else "as much GPU time"
    says = f"a picture typically takes {{}} times {longer}"
    return _judged(bounds, settings, says, found, SIGNED_RANK)


def judge_tail(settings: TailSettings, scope: Scope, title: str) -> Judgement:
    """The same for the slowest requests: the ratio of the arms' percentiles."""
    found = _timed(settings.metric, scope)
    if blocked := found.blocked(scope, title, fewest=settings.fewest_prompts):
        return blocked
    seed = scope.evidence.run.plan.order_seed
    bounds = percentile_ratio(found.timings, percentile=settings.percentile, level=settings.level, seed=seed)
    says = f"the slowest {percent(1 - settings.percentile)} of pictures take {{}} times as long"
    return _judged(bounds, settings, says, found, CLUSTER_BOOTSTRAP)


def judge_cost(settings: LatencySettings, scope: Scope, title: str) -> Judgement:
    """The median ratio of accelerator seconds, times the ratio of what a second costs on each arm."""
    prices = {arm: model.cost_per_gpu_second for arm, model in scope.evidence.models.items()}
    if any(prices.get(arm, 0) <= 0 for arm in Arm):
        return Judgement(
            outcome=GateOutcome.INCONCLUSIVE,
            short="the price of a second is not declared",
            reason="Both models need cost_per_gpu_second in models.toml before their cost can be compared.",
        )
    found = _timed("gpu_seconds", scope)
    if blocked := found.blocked(scope, title, fewest=FEWEST_PROMPTS):
        return blocked
    price = prices[Arm.CANDIDATE] / prices[Arm.BASELINE]
    bounds = Bounds(*(price * bound for bound in median_ratio(found.timings, level=settings.level)))
    return _judged(bounds, settings, "a picture costs {} times as much", found, SIGNED_RANK)


@dataclass(frozen=True, slots=True)
class _Timed:
    """The timings of each prompt that has any, and how many were only drawn while a model warmed up."""

    cases: Cases[list[Timing]]
    warm_ups: int

    @property
    def timings(self) -> list[Timing]:
        return [timing for timings in self.cases.values.values() for timing in timings]

    def blocked(self, scope: Scope, title: str, *, fewest: int) -> Judgement | None:
        """The judgement when there are too few timings to judge by; None when there are enough."""
        if self.warm_ups and not self.cases.asked:
            return self._too_few(title, fewest)
        return scope.blocked(self.cases, about=title.lower()) or self._too_few(title, fewest)

    def left_out(self) -> str:
        """What of the run no ratio stands on, as a sentence to follow another; empty when nothing is."""
        if not self.warm_ups:
            return ""
        return f" Left out: {count(self.warm_ups, 'prompt')} drawn only right after a model was loaded."

    def _too_few(self, title: str, fewest: int) -> Judgement | None:
        n = len(self.cases.values)
        if n >= fewest:
            return None
        return Judgement(
            outcome=GateOutcome.INCONCLUSIVE,
            short=f"{title.lower()} needs {count(fewest - n, 'more prompt')}",
            reason=f"This can be told from {fewest} prompts on; there are {n}.{self.left_out()}",
            n=n,
            n_needed=fewest - n,
        )


def _timed(metric: str, scope: Scope) -> _Timed:
    known = scope.worked_out.get(metric)
    if not isinstance(known, _Timed):
        scope.worked_out[metric] = known = _timed_anew(metric, scope)
    return known


def _timed_anew(metric: str, scope: Scope) -> _Timed:
    found = scope.read(scope.cases, lambda item: _timed_pairs(metric, scope, item))
    of_case = {item.digest: item.pairs for item in scope.cases}
    timed = {
        digest: [_timing(metric, scope, digest, of_case[digest][one.place], one.delivered) for one in pairs]
        for digest, pairs in found.values.items()
        if pairs
    }
    return _Timed(Cases(timed, found.problems), len(found.values) - len(timed))


class _TimedPair(NamedTuple):
    """A pair that no warm-up was part of."""

    place: int
    """In its case."""
    delivered: bool


def _timed_pairs(metric: str, scope: Scope, item: CaseOf) -> list[_TimedPair]:
    """The pairs whose timings are evidence.

    Raises:
        Problem: as :meth:`Scope.delivered`, or a timing is missing or none.
    """
    timed = []
    for place, pair in enumerate(item.pairs):
        delivered = scope.delivered(pair)
        baseline, candidate = (scope.render(pair, arm) for arm in Arm)
        if not (baseline.warm_up or candidate.warm_up):
            if delivered:
                _time(candidate, metric)
            _time(baseline, metric)
            timed.append(_TimedPair(place, delivered))
    return timed


def _timing(metric: str, scope: Scope, digest: str, pair: Pair, delivered: bool) -> Timing:
    kept = scope.evidence.kept
    if kept is not None:
        before, after = kept.timings(pair.id, metric)
        return Timing(digest, before, after if delivered else None)
    before = _time(scope.render(pair, BASELINE), metric)
    return Timing(digest, before, _time(scope.render(pair, CANDIDATE), metric) if delivered else None)


def _time(render: Render, metric: str) -> float:
    value = render.latency_ms if metric == "latency_ms" else render.gpu_seconds
    if value is None:
        raise Problem(Kind.MISSING, f"{METRICS[metric]} was not measured")
    if not 0 < value < float("inf"):
        raise Problem(Kind.ERROR, f"{METRICS[metric]} is {value}, not a time")
    return value


def _judged(bounds: Bounds, settings: LatencySettings, says: str, found: _Timed, method: str) -> Judgement:
    limit, n = 1 + settings.tolerance, len(found.cases.values)
    if bounds.high < limit:
        outcome = GateOutcome.SUCCESSFUL
    else:
        outcome = GateOutcome.FAILED if bounds.low > limit else GateOutcome.INCONCLUSIVE
    return Judgement(
        outcome=outcome,
        short=says.format(times(bounds.estimate)),
        reason=f"Over {n} prompts {says.format(times(bounds.estimate))} as on the baseline, between "
        f"{times(bounds.low)} and {times(bounds.high)}; up to {times(limit)} is accepted.{found.left_out()}",
        value=bounds.estimate,
        threshold=limit,
        unit="times the baseline",
        n=n,
        interval=interval_of(bounds, settings.level, method),
    )
