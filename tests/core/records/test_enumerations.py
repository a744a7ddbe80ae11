"""The rules of an outcome, a purpose and a kind of run stand beside its name."""

import copy
import pickle

import pytest

from core.records import Arm, Outcome, Purpose, RunKind

MEMBERS = [*Outcome, *Purpose, *RunKind]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_is_its_word_and_comes_back_from_it(member: Outcome | Purpose | RunKind) -> None:
    assert type(member)(str(member)) is member
    assert pickle.loads(pickle.dumps(member)) is copy.deepcopy(member) is member
    assert str(member) == member.value == member


@pytest.mark.parametrize("kind", [Outcome, Purpose, RunKind])
def test_a_word_that_is_no_member_is_refused(kind: type[Outcome | Purpose | RunKind]) -> None:
    with pytest.raises(ValueError, match="nothing"):
        kind("nothing")


def test_a_score_is_the_candidates_and_a_reviewer_who_cannot_judge_gives_none() -> None:
    scores = {outcome.value: outcome.score for outcome in Outcome if outcome.is_vote}
    assert scores == {"baseline": 0.0, "candidate": 1.0, "tie": 0.5, "both_bad": 0.5}
    assert Outcome.CANT_JUDGE.score is None


def test_only_an_outcome_for_one_side_names_an_arm() -> None:
    assert {outcome: outcome.arm for outcome in Outcome if outcome.arm} == {
        Outcome.BASELINE: Arm.BASELINE,
        Outcome.CANDIDATE: Arm.CANDIDATE,
    }
    assert [outcome for outcome in Outcome if outcome.refuses_both] == [Outcome.BOTH_BAD]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_purpose_is_a_judgement_or_a_control_and_has_its_slot(purpose: Purpose) -> None:
    assert purpose.is_judgement is not purpose.is_control
    assert purpose.slot == ("judged" if purpose.is_judgement else purpose.value)
    assert Purpose.of_slot(purpose.slot).slot == purpose.slot
    assert purpose.is_judgement or not purpose.counts


def test_each_rule_of_a_purpose_holds_for_one() -> None:
    assert [p for p in Purpose if p.counts] == [Purpose.EVIDENCE] == [Purpose.of_slot("judged")]
    assert [p for p in Purpose if p.is_for_agreement] == [Purpose.OVERLAP]
    assert [p for p in Purpose if p.shows_one_picture_twice] == [Purpose.SAME]
    assert [p for p in Purpose if p.repeats_own_verdict] == [Purpose.REPEAT]
    assert [p for p in Purpose if p.has_known_answer] == [Purpose.GOLD]


def test_only_a_suite_run_leads_to_a_rollout_and_only_a_comparison_is_waited_for() -> None:
    assert [kind for kind in RunKind if kind.leads_to_rollout] == [RunKind.SUITE]
    assert [kind for kind in RunKind if kind.counts_as_attempt] == [RunKind.SUITE]
    assert [kind for kind in RunKind if kind.is_waited_for] == [RunKind.COMPARE]
    assert [kind for kind in RunKind if kind.keeps_suite] == [RunKind.SUITE, RunKind.NOISE_FLOOR]
    assert [kind for kind in RunKind if kind.is_reviewed] == [RunKind.SUITE, RunKind.COMPARE]
    assert [kind for kind in RunKind if kind.measures_other_seeds] == [RunKind.NOISE_FLOOR]
