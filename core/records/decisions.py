"""What follows from the evidence: gates, analyses, waivers and the events of a rollout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GateOutcome(StrEnum):
    """How a gate, or a whole analysis, ended."""

    SUCCESSFUL = "successful"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """Not enough evidence, or evidence is missing: never a pass."""
    ERROR = "error"
    """The evidence could not be produced or read: never a pass."""


class Requirement(StrEnum):
    """What a gate's outcome means for the decision."""

    CRITICAL = "critical"
    """Must succeed; its failure rejects, and no waiver lifts it."""
    REQUIRED = "required"
    """Must succeed before an approval is taken; its failure rejects, unless a waiver lifts it for a time."""
    GUARDRAIL = "guardrail"
    """Can reject; that it finds no harm is not a success and holds nothing back."""
    MUTED = "muted"
    """Dry run: shown, decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range for the true value."""

    low: float | None
    high: float | None
    level: float
    """Coverage, such as 0.95."""
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate's outcome, with everything a reader needs to believe it."""

    gate: str
    title: str
    requirement: Requirement
    outcome: GateOutcome
    value: float | None
    threshold: float | None
    unit: str
    n: int
    """Units of evidence used (prompts, pairs or requests, as the reason says)."""
    interval: Interval | None = None
    n_needed: int | None = None
    """About how many more units would settle an inconclusive gate; None: unknown or not applicable."""
    reason: str
    """One sentence in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One evaluation of a policy over the evidence of a run; the policy is stored whole with it."""

    id: str
    run_id: str
    policy: str
    policy_digest: str
    policy_text: str
    evidence_digest: str
    outcome: GateOutcome
    sentence: str
    """The answer in one sentence for a reader who knows no statistics."""
    results: tuple[GateResult, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A time-limited exception for one gate."""

    id: str
    gate: str
    run_id: str | None
    owner: str
    reason: str
    expires_at: datetime
    created_at: datetime


class RolloutState(StrEnum):
    """Where a rollout stands; all but the first two end this attempt."""

    COLLECTING = "collecting"
    READY = "ready"
    """Every required gate succeeded and this is latched; a second person has to sign."""
    APPROVED = "approved"
    REJECTED = "rejected"
    """The evidence decided against the candidate."""
    REFUSED = "refused"
    """A person decided against it, with a note."""
    INCONCLUSIVE = "inconclusive"
    OVERRIDDEN = "overridden"
    """A named person shipped it against or without the evidence; never displayed as approved."""


class RolloutAction(StrEnum):
    """What can happen to a rollout."""

    START = "start"
    DECIDE = "decide"
    """An analysis reached a final outcome and is latched."""
    APPROVE = "approve"
    REFUSE = "refuse"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutEvent:
    """One event in the history of a run's rollout."""

    uuid: str
    run_id: str
    action: RolloutAction
    by: str
    note: str = ""
    analysis_id: str | None = None
    outcome: GateOutcome | None = None
    """The outcome of the analysis this event rests on."""
    policy_digest: str | None = None
    """On START: the policy that the rollout is judged by, from the first verdict to the last."""
    last_verdict: int | None = None
    """On START: the highest ordinal of any verdict at that moment, set by the store. What was judged up to it
    came before the start, whatever the clocks said."""
    created_at: datetime
