"""Pictures that are not there never pass: not as pictures, not as text, not as alpha."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.records import Arm, Evidence, GateOutcome, Measurement
from tests.evidence import every_measurement, judge, make_evidence, only, policy, result


def looking(evidence: Evidence, looks: str) -> Evidence:
    """The evidence whose empty pictures look like this."""
    return every_measurement(
        evidence, lambda m: replace(m, raw={"looks": looks}) if m.check == "blank" else m
    )


@pytest.mark.parametrize("name", ["upgrade", "same-model"])
def test_both_shipped_policies_ask_first_whether_there_are_pictures(name: str) -> None:
    first = policy(name).gates[0]
    assert (first.rule, first.requirement, first.settings.most) == ("shows", "critical", 0)


@pytest.mark.parametrize("name", ["upgrade", "same-model"])
def test_three_black_pictures_reject_and_are_the_first_thing_said(name: str) -> None:
    evidence = looking(make_evidence(cases=160, empty={Arm.CANDIDATE: [1, 5, 9]}), "black")
    analysis = judge(evidence, policy(name))
    assert analysis.outcome is GateOutcome.FAILED
    assert analysis.sentence.startswith("No: 3 of 160 pictures are black")


def test_a_single_one_of_forty_rejects() -> None:
    analysis = judge(looking(make_evidence(cases=40, empty={Arm.CANDIDATE: [7]}), "noise"), only("shows"))
    assert analysis.sentence == "No: 1 of 40 pictures is noise."
    assert "poster-0007 with seed 1" in analysis.results[0].reason


def test_pictures_that_are_there_pass() -> None:
    found = result(judge(make_evidence(cases=40), only("shows")), "shows")
    assert (found.outcome, found.value) == (GateOutcome.SUCCESSFUL, 0.0)


def test_a_picture_that_is_empty_on_both_models_is_told_as_the_baselines_fault() -> None:
    found = result(judge(looking(make_evidence(empty={arm: [3] for arm in Arm}), "black")), "shows")
    assert (found.outcome, found.value) == (GateOutcome.SUCCESSFUL, 0.0)
    assert "1 of 80 pictures is black on both models" in found.reason
    assert "the baseline's fault" in found.reason


def test_a_baseline_that_draws_nothing_leaves_nothing_to_compare() -> None:
    analysis = judge(make_evidence(empty={arm: range(80) for arm in Arm}), only("shows"))
    assert analysis.outcome is GateOutcome.INCONCLUSIVE
    assert analysis.sentence == "Not yet: 80 of 80 pictures are empty on both models."


def test_an_empty_picture_is_wrong_in_text_and_alpha_whatever_they_measured() -> None:
    empty = make_evidence(empty={Arm.CANDIDATE: range(30)}, verdicts=False)
    for gate in ("text", "small-text", "alpha"):
        assert result(judge(empty, only(gate)), gate).outcome is GateOutcome.FAILED


def test_a_picture_that_nobody_looked_for_is_no_picture() -> None:
    def blank(m: Measurement) -> Measurement | None:
        return None if m.check == "blank" and m.pair_id == "pair_0004_1" else m

    evidence = every_measurement(make_evidence(verdicts=False), blank)
    for gate in ("shows", "text", "alpha"):
        assert result(judge(evidence, only(gate)), gate).outcome is GateOutcome.INCONCLUSIVE
