"""Do reviewers prefer the candidate? The blind verdicts, unit by unit, and what is still needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.config.toml_tables import Table
from core.decisions.forecast import Forecast, forecast
from core.decisions.preference import (
    Course,
    Decision,
    PreferencePlan,
    decide,
    log_wealth_above,
    log_wealth_below,
    net_preference,
    score_interval,
)
from core.decisions.proportions import Bounds
from core.formatting import count, signed_percent
from core.gates.judgement import ANYTIME, Judgement, interval_of, left_out
from core.gates.scope import Scope
from core.records import GateOutcome
from core.review.units import Unit, countable_cases, planned_cases, preference_plan

OUTCOMES = {
    Course.APPROVED: GateOutcome.SUCCESSFUL,
    Course.REJECTED: GateOutcome.FAILED,
    Course.INCONCLUSIVE: GateOutcome.INCONCLUSIVE,
    Course.COLLECTING: GateOutcome.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceSettings:
    """How often the gate may be wrong."""

    alpha_sequential: float
    alpha_final: float
    alpha_reject: float


class Growth(NamedTuple):
    """Evidence after each closed unit: what a stake of 1 on it would have become."""

    candidate_better: list[float]
    """Against "no better"; approval at ``approve_at``."""
    not_clearly_better: list[float]
    """Against "clearly better"; rejection at ``reject_at``."""
    approve_at: float
    reject_at: float
    planned_units: int


def read(table: Table) -> PreferenceSettings:
    """The settings as a policy declares them."""
    return PreferenceSettings(
        alpha_sequential=table.number("alpha_sequential", minimum=0.001, maximum=0.2),
        alpha_final=table.number("alpha_final", minimum=0.001, maximum=0.2),
        alpha_reject=table.number("alpha_reject", minimum=0.001, maximum=0.5),
    )


def plan_of(settings: PreferenceSettings, scope: Scope) -> PreferencePlan:
    """The frozen plan of the run with this policy's error rates."""
    return preference_plan(
        scope.evidence.run.plan,
        len(countable_cases(scope.evidence)),
        alpha_sequential=settings.alpha_sequential,
        alpha_final=settings.alpha_final,
        alpha_reject=settings.alpha_reject,
        max_missing_share=scope.max_missing_share,
    )


def judge(settings: PreferenceSettings, scope: Scope, title: str) -> Judgement:
    """Successful once "no better" is refuted, failed once "clearly better" is."""
    if not scope.evidence.pairs:
        return Judgement(
            outcome=GateOutcome.INCONCLUSIVE, short="there are no cases", reason="The run is empty."
        )
    if not countable_cases(scope.evidence):
        return Judgement(
            outcome=GateOutcome.INCONCLUSIVE,
            short="every case was judged before the start",
            reason="Every planned case was judged before the rollout was started, so none can be evidence.",
        )
    plan = plan_of(settings, scope)
    if unheard := scope.unheard:
        return unheard
    scores = [unit.score for unit in scope.units]
    decision, coming = decide(scores, plan), forecast(scores, plan)
    present = [score for score in scores if not math.isnan(score)]
    interval = score_interval(scores, plan)
    net = Bounds(
        net_preference(sum(present) / len(present)) if present else math.nan,
        net_preference(interval.low),
        net_preference(interval.high),
    )
    return Judgement(
        outcome=OUTCOMES[decision.course],
        short=_short(decision.course, net, len(present), coming, plan),
        reason=_reason(decision, net, len(present), coming, plan) + _left_out(scope),
        value=net.estimate,
        threshold=net_preference(plan.null_score),
        unit="net preference",
        n=len(present),
        interval=interval_of(net, interval.level, ANYTIME),
        n_needed=coming.units if coming else None,
    )


def growth(plan: PreferencePlan, units: Sequence[Unit]) -> Growth:
    """How the evidence grew, unit by unit, with its thresholds: for a plot."""
    scores = [unit.score for unit in units]
    up = log_wealth_above(scores, plan.null_score, plan.verdicts_per_unit)
    down = log_wealth_below(scores, plan.hoped_score, plan.verdicts_per_unit)
    return Growth(
        [math.exp(value) for value in up],
        [math.exp(value) for value in down],
        1 / plan.alpha_sequential,
        1 / plan.alpha_reject,
        plan.planned_units,
    )


def _left_out(scope: Scope) -> str:
    early = len(planned_cases(scope.evidence)) - len(countable_cases(scope.evidence))
    return f" ({left_out(early)}.)" if early else ""


def _short(course: Course, net: Bounds, n: int, coming: Forecast | None, plan: PreferencePlan) -> str:
    if course is Course.APPROVED:
        return f"reviewers prefer the candidate (for minus against: {signed_percent(net.estimate)})"
    if course is Course.REJECTED:
        baseline_wins = net.high < 0
        return "reviewers prefer the baseline" if baseline_wins else "reviewers see no clear gain"
    if coming is None:
        missing = plan.planned_units - n
        left = f", {missing} of them without a verdict" if missing else ""
        return f"preference is undecided after all {plan.planned_units} cases{left}"
    more = count(coming.units * plan.verdicts_per_unit, "more verdict")
    if coming.towards is Course.INCONCLUSIVE:
        return f"{more} will hardly decide preference"
    return f"preference needs about {more}"


def _reason(decision: Decision, net: Bounds, n: int, coming: Forecast | None, plan: PreferencePlan) -> str:
    ending = _ending(decision, n, coming, plan)
    if n == 0:
        return f"No case {'is judged yet' if coming else 'was judged'}; {ending}"
    mean, low, high = (signed_percent(share) for share in net)
    return (
        f"On {n} of {plan.planned_units} planned cases the panel's net preference (verdicts for the "
        f"candidate minus verdicts against it) is {mean}, between {low} and {high}; {ending}"
    )


def _ending(decision: Decision, n: int, coming: Forecast | None, plan: PreferencePlan) -> str:
    """What the evidence says; a decision names its moment, for later verdicts can widen the interval."""
    null, hoped = (signed_percent(net_preference(s)) for s in (plan.null_score, plan.hoped_score))
    if decision.course is Course.APPROVED and decision.by_final_test:
        return f"the one test of all planned cases refutes that it is {null} or less."
    if decision.course is Course.APPROVED:
        return f"that it is {null} or less was refuted after {decision.unit} cases."
    if decision.course is Course.REJECTED:
        return f"that it is {hoped} or more was refuted after {decision.unit} cases."
    if coming is None:
        if missing := plan.planned_units - n:
            of = count(plan.planned_units, "planned case")
            return f"{missing} of {of} never got their verdicts, and it stays undecided."
        return "all planned cases are in and it stays undecided."
    votes = plan.verdicts_per_unit
    if coming.towards is Course.INCONCLUSIVE:
        return f"the {count(coming.units * votes, 'verdict')} still planned will hardly settle it."
    return (
        f"about {count(coming.units * votes, 'more verdict')} would settle it, "
        f"probably between {coming.soonest * votes} and {coming.latest * votes}."
    )
