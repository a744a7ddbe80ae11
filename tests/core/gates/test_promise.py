"""The promise of a whole policy, on simulated panels: how often a rollout of equal models ends approved."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.decisions.panel import PANEL, simulate
from core.records import GateOutcome, Outcome, RolloutAction, RolloutEvent, RolloutState
from core.rollout.decision import apply, current, decide
from tests.evidence import NOW, judge, judged, make_evidence, policy

ROLLOUTS = 200
CASES = 100
OUTCOMES = {1.0: Outcome.CANDIDATE, 0.5: Outcome.TIE, 0.0: Outcome.BASELINE}
START = RolloutEvent(
    uuid="start",
    run_id="",
    action=RolloutAction.START,
    by="lea",
    policy_digest=policy().digest,
    last_verdict=0,
    created_at=NOW,
)


def ends(decisive_share: float) -> list[RolloutState]:
    """Where seeded rollouts end in which this share of the decisive verdicts favours the candidate."""
    evidence = replace(make_evidence(cases=CASES, verdicts=False), measurements={})
    people = replace(
        policy(), gates=tuple(g for g in policy().gates if g.rule in ("quality", "panel", "preference"))
    )
    scores = simulate(
        PANEL,
        decisive_share=decisive_share,
        rollouts=ROLLOUTS,
        units=CASES,
        votes=1,
        rng=np.random.default_rng(12),
    ).scores[..., 0]
    started = current(evidence.run.id, [replace(START, run_id=evidence.run.id, policy_digest=people.digest)])
    states = []
    for row in scores:
        analysis = judge(judged(evidence, [OUTCOMES[score] for score in row]), people)
        event = decide(started, analysis, NOW, over=True)
        assert event is not None
        states.append(apply(started, event).state)
    return states


@pytest.mark.slow
def test_two_hundred_rollouts_of_a_model_against_itself_are_hardly_ever_approved() -> None:
    approved = ends(0.5).count(RolloutState.READY) / ROLLOUTS
    assert approved <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / ROLLOUTS)


@pytest.mark.slow
def test_a_clearly_better_model_is_approved_nearly_always() -> None:
    assert ends(0.7).count(RolloutState.READY) / ROLLOUTS > 0.85


def test_a_model_against_itself_whose_verdicts_all_tie_is_rejected() -> None:
    analysis = judge(judged(make_evidence(cases=CASES, verdicts=False), [Outcome.TIE] * CASES))
    assert analysis.outcome is GateOutcome.FAILED
    assert analysis.sentence == "No: reviewers see no clear gain."
