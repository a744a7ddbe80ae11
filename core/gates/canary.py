"""Does the candidate fail more often on live traffic? Harm ends it at once; success needs the planned n."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.config.toml_tables import Table
from core.decisions.canary import log_harm_evidence, risk_ratio, risk_ratio_upper
from core.formatting import count, times
from core.gates.judgement import CLOPPER_PEARSON, Judgement
from core.gates.scope import Scope
from core.records import CanaryCounts, GateOutcome, Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """When to roll back, and what shows that there is no harm."""

    alpha: float
    harm_gates: int
    planned_requests: int
    most_ratio: float
    confidence: float


def read(table: Table) -> CanarySettings:
    """The settings as a policy declares them."""
    return CanarySettings(
        alpha=table.number("alpha", minimum=0.001, maximum=0.2),
        harm_gates=table.integer("harm_gates", 1, minimum=1),
        planned_requests=table.integer("planned_requests", minimum=1),
        most_ratio=table.number("most_ratio", minimum=1.0, maximum=100),
        confidence=table.number("confidence", minimum=0.5, maximum=0.999),
    )


def judge(settings: CanarySettings, scope: Scope, title: str) -> Judgement:
    """Failed at any time when harm is evident; successful only at the planned number of requests."""
    counts = scope.evidence.canary
    if counts is None:
        return Judgement(
            outcome=GateOutcome.INCONCLUSIVE,
            short="there is no live traffic yet",
            reason="The candidate has not served any live request.",
        )
    ours, theirs = counts.candidate_errors, counts.baseline_errors
    upper = risk_ratio_upper(ours, theirs, share=counts.share, confidence=settings.confidence)
    harm = log_harm_evidence(ours, theirs, share=counts.share)
    outcome = _outcome(settings, counts, harm, upper)
    missing = max(0, settings.planned_requests - counts.candidate_requests)
    return Judgement(
        outcome=outcome,
        short=f"the canary failed {count(ours, 'time')} in {count(counts.candidate_requests, 'request')}",
        reason=f"{ours:,} of {count(counts.candidate_requests, 'request')} failed on the candidate, "
        f"{theirs:,} on the baseline; its error rate is at most {times(upper)} times the baseline's, "
        f"{times(settings.most_ratio)} is accepted after {count(settings.planned_requests, 'request')}.",
        value=risk_ratio(ours, theirs, share=counts.share),
        threshold=settings.most_ratio,
        unit="times the baseline's errors",
        n=counts.candidate_requests,
        interval=Interval(low=0.0, high=upper, level=settings.confidence, method=CLOPPER_PEARSON),
        n_needed=missing or None if outcome is GateOutcome.INCONCLUSIVE else None,
    )


def _outcome(settings: CanarySettings, counts: CanaryCounts, harm: float, upper: float) -> GateOutcome:
    if harm >= math.log(settings.harm_gates / settings.alpha):
        return GateOutcome.FAILED
    enough = counts.candidate_requests >= settings.planned_requests
    return GateOutcome.SUCCESSFUL if enough and upper < settings.most_ratio else GateOutcome.INCONCLUSIVE
