"""A policy over evidence → an analysis. Pure: no check is run, nothing is stored, nothing is decided here.

A gate that cannot judge is inconclusive or an error, never successful; and an analysis is successful only
when every required gate is. All must succeed, so each may be wrong at its own rate and none needs a
correction for their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from core.digests import content_digest
from core.errors import SidegradeError
from core.formatting import count
from core.gates.judgement import Judgement
from core.gates.preference import Growth, growth, plan_of
from core.gates.scope import Scope
from core.gates.table import GATES
from core.records import Analysis, Evidence, GateOutcome, GateResult, Interval, Requirement, Waiver
from core.review.units import countable_cases

if TYPE_CHECKING:
    from core.decisions.preference import PreferencePlan
    from core.gates.policy import Gate, Policy

MUST_SUCCEED = (Requirement.CRITICAL, Requirement.REQUIRED)
MOST_CLAUSES = 3
OPENINGS = {
    GateOutcome.SUCCESSFUL: "Yes",
    GateOutcome.FAILED: "No",
    GateOutcome.INCONCLUSIVE: "Not yet",
    GateOutcome.ERROR: "Cannot be told",
}


class EvaluatedGate(NamedTuple):
    """One gate's stored result, and its clause for the sentence."""

    result: GateResult
    clause: str


def evaluate(policy: Policy, evidence: Evidence, now: datetime) -> Analysis:
    """Judge the evidence of a run by every gate of a policy."""
    scope = _scope(policy, evidence, now)
    judged = [_judged(gate, scope) for gate in policy.gates]
    outcome = combined([item.result for item in judged])
    evidence_digest = evidence.digest
    return Analysis(
        id=content_digest("analysis", [evidence.run.id, policy.digest, evidence_digest, now]),
        run_id=evidence.run.id,
        policy=policy.name,
        policy_digest=policy.digest,
        policy_text=policy.text,
        evidence_digest=evidence_digest,
        outcome=outcome,
        sentence=_sentence(outcome, judged),
        results=tuple(item.result for item in judged),
        created_at=now,
    )


def planned_test(policy: Policy, evidence: Evidence, now: datetime) -> PreferencePlan | None:
    """The plan of the preference test; None when the policy has no such gate, or no case is left to judge."""
    gate = next((gate for gate in policy.gates if gate.rule == "preference"), None)
    if gate is None or not countable_cases(evidence):
        return None
    return plan_of(gate.settings, _scope(policy, evidence, now))


def preference_growth(policy: Policy, evidence: Evidence, now: datetime) -> Growth | None:
    """How the preference evidence grew under this policy, for a plot; None where nothing is planned."""
    plan = planned_test(policy, evidence, now)
    return None if plan is None else growth(plan, _scope(policy, evidence, now).units)


def combined(results: Iterable[GateResult]) -> GateOutcome:
    """The outcome of all gates together; muted ones decide nothing.

    Failed when a gate failed; else error when one could not be judged; successful only when every gate that
    must succeed did, and there is at least one.
    """
    deciding = [result for result in results if result.requirement is not Requirement.MUTED]
    outcomes = {result.outcome for result in deciding}
    for worst in (GateOutcome.FAILED, GateOutcome.ERROR):
        if worst in outcomes:
            return worst
    required = [result.outcome for result in deciding if result.requirement in MUST_SUCCEED]
    done = bool(required) and all(outcome is GateOutcome.SUCCESSFUL for outcome in required)
    return GateOutcome.SUCCESSFUL if done else GateOutcome.INCONCLUSIVE


def _scope(policy: Policy, evidence: Evidence, now: datetime) -> Scope:
    return Scope(
        evidence=evidence,
        now=now,
        max_age_days=policy.max_age_days,
        max_missing_share=policy.max_missing_share,
        policy_digest=policy.digest,
    )


def _judged(gate: Gate, scope: Scope) -> EvaluatedGate:
    try:
        judgement = GATES[gate.rule].judge(gate.settings, scope, gate.title)
    except SidegradeError as error:
        judgement = Judgement(
            outcome=GateOutcome.ERROR, short=f"{gate.title.lower()} could not be judged", reason=str(error)
        )
    result = _waived(_result(gate, judgement), scope)
    return EvaluatedGate(result, judgement.short)


def _result(gate: Gate, judgement: Judgement) -> GateResult:
    interval = judgement.interval
    return GateResult(
        gate=gate.name,
        title=gate.title,
        requirement=gate.requirement,
        outcome=judgement.outcome,
        value=_finite(judgement.value),
        threshold=_finite(judgement.threshold),
        unit=judgement.unit,
        n=judgement.n,
        interval=interval and _finite_interval(interval),
        n_needed=judgement.n_needed,
        reason=judgement.reason,
    )


def _waived(result: GateResult, scope: Scope) -> GateResult:
    """A gate with a valid waiver decides nothing for its time, and says so; critical gates have none."""
    if result.requirement is Requirement.CRITICAL or result.outcome is GateOutcome.SUCCESSFUL:
        return result
    for waiver in scope.evidence.waivers:
        if _holds(waiver, result.gate, scope):
            until = f"{waiver.expires_at:%Y-%m-%d}"
            words = f"Waived by {waiver.owner} until {until} ({waiver.reason}). {result.reason}"
            return replace(result, requirement=Requirement.MUTED, reason=words)
    return result


def _holds(waiver: Waiver, gate: str, scope: Scope) -> bool:
    for_this_run = waiver.run_id in (None, scope.evidence.run.id)
    return waiver.gate == gate and for_this_run and waiver.created_at <= scope.now < waiver.expires_at


def _sentence(outcome: GateOutcome, judged: Sequence[EvaluatedGate]) -> str:
    """The answer and its main reasons, for a reader who knows no statistics."""
    deciding = [item for item in judged if item.result.requirement is not Requirement.MUTED]
    required = [item for item in deciding if item.result.requirement in MUST_SUCCEED]
    about = deciding if outcome in (GateOutcome.FAILED, GateOutcome.ERROR) else required
    clauses = list(dict.fromkeys(item.clause for item in about if item.result.outcome is outcome))
    if outcome is GateOutcome.SUCCESSFUL:  # the last gates of a policy are about people: they lead
        clauses = clauses[::-1][:MOST_CLAUSES]
    more = len(clauses) - MOST_CLAUSES
    if more > 0:
        clauses = [*clauses[: MOST_CLAUSES - 1], clauses[-1], f"and {count(more, 'more gate')}"]
    text = "; ".join(clauses)
    waived = [item.result.title for item in judged if item.result.reason.startswith("Waived by ")]
    note = f" Waived: {', '.join(waived)}." if waived else ""
    return f"{OPENINGS[outcome]}: {text or 'no gate decides'}.{note}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _finite_interval(interval: Interval) -> Interval:
    return replace(interval, low=_finite(interval.low), high=_finite(interval.high))
