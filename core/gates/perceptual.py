"""For a model that should draw the same pictures: are they, seed by seed, close enough to the baseline's?

A distance over the whole frame cannot see a wrong letter, so this gate never stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.config.toml_tables import Table
from core.decisions.proportions import Bounds, clopper_pearson
from core.formatting import percent
from core.gates.judgement import CLOPPER_PEARSON, Judgement, interval_of
from core.gates.scope import CaseOf, Scope
from core.records import GateOutcome

METRICS = {"lpips": "lpips", "stlpips": "stlpips"}
"""Metric → the check that measures it."""
TITLES = {"lpips": "LPIPS", "stlpips": "ST-LPIPS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptualSettings:
    """How close how many cases must be."""

    metric: str
    most: float
    share: float
    level: float


def read(table: Table) -> PerceptualSettings:
    """The settings as a policy declares them."""
    return PerceptualSettings(
        metric=table.text("metric", among=METRICS),
        most=table.number("most", minimum=0, maximum=10),
        share=table.number("share", minimum=0.5, maximum=0.999),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def judge(settings: PerceptualSettings, scope: Scope, title: str) -> Judgement:
    """Successful when surely enough cases are within the distance, failed when surely too few are."""
    found = scope.read(
        scope.cases,
        lambda item: _is_close(settings, scope, item),
        also=lambda item: _within(settings, scope, item),
    )
    if blocked := scope.blocked(found, about=title.lower()):
        return blocked
    close, n = sum(found.values.values()), len(found.values)
    bounds = clopper_pearson(close, n, level=settings.level)
    return _judged(settings, bounds, close, n)


def _is_close(settings: PerceptualSettings, scope: Scope, item: CaseOf) -> bool:
    """Every seed of the case; a seed the candidate did not deliver is not close."""
    check = METRICS[settings.metric]
    return all(
        scope.delivered(pair) and scope.value(pair, check, settings.metric, None) <= settings.most
        for pair in item.pairs
    )


def _within(settings: PerceptualSettings, scope: Scope, item: CaseOf) -> tuple[bool | None, ...]:
    """Which kept values of a case are within the distance; empty where whole records are read."""
    kept, check = scope.evidence.kept, METRICS[settings.metric]
    values = [] if kept is None else [kept.values(pair.id, check, settings.metric) for pair in item.pairs]
    return tuple(None if one is None else one <= settings.most for found in values for one in found)


def _judged(settings: PerceptualSettings, bounds: Bounds, close: int, n: int) -> Judgement:
    if bounds.low >= settings.share:
        outcome = GateOutcome.SUCCESSFUL
    else:
        outcome = GateOutcome.FAILED if bounds.high < settings.share else GateOutcome.INCONCLUSIVE
    return Judgement(
        outcome=outcome,
        short=f"{close} of {n} cases look like the baseline's",
        reason=f"{close} of {n} cases look like the baseline's: within a distance of {settings.most:g} "
        f"({TITLES[settings.metric]}: 0 is the same picture, 1 another one); among all cases between "
        f"{percent(bounds.low)} and {percent(bounds.high)} would be, and {percent(settings.share)} must.",
        value=bounds.estimate,
        threshold=settings.share,
        unit="share",
        n=n,
        interval=interval_of(bounds, settings.level, CLOPPER_PEARSON),
    )
