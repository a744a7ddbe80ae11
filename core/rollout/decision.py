"""The decision about a run as a fold over its events: who started it, what the evidence said, who signed.

    collecting ─evidence succeeds→ ready ─a second person→ approved
               ─evidence fails→ rejected
               ─nothing more to come→ inconclusive
    collecting, rejected, inconclusive ─a second person, with a reason→ overridden
    all of these ─any person, with a reason→ refused

What the evidence said is latched with the first analysis that decides: later verdicts are shown and change
nothing. A change of mind is a new attempt, and attempts are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Final

from core.access.person import person_name, same_person
from core.digests import content_digest
from core.errors import DecisionRefused, InvalidInput
from core.records import Analysis, GateOutcome, RolloutAction, RolloutEvent, RolloutState

SIGNED: Final = (RolloutState.APPROVED, RolloutState.REFUSED, RolloutState.OVERRIDDEN)
"""States in which a person has spoken; nothing can follow."""
AFTER_EVIDENCE: Final = {
    GateOutcome.SUCCESSFUL: RolloutState.READY,
    GateOutcome.FAILED: RolloutState.REJECTED,
    GateOutcome.INCONCLUSIVE: RolloutState.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """Where the decision about a run stands."""

    run_id: str
    state: RolloutState = RolloutState.COLLECTING
    started_by: str | None = None
    """None: not started, so no analysis can be latched."""
    policy_digest: str | None = None
    """The policy it is judged by, fixed at the start."""
    evidence_said: GateOutcome | None = field(default=None, metadata={"json": "evidence"})
    """What the evidence said when it was latched."""
    analysis_id: str | None = None
    """What the decision rests on: the analysis that was latched, or else the one that a person signed on."""
    signed_by: str | None = None
    note: str = ""
    """The reason of an override or refusal; it stays for ever."""
    events: int = 0
    """How many events this is the fold of: what the store checks when the next is appended."""

    @property
    def is_over(self) -> bool:
        """Whether a person has spoken."""
        return self.state in SIGNED


def current(run_id: str, events: Iterable[RolloutEvent]) -> Rollout:
    """The fold of a run's events, oldest first."""
    return reduce(apply, events, Rollout(run_id=run_id))


def apply(rollout: Rollout, event: RolloutEvent) -> Rollout:
    """The rollout after one more event. Check an event with this before storing it.

    Raises:
        DecisionRefused: the rules do not allow this step.
    """
    if event.run_id != rollout.run_id:
        raise DecisionRefused(f"expected an event of {rollout.run_id}, got one of {event.run_id}")
    if rollout.is_over:
        raise DecisionRefused(
            f"the rollout is {rollout.state} by {rollout.signed_by} and cannot change; start a new attempt"
        )
    following = replace(_STEPS[event.action](rollout, event), events=rollout.events + 1)
    if event.action is not RolloutAction.DECIDE:
        _require_person(event)
    return following


def decide(rollout: Rollout, analysis: Analysis, now: datetime, *, over: bool) -> RolloutEvent | None:
    """The event that latches what an analysis says; None while the evidence has not decided.

    Args:
        over: no verdict can change the evidence any more (:func:`core.review.units.is_over`): an analysis
            that is inconclusive then stays so. An error never decides: it can be repaired.

    Raises:
        DecisionRefused: the analysis was made by another policy than the rollout was started with.
    """
    if rollout.started_by is None or rollout.state is not RolloutState.COLLECTING:
        return None
    if analysis.policy_digest != rollout.policy_digest:
        raise DecisionRefused(
            f"the rollout was started under policy {rollout.policy_digest}, the analysis used "
            f"{analysis.policy_digest}",
            remedy="judge it by the policy it was started with, or start a new attempt",
        )
    undecided = analysis.outcome is GateOutcome.INCONCLUSIVE and not over
    if undecided or analysis.outcome is GateOutcome.ERROR:
        return None
    return RolloutEvent(
        uuid=content_digest("event", [rollout.run_id, RolloutAction.DECIDE, analysis.id]),
        run_id=rollout.run_id,
        action=RolloutAction.DECIDE,
        by=f"policy:{analysis.policy}",
        note=analysis.sentence,
        analysis_id=analysis.id,
        outcome=analysis.outcome,
        created_at=now,
    )


def _start(rollout: Rollout, event: RolloutEvent) -> Rollout:
    if rollout.started_by is not None:
        raise DecisionRefused(f"the rollout was started by {rollout.started_by} already")
    if not event.by.strip() or not event.policy_digest:
        raise DecisionRefused("a start needs a name and the policy that will judge")
    return replace(rollout, started_by=event.by, policy_digest=event.policy_digest)


def _decide(rollout: Rollout, event: RolloutEvent) -> Rollout:
    _require_state(rollout, event, RolloutState.COLLECTING)
    if event.outcome not in AFTER_EVIDENCE or event.analysis_id is None:
        raise DecisionRefused(f"expected an analysis with a final outcome, got {event.outcome}")
    state = AFTER_EVIDENCE[event.outcome]
    return replace(rollout, state=state, evidence_said=event.outcome, analysis_id=event.analysis_id)


def _approve(rollout: Rollout, event: RolloutEvent) -> Rollout:
    _require_state(rollout, event, RolloutState.READY)
    _require_second_person(rollout, event)
    return replace(rollout, state=RolloutState.APPROVED, signed_by=event.by, note=event.note)


def _refuse(rollout: Rollout, event: RolloutEvent) -> Rollout:
    _require_reason(rollout, event)
    return _against(rollout, event, RolloutState.REFUSED)


def _override(rollout: Rollout, event: RolloutEvent) -> Rollout:
    _require_state(rollout, event, RolloutState.COLLECTING, RolloutState.REJECTED, RolloutState.INCONCLUSIVE)
    _require_second_person(rollout, event)
    _require_reason(rollout, event)
    return _against(rollout, event, RolloutState.OVERRIDDEN)


def _against(rollout: Rollout, event: RolloutEvent, state: RolloutState) -> Rollout:
    """Signed with or without the evidence: it rests on what was latched, else on what was seen then."""
    rests_on = rollout.analysis_id or event.analysis_id
    return replace(rollout, state=state, signed_by=event.by, note=event.note, analysis_id=rests_on)


def _require_state(rollout: Rollout, event: RolloutEvent, *allowed: RolloutState) -> None:
    if rollout.started_by is None:
        raise DecisionRefused(f"expected a start before {event.action}: nobody started this rollout")
    if rollout.state not in allowed:
        raise DecisionRefused(
            f"{event.action}: expected a rollout that is {' or '.join(allowed)}, got {rollout.state}"
        )


def _require_second_person(rollout: Rollout, event: RolloutEvent) -> None:
    if not event.by.strip() or same_person(event.by, rollout.started_by or ""):
        raise DecisionRefused(
            f"{event.action}: {rollout.started_by} started this rollout, so somebody else has to sign it"
        )


def _require_reason(rollout: Rollout, event: RolloutEvent) -> None:
    if rollout.started_by is None:
        raise DecisionRefused(f"expected a start before {event.action}: nobody started this rollout")
    if not event.by.strip() or not event.note.strip():
        raise DecisionRefused(
            f"{event.action}: expected a name and a reason, got {event.by!r}, {event.note!r}"
        )


def _require_person(event: RolloutEvent) -> None:
    """The last door: a name that another door would refuse, or spell otherwise, signs nothing."""
    try:
        name = person_name(event.by)
    except InvalidInput as error:
        raise DecisionRefused(f"{event.action}: {error}") from error
    if name != event.by:
        raise DecisionRefused(f"{event.action}: expected the name as {name!r}, got {event.by!a}")


_STEPS: Final = {
    RolloutAction.START: _start,
    RolloutAction.DECIDE: _decide,
    RolloutAction.APPROVE: _approve,
    RolloutAction.REFUSE: _refuse,
    RolloutAction.OVERRIDE: _override,
}
