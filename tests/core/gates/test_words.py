"""What a gate says beside its outcome: how much is missing, what was counted, why nothing counts yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.gates import evaluate
from core.gates.policies import parse_policy
from core.records import Arm, CanaryCounts, GateResult, Outcome
from tests.evidence import NOW, judge, judged, make_evidence, only, policy, result, started

NO_VERDICTS = make_evidence(verdicts=False)
LIVE = """
title = "Live"
[evidence]
max_age_days = 1
max_missing_share = 0.0
[gates.canary]
requirement = "required"
alpha = 0.05
planned_requests = 1350
most_ratio = {ratio}
confidence = 0.95
"""


def live(requests: int, ratio: float = 2.0) -> GateResult:
    counts = CanaryCounts(share=0.01, candidate_requests=requests, candidate_errors=8, baseline_errors=1400)
    rules = parse_policy("live", LIVE.format(ratio=ratio))
    return judge(replace(make_evidence(), canary=counts), rules).results[0]


@pytest.mark.parametrize(("requests", "missing"), [(900, 450), (1349, 1), (1350, None), (2000, None)])
def test_a_canary_says_how_many_requests_are_missing(requests: int, missing: int | None) -> None:
    assert live(requests).n_needed == missing


def test_a_canary_may_accept_up_to_a_hundred_times_the_baselines_errors() -> None:
    assert live(2000, ratio=100).threshold == 100
    with pytest.raises(Exception, match="most_ratio"):
        live(2000, ratio=100.5)


@pytest.mark.parametrize(
    ("outcomes", "ending"),
    [
        ([Outcome.CANDIDATE] * 80, "that it is 0% or less was refuted after "),
        ([Outcome.TIE] * 80, " or more was refuted after "),
        ([Outcome.CANDIDATE, Outcome.TIE] * 8, " would settle it, probably between "),
    ],
)
def test_a_preference_says_how_it_was_decided_or_what_would_settle_it(
    outcomes: list[Outcome], ending: str
) -> None:
    assert ending in result(judge(judged(NO_VERDICTS, outcomes)), "preference").reason


def test_a_preference_that_hardly_can_be_settled_says_how_many_verdicts_are_still_planned() -> None:
    few = result(judge(make_evidence(cases=12, verdicts=False), only("preference")), "preference")
    assert few.reason.endswith("the 12 verdicts still planned will hardly settle it.")


def test_verdicts_that_cannot_count_are_told_why() -> None:
    evidence = judged(NO_VERDICTS, [Outcome.CANDIDATE] * 80)
    other = replace(NO_VERDICTS, start=None)
    unstarted = evaluate(only("preference"), other, NOW).results[0]
    assert "Verdicts count from the start of the rollout on" in unstarted.reason
    elsewhere = evaluate(only("preference"), started(evidence, policy("same-model")), NOW).results[0]
    assert "The rollout was started under another policy" in elsewhere.reason


def test_as_many_losses_as_gains_are_no_luck_and_others_are_said_with_their_chance() -> None:
    even = make_evidence(misread={Arm.CANDIDATE: range(3), Arm.BASELINE: range(3, 6)}, verdicts=False)
    uneven = make_evidence(misread={Arm.CANDIDATE: range(5)}, verdicts=False)
    assert "equal models differ" not in judge(even, only("text")).results[0].reason
    assert "are now right (equal models differ that much 6.2% of the time)" in (
        judge(uneven, only("text")).results[0].reason
    )
