"""What preference alone would hide: both models disappoint, or one kind of case loses while the rest wins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.config.toml_tables import Table
from core.decisions.preference import PreferencePlan, log_wealth_below, score_interval
from core.formatting import count, percent
from core.gates.judgement import ANYTIME, Judgement
from core.gates.scope import Scope
from core.records import GateOutcome, Interval, UnitState, VerdictEvent

EVERYTHING: Final = "*"
"""The tag that every case has."""
ROUNDING: Final = 9
"""Decimals of the evidence of harm that are told: ties, which are no evidence, leave a trace behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    """How many cases may disappoint on both arms."""

    most: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceSettings:
    """Which tags are watched, and how often the watch may raise a false alarm over all of them."""

    tags: tuple[str, ...]
    alpha: float


def read(table: Table) -> QualitySettings:
    """The settings of the quality gate as a policy declares them."""
    return QualitySettings(
        most=table.number("most", minimum=0, maximum=1),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def read_slices(table: Table) -> SliceSettings:
    """The settings of the guardrail as a policy declares them."""
    tags = table.texts("tags", None)
    if not tags:
        raise table.refuse("tags", "expected at least one tag")
    return SliceSettings(tags=tags, alpha=table.number("alpha", minimum=0.001, maximum=0.2))


def judge(settings: QualitySettings, scope: Scope, title: str) -> Judgement:
    """Failed when surely more cases than accepted disappoint on both arms; valid however often one looks."""
    if unheard := scope.unheard:
        return unheard
    closed = [unit for unit in scope.units if unit.state is UnitState.CLOSED]
    bad = [sum(map(_refuses_both, unit.votes)) / len(unit.votes) for unit in closed]
    plan = PreferencePlan(
        planned_units=1,  # an interval is that of the cases judged, whatever was planned
        verdicts_per_unit=scope.evidence.run.plan.votes_per_unit,
        alpha_sequential=(1 - settings.level) / 2,
    )
    low, high, level = score_interval(bad, plan)
    present = len(scope.units) - len(closed) <= scope.max_missing_share * len(scope.units)
    if low > settings.most:
        outcome = GateOutcome.FAILED
    else:
        enough = present and high < settings.most
        outcome = GateOutcome.SUCCESSFUL if enough else GateOutcome.INCONCLUSIVE
    if bad:
        share = f"{percent(sum(bad) / len(bad))} of {count(len(bad), 'case')}"
        short = f"both models were bad on {share}"
        reason = (
            f"Both pictures were called bad on {share}; the share among all cases lies between "
            f"{percent(low)} and {percent(high)}, and at most {percent(settings.most)} is accepted."
        )
    else:
        short = "no case has been judged"
        reason = f"No case has been judged; at most {percent(settings.most)} may be bad on both models."
    return Judgement(
        outcome=outcome,
        short=short,
        reason=reason,
        value=sum(bad) / len(bad) if bad else None,
        threshold=settings.most,
        unit="share",
        n=len(bad),
        interval=Interval(low=low, high=high, level=level, method=ANYTIME),
    )


def _refuses_both(vote: VerdictEvent) -> bool:
    return vote.outcome is not None and vote.outcome.refuses_both


def judge_slices(settings: SliceSettings, scope: Scope, title: str) -> Judgement:
    """Failed when reviewers surely prefer the baseline on one of the tags. Silence is never a success."""
    if unheard := scope.unheard:
        return unheard
    bar = math.log(len(settings.tags) / settings.alpha)
    harm = {tag: _log_harm(tag, scope) for tag in settings.tags}
    worst = max(harm, key=harm.__getitem__)
    way = max(0.0, harm[worst]) / bar
    if harm[worst] >= bar:
        outcome, short = GateOutcome.FAILED, f"reviewers prefer the baseline on {_called(worst)}"
        reason = f"On {_called(worst)} reviewers prefer the baseline; that is no chance any more."
    else:
        outcome, short = GateOutcome.INCONCLUSIVE, "no kind of case was found to lose"
        watched = _called(" or ".join(settings.tags))
        reason = (
            f"A guardrail over {watched}: no harm was found, which does not show that there is none; the "
            f"verdicts are {percent(way)} of the way to an alarm."
        )
    return Judgement(
        outcome=outcome,
        short=short,
        reason=reason,
        value=way,
        threshold=1.0,
        unit="share",
        n=len(scope.units),
    )


def _called(tag: str) -> str:
    return "all cases" if tag == EVERYTHING else f"cases tagged {tag}"


def _log_harm(tag: str, scope: Scope) -> float:
    scores = [
        unit.score
        for unit in scope.units
        if tag == EVERYTHING or tag in scope.evidence.cases[unit.case_digest].tags
    ]
    wealth = log_wealth_below(scores, 0.5, scope.evidence.run.plan.votes_per_unit)
    return max((round(float(log), ROUNDING) for log in wealth), default=0.0)
