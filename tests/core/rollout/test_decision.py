"""The decision about a run: latched, signed by a second person, and never rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DecisionRefused
from core.records import (
    Analysis,
    Arm,
    GateOutcome,
    Outcome,
    RolloutAction,
    RolloutEvent,
    RolloutState,
)
from core.rollout.decision import SIGNED, Rollout, apply, current, decide
from tests.evidence import NOW, judge, judged, make_evidence, policy

GOOD = judge(make_evidence())
BAD = judge(make_evidence(breaking=[0]))
OPEN = judge(make_evidence(verdicts=False))
BROKEN = replace(OPEN, id="analysis_broken", outcome=GateOutcome.ERROR)
RUN = GOOD.run_id


def event(action: RolloutAction, by: str = "lea", note: str = "", **changes: Any) -> RolloutEvent:
    """One event of the run."""
    plain = RolloutEvent(
        uuid=f"{action}-{by}-{len(changes)}", run_id=RUN, action=action, by=by, note=note, created_at=NOW
    )
    return replace(plain, **changes)


START = event(RolloutAction.START, policy_digest=policy().digest)


def after(analysis: Analysis, *, over: bool = False) -> Rollout:
    """A rollout started by lea, once an analysis was looked at."""
    rollout = current(RUN, [START])
    decided = decide(rollout, analysis, NOW, over=over)
    return apply(rollout, decided) if decided else rollout


def test_a_rollout_collects_until_the_evidence_decides() -> None:
    assert current(RUN, []).state is RolloutState.COLLECTING
    assert after(OPEN).state is RolloutState.COLLECTING
    assert after(GOOD).state is RolloutState.READY
    assert after(BAD).state is RolloutState.REJECTED
    assert after(OPEN, over=True).state is RolloutState.INCONCLUSIVE


def test_an_error_never_decides_for_it_can_be_repaired() -> None:
    assert after(BROKEN).state is RolloutState.COLLECTING
    assert after(BROKEN, over=True).state is RolloutState.COLLECTING


def test_nothing_is_latched_before_somebody_started() -> None:
    assert decide(current(RUN, []), GOOD, NOW, over=False) is None


def test_later_evidence_changes_nothing_once_it_is_latched() -> None:
    for first in (GOOD, BAD):
        rollout = after(first)
        for later in (GOOD, BAD, OPEN):
            assert decide(rollout, later, NOW + timedelta(days=1), over=True) is None


def test_another_policy_cannot_decide() -> None:
    other = judge(make_evidence(), policy("same-model"))
    with pytest.raises(DecisionRefused, match="was started under policy"):
        decide(current(RUN, [START]), other, NOW, over=False)


def test_the_latch_names_the_analysis_and_its_sentence() -> None:
    latched = decide(current(RUN, [START]), GOOD, NOW, over=False)
    assert latched is not None
    assert (latched.analysis_id, latched.note, latched.by) == (GOOD.id, GOOD.sentence, "policy:upgrade")
    assert decide(current(RUN, [START]), GOOD, NOW, over=False) == latched


def test_a_second_person_approves() -> None:
    rollout = apply(after(GOOD), event(RolloutAction.APPROVE, "max"))
    assert (rollout.state, rollout.signed_by, rollout.evidence_said) == (
        RolloutState.APPROVED,
        "max",
        GateOutcome.SUCCESSFUL,
    )


@pytest.mark.parametrize("name", ["lea", " Lea ", "LEA", ""])
def test_who_started_cannot_approve_or_override_alone(name: str) -> None:
    with pytest.raises(DecisionRefused, match="somebody else has to sign"):
        apply(after(GOOD), event(RolloutAction.APPROVE, name))
    with pytest.raises(DecisionRefused, match="somebody else has to sign"):
        apply(after(BAD), event(RolloutAction.OVERRIDE, name, "we must ship"))


SAME_AS_LEA = [
    "Ｌea",
    "𝐋ea",
    "lea\ufe0f",
    "lea\u034f",
    "le\u0430",
    "\u3164",
    "\u2800",
    "policy:easy",
    "Rule:x",
]


@pytest.mark.parametrize("name", [*SAME_AS_LEA, "first start", "Max\ufe0f", " max", "Zoe\u0308"], ids=ascii)
def test_a_name_that_no_door_gives_signs_nothing(name: str) -> None:
    for rollout, step in (
        (current(RUN, []), replace(START, by=name)),
        (after(GOOD), event(RolloutAction.APPROVE, name)),
        (after(BAD), event(RolloutAction.OVERRIDE, name, "we must ship")),
        (after(BAD), event(RolloutAction.REFUSE, name, "brand")),
    ):
        with pytest.raises(DecisionRefused):
            apply(rollout, step)


@pytest.mark.parametrize("spelling", ["lea@Corp", "LEA@CORP"])
def test_an_address_in_another_case_is_no_second_person(spelling: str) -> None:
    rollout = current(RUN, [replace(START, by="lea@corp")])
    latched = decide(rollout, GOOD, NOW, over=False)
    assert latched is not None
    with pytest.raises(DecisionRefused, match="somebody else has to sign"):
        apply(apply(rollout, latched), event(RolloutAction.APPROVE, spelling))


@pytest.mark.parametrize("analysis", [OPEN, BAD, BROKEN])
def test_nobody_approves_without_the_evidence(analysis: Analysis) -> None:
    with pytest.raises(DecisionRefused, match="expected a rollout that is ready"):
        apply(after(analysis), event(RolloutAction.APPROVE, "max"))


@pytest.mark.parametrize("note", ["", "  "])
def test_an_override_and_a_refusal_need_a_reason(note: str) -> None:
    for action in (RolloutAction.OVERRIDE, RolloutAction.REFUSE):
        with pytest.raises(DecisionRefused, match="expected a name and a reason"):
            apply(after(BAD), event(action, "max", note))


def test_an_override_stays_an_override() -> None:
    rollout = apply(after(BAD), event(RolloutAction.OVERRIDE, "max", "the contract ends on Friday"))
    assert (rollout.state, rollout.note) == (RolloutState.OVERRIDDEN, "the contract ends on Friday")
    assert rollout.evidence_said is GateOutcome.FAILED
    for action in RolloutAction:
        with pytest.raises(DecisionRefused, match="cannot change; start a new attempt"):
            apply(rollout, event(action, "ida", "on second thoughts", policy_digest="p"))


def test_what_succeeded_needs_no_override() -> None:
    with pytest.raises(DecisionRefused, match="expected a rollout that is"):
        apply(after(GOOD), event(RolloutAction.OVERRIDE, "max", "faster"))


def test_anybody_may_refuse_with_a_reason() -> None:
    for analysis in (OPEN, GOOD, BAD):
        refused = apply(after(analysis), event(RolloutAction.REFUSE, "lea", "the licence changed"))
        assert refused.state is RolloutState.REFUSED


def test_a_rollout_starts_once_with_a_name_and_a_policy() -> None:
    with pytest.raises(DecisionRefused, match="was started by lea already"):
        current(RUN, [START, START])
    for incomplete in (replace(START, by=" "), replace(START, policy_digest=None)):
        with pytest.raises(DecisionRefused, match="needs a name and the policy"):
            current(RUN, [incomplete])


@pytest.mark.parametrize("action", sorted(set(RolloutAction) - {RolloutAction.START}))
def test_nothing_happens_before_the_start(action: RolloutAction) -> None:
    with pytest.raises(DecisionRefused, match="nobody started this rollout"):
        current(RUN, [event(action, "max", "why", outcome=GateOutcome.SUCCESSFUL, analysis_id="a")])


@pytest.mark.parametrize("outcome", [GateOutcome.ERROR, None])
def test_only_a_final_outcome_can_be_latched(outcome: GateOutcome | None) -> None:
    with pytest.raises(DecisionRefused, match="expected an analysis with a final outcome"):
        current(RUN, [START, event(RolloutAction.DECIDE, outcome=outcome, analysis_id="a")])


def test_an_event_of_another_run_is_refused() -> None:
    with pytest.raises(DecisionRefused, match="expected an event of"):
        apply(Rollout(run_id="run_other"), START)


@given(
    st.lists(
        st.builds(
            event,
            st.sampled_from(RolloutAction),
            st.sampled_from(["lea", "max", "ida", ""]),
            st.sampled_from(["", "because"]),
            policy_digest=st.sampled_from([None, policy().digest]),
            analysis_id=st.sampled_from([None, "a"]),
            outcome=st.sampled_from([None, *GateOutcome]),
        ),
        max_size=12,
    )
)
def test_no_order_of_events_approves_without_evidence_and_a_second_person(events: list[RolloutEvent]) -> None:
    rollout = Rollout(run_id=RUN)
    for step in events:
        try:
            following = apply(rollout, step)
        except DecisionRefused:
            continue
        assert not rollout.is_over
        assert rollout.evidence_said is None or following.evidence_said is rollout.evidence_said
        assert following.events == rollout.events + 1
        rollout = following
    if rollout.state is RolloutState.APPROVED:
        assert rollout.evidence_said is GateOutcome.SUCCESSFUL
        assert rollout.signed_by not in (None, "", rollout.started_by)
    if rollout.state in SIGNED:
        assert rollout.signed_by


def test_a_whole_story_from_collecting_to_a_second_attempt() -> None:
    evidence = make_evidence(verdicts=False)
    rollout = current(RUN, [START])
    for verdicts in (5, 12, 40):
        analysis = judge(judged(evidence, [Outcome.CANDIDATE] * verdicts))
        latched = decide(rollout, analysis, NOW, over=False)
        rollout = apply(rollout, latched) if latched else rollout
    assert rollout.state is RolloutState.READY
    worse = judge(make_evidence(misread={Arm.CANDIDATE: range(40)}))
    assert worse.outcome is GateOutcome.FAILED
    assert decide(rollout, worse, NOW, over=False) is None
