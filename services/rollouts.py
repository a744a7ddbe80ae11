"""Judging a run: its policy over its evidence, what follows for the rollout, and the steps people take.

Shared by the pages and the command line; every step is checked by :mod:`core.rollout.decision` before it
is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from core.config.models import load_models
from core.errors import DecisionRefused
from core.gates import Growth, evaluate, planned_test, preference_growth
from core.gates.judgement import left_out
from core.gates.policies import parse_policy, readable_policies
from core.gates.policy import Policy
from core.records import Analysis, Arm, Evidence, PicturesMet, RolloutAction, RolloutEvent, Run
from core.review.units import countable_cases, is_over, planned_cases
from core.rollout.decision import Rollout, apply, current, decide

if TYPE_CHECKING:
    from core.config.settings import Settings
    from core.decisions.preference import PreferencePlan
    from db.store import Store


MET_RUNS_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run as a policy sees it at one moment."""

    rollout: Rollout
    policy: Policy
    evidence: Evidence
    analysis: Analysis
    basis: Analysis
    """What the decision rests on: the analysis that was latched or signed on, until then the present one."""
    over: bool
    """No verdict can change the evidence any more."""
    plan: PreferencePlan | None
    """The plan of the preference test; None where the policy has none or no case is left."""
    growth: Growth | None
    """How the preference evidence grew under it."""


def judge(store: Store, settings: Settings, run: Run, policy: Policy, now: datetime) -> JudgedRun:
    """The run under a policy; nothing is stored.

    It is judged as of ``now``, but never as of a moment that is still to come by the database's clock: a
    reader whose clock is ahead would see units expire before their deadline.
    """
    now = min(now, store.now())
    declared = load_models(settings.models_file)
    names = {Arm.BASELINE: run.baseline, Arm.CANDIDATE: run.candidate}
    models = {arm: declared[name] for arm, name in names.items() if name in declared}
    evidence = store.evidence(run.id, models=models, checks=policy.checks)
    rollout = current(run.id, store.decisions.events(run.id))
    analysis = evaluate(policy, evidence, now)
    latched = [one for one in store.decisions.analyses(run.id) if one.id == rollout.analysis_id]
    return JudgedRun(
        rollout=rollout,
        policy=policy,
        evidence=evidence,
        analysis=analysis,
        basis=latched[0] if latched else analysis,
        over=is_over(evidence, now),
        plan=planned_test(policy, evidence, now),
        growth=preference_growth(policy, evidence, now),
    )


def policy_of(store: Store, settings: Settings, rollout: Rollout) -> Policy:
    """The policy that a started rollout is judged by, also when its file has changed since.

    Raises:
        DecisionRefused: the rollout was not started, or its policy is found nowhere.
    """
    for policy in readable_policies(settings.policies_folder).values():
        if policy.digest == rollout.policy_digest:
            return policy
    for analysis in store.decisions.analyses(rollout.run_id):
        if analysis.policy_digest == rollout.policy_digest:
            return parse_policy(analysis.policy, analysis.policy_text)
    raise DecisionRefused(
        f"expected the policy {rollout.policy_digest}, found no file and no analysis with it"
    )


def start(store: Store, judged: JudgedRun, by: str, now: datetime) -> None:
    """Fix the policy of a rollout; the analysis at this moment keeps its text.

    Verdicts count from this moment on. Cases with a verdict from before are left out, and the event
    says how many.

    Raises:
        DecisionRefused: it is started already, or every case was judged before.
    """
    early = len(planned_cases(judged.evidence)) - len(countable_cases(judged.evidence))
    if early and not countable_cases(judged.evidence):
        raise DecisionRefused(
            "every case was judged before the start, so no verdict could be evidence",
            remedy="run the suite with other seeds, and start that rollout before anybody judges",
        )
    started = _event(
        judged,
        RolloutAction.START,
        by,
        now,
        note=left_out(early) if early else "",
        policy_digest=judged.policy.digest,
    )
    apply(judged.rollout, started)
    store.decisions.save_analysis(judged.analysis)
    _append(store, judged.rollout, started)


def met_in_words(met: PicturesMet) -> str | None:
    """What a start should know of pictures that reviewers may have met before; None when there are none."""
    if not met.pairs:
        return None
    runs = ", ".join(f"{run.suite} ({run.id[:12]})" for run in met.runs[:MET_RUNS_NAMED])
    more = ", …" if len(met.runs) > MET_RUNS_NAMED else ""
    return (
        f"{met.pairs:,} of {met.of:,} pairs hold a picture that reviewers may have met in another run "
        f"({runs}{more}); a run with other seeds shows fresh ones"
    )


def latch(store: Store, judged: JudgedRun, now: datetime) -> JudgedRun:
    """Store what the evidence says once it decides.

    Called by every page and command that shows the run, so that no decision waits for one that is liked. What
    was judged as of a moment that is still to come by the database's clock is shown and latches nothing.
    """
    may_decide = judged.evidence.start is not None and judged.analysis.created_at <= store.now()
    event = decide(judged.rollout, judged.analysis, now, over=judged.over) if may_decide else None
    if event is None:
        return judged
    store.decisions.save_analysis(judged.analysis)
    store.decisions.append_event(event, seen=judged.rollout.events)
    run_id = judged.rollout.run_id
    return replace(judged, rollout=current(run_id, store.decisions.events(run_id)))


def sign(
    store: Store,
    judged: JudgedRun,
    action: RolloutAction,
    *,
    by: str,
    note: str,
    now: datetime,
    confirmed: str = "",
) -> None:
    """Approve, refuse or override, with the analysis that it rests on.

    Args:
        confirmed: the candidate's name, typed to override: it ships although the evidence is no yes.

    Raises:
        DecisionRefused: the rules do not allow it, an override is not confirmed, or another person has signed
            in the meantime.
    """
    event = _event(judged, action, by, now, note=note.strip())
    apply(judged.rollout, event)
    if action is RolloutAction.OVERRIDE:
        _require_confirmed(confirmed, judged.evidence.run.candidate)
    store.decisions.save_analysis(judged.analysis)
    _append(store, judged.rollout, event)


def objection(judged: JudgedRun, action: RolloutAction, by: str, now: datetime) -> str | None:
    """Why this person cannot take this step at this moment, in words; None when a note is all it takes.

    An override takes a confirmation too.
    """
    try:
        apply(judged.rollout, _event(judged, action, by, now, note="a note"))
    except DecisionRefused as refused:
        return str(refused)
    return None


def _require_confirmed(confirmed: str, candidate: str) -> None:
    if confirmed.strip() != candidate:
        raise DecisionRefused(
            f"override: expected the candidate's name, {candidate!r}, typed to confirm it, got {confirmed!r}",
            remedy=f"an override ships {candidate} against or without the evidence: type its name to mean it",
        )


def _event(
    judged: JudgedRun,
    action: RolloutAction,
    by: str,
    now: datetime,
    *,
    note: str = "",
    policy_digest: str | None = None,
) -> RolloutEvent:
    rollout = judged.rollout
    return RolloutEvent(
        uuid=uuid4().hex,
        run_id=rollout.run_id,
        action=action,
        by=by,
        note=note,
        analysis_id=rollout.analysis_id or judged.analysis.id,
        outcome=rollout.evidence_said or judged.analysis.outcome,
        policy_digest=policy_digest,
        created_at=now,
    )


def _append(store: Store, rollout: Rollout, event: RolloutEvent) -> None:
    apply(rollout, event)
    if not store.decisions.append_event(event, seen=rollout.events):
        raise DecisionRefused(
            "somebody else has decided while this page was open", remedy="reload the page and look again"
        )
