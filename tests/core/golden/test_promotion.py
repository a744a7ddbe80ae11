"""The promotion rule: from verdicts to labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.golden.promotion import Ballot, CurrentLabel, PromotionRule, Subject, label_by, promotions
from core.records import Arm, Outcome, Reason, TriageEvent, TriageLabel

SUBJECT = Subject(case_digest="case_1", render_digest="f" * 64)
RULE = PromotionRule()


def ballot(
    reviewer: str, outcome: Outcome, *, arm: Arm = Arm.CANDIDATE, reasons: tuple[Reason, ...] = ()
) -> Ballot:
    """One reviewer's verdict seen from the candidate's render."""
    return Ballot(subject=SUBJECT, arm=arm, reviewer=reviewer, outcome=outcome, reasons=reasons)


def test_two_reviewers_who_accept_make_a_positive() -> None:
    ballots = [ballot("ana", Outcome.CANDIDATE), ballot("ben", Outcome.CANDIDATE)]
    assert label_by(RULE, ballots) == (TriageLabel.POSITIVE, ())


def test_one_reviewer_is_not_enough() -> None:
    assert label_by(RULE, [ballot("ana", Outcome.CANDIDATE)])[0] is TriageLabel.UNTRIAGED


def test_one_reviewer_who_judges_twice_is_still_one() -> None:
    assert label_by(RULE, [ballot("ana", Outcome.CANDIDATE)] * 2)[0] is TriageLabel.UNTRIAGED


@pytest.mark.parametrize("against", [Outcome.BASELINE, Outcome.BOTH_BAD])
def test_a_single_verdict_against_keeps_a_render_out(against: Outcome) -> None:
    ballots = [ballot("ana", Outcome.CANDIDATE), ballot("ben", Outcome.CANDIDATE), ballot("cleo", against)]
    assert label_by(RULE, ballots)[0] is TriageLabel.UNTRIAGED
    assert label_by(PromotionRule(against=1), ballots)[0] is TriageLabel.POSITIVE


def test_both_bad_twice_makes_a_negative_with_its_reasons() -> None:
    ballots = [
        ballot("ana", Outcome.BOTH_BAD, reasons=(Reason.ALPHA,)),
        ballot("ben", Outcome.BOTH_BAD, reasons=(Reason.TYPOGRAPHY, Reason.ALPHA)),
    ]
    assert label_by(RULE, ballots) == (TriageLabel.NEGATIVE, (Reason.TYPOGRAPHY, Reason.ALPHA))


def test_losing_to_a_better_image_is_no_rejection() -> None:
    ballots = [ballot("ana", Outcome.BASELINE), ballot("ben", Outcome.BASELINE)]
    assert label_by(RULE, ballots)[0] is TriageLabel.UNTRIAGED


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(list(Outcome)))))
def test_ties_and_cant_judge_never_change_a_label(votes: list[tuple[str, Outcome]]) -> None:
    silent = (Outcome.TIE, Outcome.CANT_JUDGE)
    everything = [ballot(reviewer, outcome) for reviewer, outcome in votes]
    assert label_by(RULE, everything) == label_by(RULE, [b for b in everything if b.outcome not in silent])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(list(Outcome)))), st.randoms())
def test_the_order_of_verdicts_never_matters(votes: list[tuple[str, Outcome]], random: Random) -> None:
    ballots = [ballot(reviewer, outcome) for reviewer, outcome in votes]
    shuffled = list(ballots)
    random.shuffle(shuffled)
    assert label_by(RULE, ballots) == label_by(RULE, shuffled)


def test_promoting_twice_changes_nothing_the_second_time(now: datetime) -> None:
    ballots = [ballot("ana", Outcome.CANDIDATE), ballot("ben", Outcome.CANDIDATE)]
    (event,) = promotions(ballots, {}, RULE, now)
    assert (event.label_before, event.label_after) == (TriageLabel.UNTRIAGED, TriageLabel.POSITIVE)
    assert event.by == "rule:two-reviewers"
    standing = {SUBJECT: CurrentLabel(label=event.label_after, by=event.by)}
    assert promotions(ballots, standing, RULE, now + timedelta(days=1)) == []


def test_what_a_person_labelled_stays(now: datetime) -> None:
    ballots = [ballot("ana", Outcome.CANDIDATE), ballot("ben", Outcome.CANDIDATE)]
    for label in TriageLabel:
        assert promotions(ballots, {SUBJECT: CurrentLabel(label=label, by="lea")}, RULE, now) == []


def test_a_verdict_taken_back_takes_the_rules_label_back(now: datetime) -> None:
    standing = {SUBJECT: CurrentLabel(label=TriageLabel.POSITIVE, by=RULE.by)}
    (event,) = promotions([ballot("ana", Outcome.CANDIDATE)], standing, RULE, now)
    assert (event.label_before, event.label_after) == (TriageLabel.POSITIVE, TriageLabel.UNTRIAGED)
    (event,) = promotions([], standing, RULE, now)
    assert event.label_after is TriageLabel.UNTRIAGED


@pytest.mark.parametrize(("reviewers", "against"), [(0, 0), (2, -1)])
def test_a_rule_that_anything_passes_is_refused(reviewers: int, against: int) -> None:
    with pytest.raises(InvalidRequest, match="expected reviewers"):
        PromotionRule(reviewers=reviewers, against=against)


def test_a_single_acceptance_keeps_a_negative_out_where_none_may_disagree() -> None:
    ballots = [
        ballot("ana", Outcome.BOTH_BAD, reasons=(Reason.ALPHA,)),
        ballot("ben", Outcome.BOTH_BAD),
        ballot("cleo", Outcome.CANDIDATE, reasons=(Reason.COLOUR,)),
    ]
    assert label_by(RULE, ballots) == (TriageLabel.UNTRIAGED, ())
    assert label_by(PromotionRule(against=1), ballots) == (TriageLabel.NEGATIVE, (Reason.ALPHA,))
    assert label_by(RULE, ballots[:1]) == (TriageLabel.UNTRIAGED, ())


def test_the_smallest_rule_is_one_reviewer_without_another() -> None:
    assert label_by(PromotionRule(reviewers=1), [ballot("ana", Outcome.CANDIDATE)])[0] is TriageLabel.POSITIVE
    assert (RULE.name, RULE.reviewers, RULE.against, RULE.by) == ("two-reviewers", 2, 0, "rule:two-reviewers")


def test_the_winner_is_seen_from_either_arm() -> None:
    ballots = [ballot(who, Outcome.BASELINE, arm=Arm.BASELINE) for who in ("ana", "ben")]
    assert label_by(RULE, ballots)[0] is TriageLabel.POSITIVE


def test_a_promotion_says_what_it_changed_why_and_when_in_the_order_of_cases(now: datetime) -> None:
    subjects = [
        Subject(case_digest=case, render_digest=r * 64) for case, r in (("b", "1"), ("a", "2"), ("a", "1"))
    ]
    ballots = [
        replace(ballot(who, Outcome.BOTH_BAD, reasons=(Reason.ALPHA,)), subject=subject)
        for subject in subjects
        for who in ("ana", "ben")
    ]
    events = promotions(ballots, {}, RULE, now)
    assert [(event.case_digest, event.render_digest[0]) for event in events] == [
        ("a", "1"),
        ("a", "2"),
        ("b", "1"),
    ]
    assert len({event.uuid for event in events}) == 3
    assert events[0] == TriageEvent(
        uuid=events[0].uuid,
        case_digest="a",
        render_digest="1" * 64,
        label_before=TriageLabel.UNTRIAGED,
        label_after=TriageLabel.NEGATIVE,
        by="rule:two-reviewers",
        reasons=(Reason.ALPHA,),
        created_at=now,
    )
    assert promotions(ballots, {}, RULE, now) == events


def test_another_rules_label_is_moved_as_its_own_is(now: datetime) -> None:
    standing = {SUBJECT: CurrentLabel(label=TriageLabel.NEGATIVE, by="rule:another")}
    (event,) = promotions([], standing, RULE, now)
    assert (event.label_before, event.label_after) == (TriageLabel.NEGATIVE, TriageLabel.UNTRIAGED)
