"""The headline of a run comes from the state of its rollout, and never contradicts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.gates.evaluation import OPENINGS
from core.records import Analysis, Arm, GateOutcome, Requirement, RolloutAction, RolloutState
from core.rollout.decision import Rollout, apply, current, decide
from core.rollout.headline import beneath, headline, holding_back, note_of
from tests.core.rollout.test_decision import BAD, BROKEN, GOOD, OPEN, RUN, START, after, event
from tests.evidence import NOW, judge, make_evidence, policy
from tests.evidence import result as gate

FEW = judge(make_evidence(cases=40))
"""Of 40 cases text stays open: about so many more cases would settle it."""
MANY_FAULTS = judge(
    make_evidence(
        cases=120,
        lost_alpha=[1],
        misread={Arm.CANDIDATE: range(60)},
        breaking=[3],
        slower=1.2,
        verdicts=False,
    )
)
REFUSE = event(RolloutAction.REFUSE, "mark", "the licence changed", analysis_id="a")
OVERRIDE = event(RolloutAction.OVERRIDE, "mark", "the fair opens on Monday", analysis_id="a")


def both(rollout: Rollout, analysis: Analysis) -> str:
    """All that is said of a run above its gates."""
    return f"{headline(rollout, analysis)}\n{beneath(rollout, analysis)}"


@pytest.mark.parametrize(
    ("rollout", "analysis", "begins"),
    [
        (current(RUN, []), GOOD, "Not started: no verdict counts before"),
        (current(RUN, []), BAD, "Not started: no verdict counts before"),
        (after(OPEN), OPEN, "Collecting, not yet decided: no case has been judged"),
        (after(BROKEN), BROKEN, "Collecting, and not all can be judged: "),
        (after(GOOD), GOOD, "Ready to sign: reviewers prefer the candidate"),
        (apply(after(GOOD), event(RolloutAction.APPROVE, "mark")), GOOD, "Approved by mark, on the evidence"),
        (after(BAD), BAD, "Rejected: the candidate breaks its contract in 1 of 80 pictures"),
        (apply(after(GOOD), REFUSE), GOOD, "Refused by mark: the licence changed"),
        (apply(after(OPEN), REFUSE), OPEN, "Refused by mark: the licence changed"),
        (after(OPEN, over=True), OPEN, "Undecided, final: it does not ship"),
        (apply(after(BAD), OVERRIDE), BAD, "Ships by override (mark) against 1 failed gate"),
        (apply(after(OPEN), OVERRIDE), OPEN, "Ships by override (mark) against 3 open gates"),
    ],
)
def test_the_headline_begins_with_the_state_of_the_rollout(
    rollout: Rollout, analysis: Analysis, begins: str
) -> None:
    said = headline(rollout, analysis)
    assert said.startswith(begins)
    assert not said.endswith(".")
    assert said.split(":")[0] not in OPENINGS.values()


def test_an_override_says_against_which_gates_and_how_many() -> None:
    rollout = apply(after(MANY_FAULTS), OVERRIDE)
    against = holding_back(MANY_FAULTS)
    failed = [result.title for result in against if result.outcome is GateOutcome.FAILED]
    still_open = [result.title for result in against if result.outcome is not GateOutcome.FAILED]
    assert len(failed) > 2
    assert {"Absolute quality", "Panel", "Preference"} <= set(still_open)
    assert headline(rollout, MANY_FAULTS) == (
        f"Ships by override (mark) against {len(failed)} failed gates and {len(still_open)} open gates"
    )
    assert beneath(rollout, MANY_FAULTS) == (
        f"Failed gates: {', '.join(failed)}. Open gates: {', '.join(still_open)}."
    )


def test_what_holds_an_analysis_back_leaves_out_what_decides_nothing() -> None:
    assert holding_back(GOOD) == []
    kinds = gate(OPEN, "kinds")
    assert (kinds.requirement, kinds.outcome) == (Requirement.GUARDRAIL, GateOutcome.INCONCLUSIVE)
    names = [result.gate for result in holding_back(OPEN)]
    assert names == ["quality", "panel", "preference"]
    harmed = tuple(
        replace(r, outcome=GateOutcome.ERROR) if r.gate in ("kinds", "tail") else r for r in OPEN.results
    )
    assert "kinds" in [result.gate for result in holding_back(replace(OPEN, results=harmed))]
    assert "tail" not in [result.gate for result in holding_back(replace(OPEN, results=harmed))]


@pytest.mark.parametrize("step", [None, REFUSE, OVERRIDE])
def test_a_final_state_without_a_decision_never_sounds_as_if_it_were_open(step: object) -> None:
    assert "would settle it" in FEW.sentence
    for rollout in (after(FEW, over=True), after(FEW)):
        if step is None and rollout.state is not RolloutState.INCONCLUSIVE:
            continue
        ended = rollout if step is None else apply(rollout, step)  # type: ignore[arg-type]
        said = both(ended, FEW)
        assert "would settle it" not in said
        assert "Not yet" not in said
        assert "Open gates: " in said


def test_while_it_collects_the_evidence_says_what_is_missing() -> None:
    assert "would settle it" in headline(after(FEW), FEW)


def test_before_the_start_the_evidence_is_told_as_a_preview() -> None:
    not_started = current(RUN, [])
    assert beneath(not_started, OPEN).startswith("The evidence is still open: ")
    assert beneath(not_started, BAD) == (
        "The evidence says no: the candidate breaks its contract in 1 of 80 pictures. "
        "A start now would reject it."
    )


def test_while_pairs_are_drawn_the_headline_counts_them() -> None:
    evidence = make_evidence(cases=40, verdicts=False)
    some = replace(evidence, renders=dict(list(evidence.renders.items())[:12]))
    assert headline(after(OPEN), judge(some), some) == "Collecting: 12 of 40 pairs drawn"
    assert headline(after(OPEN), OPEN, evidence).startswith("Collecting, not yet decided")


def test_another_policy_says_nothing_about_a_rollout_that_collects() -> None:
    other = judge(make_evidence(), policy("same-model"))
    assert headline(after(OPEN), other) == "Collecting evidence"


def test_what_nobody_has_looked_at_yet_is_not_said_to_be_decided() -> None:
    collecting = after(OPEN)
    assert headline(collecting, BAD).startswith("Collecting: the evidence now says no")
    assert headline(collecting, GOOD).startswith("Collecting: the evidence now says yes")


def test_what_was_signed_while_it_collected_rests_on_what_was_seen_then() -> None:
    for step in (REFUSE, OVERRIDE):
        assert apply(after(OPEN), step).analysis_id == "a"
        assert apply(after(BAD), step).analysis_id == BAD.id


def test_the_history_of_an_undecided_rollout_asks_for_no_more() -> None:
    latched = decide(current(RUN, [START]), FEW, NOW + timedelta(days=1), over=True)
    assert latched is not None
    assert note_of(latched) == "undecided, and no verdict could change it any more"
    rejected = decide(current(RUN, [START]), BAD, NOW, over=False)
    assert rejected is not None
    assert note_of(rejected) == BAD.sentence
    assert note_of(REFUSE) == "the licence changed"


def test_a_headline_needs_no_analysis() -> None:
    override = apply(after(BAD), OVERRIDE)
    assert headline(after(GOOD)) == "Ready to sign"
    assert headline(after(BAD)) == "Rejected"
    assert headline(after(OPEN)) == "Collecting evidence"
    assert headline(override) == "Ships by override (mark) against the evidence"


def test_a_pair_with_one_of_its_arms_is_not_drawn() -> None:
    evidence = make_evidence(cases=3, verdicts=False)
    first = evidence.pairs[0].id
    half = {arm: render for arm, render in evidence.renders[first].items() if arm is Arm.CANDIDATE}
    waiting = replace(evidence, renders={**evidence.renders, first: half})
    assert headline(after(OPEN), OPEN, waiting) == "Collecting: 2 of 3 pairs drawn"


@pytest.mark.parametrize(
    ("rollout", "analysis", "said"),
    [
        (current(RUN, []), GOOD, "The evidence says yes: "),
        (current(RUN, []), BROKEN, "The evidence cannot be judged: "),
        (apply(after(GOOD), event(RolloutAction.APPROVE, "mark")), GOOD, "The evidence says yes: "),
        (after(OPEN), OPEN, ""),
        (after(GOOD), GOOD, ""),
        (after(BAD), BAD, ""),
        (apply(after(GOOD), REFUSE), GOOD, ""),
        (apply(after(BAD), REFUSE), BAD, "Failed gates: Contract."),
    ],
)
def test_beneath_the_headline_stands_what_it_does_not_say(
    rollout: Rollout, analysis: Analysis, said: str
) -> None:
    found = beneath(rollout, analysis)
    assert found.startswith(said)
    assert bool(found) == bool(said)
    assert "A start now" not in found
