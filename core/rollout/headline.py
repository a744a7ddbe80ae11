"""The decision about a run in words: where it stands comes first, what the evidence says only after it.

An analysis has a sentence of its own (*Yes: …*, *No: …*, *Not yet: …*). It is true of the evidence and can be
false of the decision: a candidate that was overridden ships although the evidence said no. So a screen of a
run with a rollout shows :func:`headline`, and :func:`beneath` for what it does not say.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.formatting import count
from core.gates.evaluation import MUST_SUCCEED
from core.records import (
    Analysis,
    Arm,
    Evidence,
    GateOutcome,
    GateResult,
    Requirement,
    RolloutAction,
    RolloutEvent,
    RolloutState,
)
from core.rollout.decision import Rollout

SAYS = {
    GateOutcome.SUCCESSFUL: "says yes",
    GateOutcome.FAILED: "says no",
    GateOutcome.INCONCLUSIVE: "is still open",
    GateOutcome.ERROR: "cannot be judged",
}


def headline(rollout: Rollout, analysis: Analysis | None = None, evidence: Evidence | None = None) -> str:
    """Where the decision stands and why, in one line without a full stop.

    Args:
        rollout: the fold of its events.
        analysis: what it rests on: the one that was latched, and until then the present one. Until a decision
            one by another policy than the rollout was started with says nothing about it.
        evidence: while it is collected: how much of it is drawn.
    """
    by, why = rollout.signed_by, "" if analysis is None else _because(analysis)
    match rollout.state:
        case RolloutState.COLLECTING if rollout.started_by is None:
            return "Not started: no verdict counts before the rollout is started"
        case RolloutState.COLLECTING:
            return _collecting(rollout, analysis, evidence)
        case RolloutState.READY:
            return _with("Ready to sign", why)
        case RolloutState.APPROVED:
            return f"Approved by {by}, on the evidence"
        case RolloutState.REJECTED:
            return _with("Rejected", why)
        case RolloutState.REFUSED:
            return f"Refused by {by}: {rollout.note}"
        case RolloutState.INCONCLUSIVE:
            return "Undecided, final: it does not ship"
        case RolloutState.OVERRIDDEN:
            return f"Ships by override ({by}) against {_how_many(analysis)}"


def beneath(rollout: Rollout, analysis: Analysis) -> str:
    """What the evidence says, where the headline does not; empty where there is nothing to add."""
    started = rollout.started_by is not None
    if started and rollout.state in (RolloutState.COLLECTING, RolloutState.READY, RolloutState.REJECTED):
        return ""  # their headline is made of it
    if started and rollout.state is not RolloutState.APPROVED:
        return _standing_against(analysis)
    more = " A start now would reject it." if analysis.outcome is GateOutcome.FAILED else ""
    return f"The evidence {SAYS[analysis.outcome]}: {_because(analysis)}.{more}"


def holding_back(analysis: Analysis) -> list[GateResult]:
    """The gates for which the evidence is no yes: those that failed, then those that are open.

    Open is a gate that must pass and has not, and any that could not be judged; what is muted or waived
    decides nothing.
    """
    deciding = [result for result in analysis.results if result.requirement is not Requirement.MUTED]
    failed = [result for result in deciding if result.outcome is GateOutcome.FAILED]
    return failed + [
        result
        for result in deciding
        if result.outcome is GateOutcome.ERROR
        or (result.outcome is GateOutcome.INCONCLUSIVE and result.requirement in MUST_SUCCEED)
    ]


def note_of(event: RolloutEvent) -> str:
    """What an event adds to the history. Evidence that decided nothing was not waiting for more of it."""
    if event.action is RolloutAction.DECIDE and event.outcome is GateOutcome.INCONCLUSIVE:
        return "undecided, and no verdict could change it any more"
    return event.note


def _collecting(rollout: Rollout, analysis: Analysis | None, evidence: Evidence | None) -> str:
    if evidence is not None and (drawn := _drawn(evidence)) < len(evidence.pairs):
        return f"Collecting: {drawn} of {count(len(evidence.pairs), 'pair')} drawn"
    if analysis is None or analysis.policy_digest != rollout.policy_digest:
        return "Collecting evidence"
    match analysis.outcome:
        case GateOutcome.INCONCLUSIVE:
            return _with("Collecting, not yet decided", _because(analysis))
        case GateOutcome.ERROR:
            return _with("Collecting, and not all can be judged", _because(analysis))
        case GateOutcome.SUCCESSFUL | GateOutcome.FAILED:
            now = f"the evidence now {SAYS[analysis.outcome]}"
            return f"Collecting: {now}, which the next look at the rollout keeps"


def _drawn(evidence: Evidence) -> int:
    """Pairs that have both arms, or the failures that came instead."""
    return sum(len(evidence.renders.get(pair.id, {})) == len(Arm) for pair in evidence.pairs)


def _because(analysis: Analysis) -> str:
    """The reasons in an analysis' sentence, without its opening and its full stop."""
    return analysis.sentence.partition(": ")[2].rstrip(".")


def _with(state: str, why: str) -> str:
    return f"{state}: {why}" if why else state


def _how_many(analysis: Analysis | None) -> str:
    """Such as ``2 failed gates and 1 open gate``."""
    failed, still_open = _failed_and_open(analysis)
    parts = [("failed gate", failed), ("open gate", still_open)]
    return " and ".join(count(len(found), noun) for noun, found in parts if found) or "the evidence"


def _standing_against(analysis: Analysis) -> str:
    """Which gates the evidence had not passed when a person decided, by title."""
    failed, still_open = _failed_and_open(analysis)
    words = [("Failed gates", failed), ("Open gates", still_open)]
    return " ".join(f"{word}: {', '.join(titles)}." for word, titles in words if titles)


def _failed_and_open(analysis: Analysis | None) -> tuple[Sequence[str], Sequence[str]]:
    against = [] if analysis is None else holding_back(analysis)
    failed = [result.title for result in against if result.outcome is GateOutcome.FAILED]
    return failed, [result.title for result in against if result.outcome is not GateOutcome.FAILED]
