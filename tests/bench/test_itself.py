"""A model against itself: nobody's verdicts tip the scales, and a panel that cheats would be noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import itself
from bench.itself import Itself, against_itself, votes, with_baseline_twice
from core.records import Arm, Evidence, Outcome, VerdictEvent
from tests.evidence import NOW, make_evidence, policy


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return make_evidence(cases=60, misread={Arm.CANDIDATE: range(40)})


def test_both_sides_hold_what_the_baseline_drew(evidence: Evidence) -> None:
    equal = with_baseline_twice(evidence)
    for pair in equal.pairs:
        arms = equal.renders[pair.id]
        assert arms[Arm.BASELINE] == arms[Arm.CANDIDATE] == evidence.renders[pair.id][Arm.BASELINE]


def test_the_same_seed_gives_the_same_verdicts(evidence: Evidence) -> None:
    assert list(votes(evidence, 3)) == list(votes(evidence, 3)) != list(votes(evidence, 4))


def test_equal_pictures_are_hardly_ever_approved(evidence: Evidence) -> None:
    found = against_itself(evidence, policy(), 20, NOW)
    assert (found.rollouts, found.cases) == (20, 60)
    assert found.objections() == []


def test_a_panel_that_knows_the_candidate_breaks_the_promise(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = votes

    def partial(evidence: Evidence, seed: int) -> list[VerdictEvent]:
        return [replace(vote, outcome=Outcome.CANDIDATE) for vote in honest(evidence, seed)]

    monkeypatch.setattr(itself, "votes", partial)
    found = against_itself(evidence, policy(), 20, NOW)
    assert (found.approved, found.preferred) == (20, 20)
    assert "expected at most" in found.objections()[0]


def test_the_promise_has_its_sampling_error() -> None:
    assert Itself(rollouts=200, cases=320, approved=19, preferred=19).objections() == []
    assert Itself(rollouts=200, cases=320, approved=0, preferred=20).objections() != []
