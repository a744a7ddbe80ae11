"""Arms and sides: what a reviewer says by sides is stored by arms, and comes back as it was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.records import Arm, Handout, Outcome, Pin, Purpose, QueueItem, Reason, Shown, Side
from core.review.sides import (
    Ballot,
    SidedPin,
    arm_of,
    as_said,
    as_seen,
    event_of,
    outcome_by_side,
    outcome_of,
    side_of,
    sides_of,
)

NOW = datetime(2026, 3, 3, tzinfo=UTC)
WORDS = ["a", "b", "tie", "both_bad", "cant_judge"]
PURPOSES = [*Purpose]
fraction = st.floats(0, 1)
pins = st.builds(
    SidedPin,
    side=st.sampled_from([*Side, None]),
    pin=st.builds(Pin, arm=st.none(), x=fraction, y=fraction, text=st.text(max_size=9)),
)
ballots = st.builds(
    Ballot,
    uuid=st.just("vote"),
    task=st.just("task"),
    outcome=st.sampled_from(WORDS),
    reasons=st.lists(st.sampled_from([*Reason]), unique=True).map(tuple),
    comment=st.text(max_size=9),
    pins=st.lists(pins, max_size=3).map(tuple),
)
handouts = st.builds(
    Handout,
    task=st.just("task"),
    pair_id=st.just("pair"),
    reviewer=st.just("ana"),
    purpose=st.sampled_from(PURPOSES),
    side_a=st.sampled_from([*Arm]),
    handed_at=st.just(NOW),
)


@given(ballots, handouts)
def test_what_was_said_by_sides_is_stored_by_arms_and_said_again_as_it_was(ballot, handout):
    event = event_of(ballot, handout, reviewer="ana", now=NOW)
    said = as_said(event)
    assert (said["outcome"], said["comment"], said["reasons"]) == (
        ballot.outcome, ballot.comment, list(ballot.reasons)
    )  # fmt: skip
    assert [one["side"] for one in said["pins"]] == [one.side for one in ballot.pins]
    assert "arm" not in {key for one in said["pins"] for key in one}
    assert (event.reviewer, event.purpose, event.side_a) == ("ana", handout.purpose, handout.side_a)


@given(st.sampled_from([*Side, None]), st.sampled_from([*Arm]))
def test_a_side_is_the_side_of_its_arm(side, side_a):
    assert side_of(arm_of(side, side_a), side_a) == side


@pytest.mark.parametrize("word", ["baseline", "candidate", "", "A", "c"])
def test_no_outcome_is_said_by_arms_at_the_desk(word):
    with pytest.raises(InvalidRequest, match="outcome: expected one of a, b, tie, both_bad, cant_judge, got"):
        outcome_of(word, Arm.BASELINE)


@given(ballots, handouts)
def test_in_a_pair_of_equals_both_sides_are_the_same_arm(ballot, handout):
    a, b = sides_of(event_of(ballot, handout, reviewer="ana", now=NOW))
    assert (a is b) == (handout.purpose is Purpose.SAME)


def test_a_pair_is_seen_without_ones_own_verdict_which_is_said_by_arms():
    picture = Shown(digest="0" * 64, width=8, height=8, mode="RGB")
    item = QueueItem(
        task="t", pair_id="p", run_id="r", place=1, prompt="a star", tags=(), expected_text=(),
        a=picture, b=picture, outcome=Outcome.CANDIDATE,
    )  # fmt: skip
    seen = as_seen(item, needs_one_to_one=True)
    assert "candidate" not in str(seen)
    assert (seen["judged"], seen["needs_one_to_one"]) == (True, True)
    assert seen["prompt"] == "a star"
    assert "outcome" not in seen
    assert as_seen(item)["needs_one_to_one"] is False
    assert as_seen(replace(item, outcome=None))["judged"] is False


@pytest.mark.parametrize(
    ("word", "side_a", "outcome"),
    [
        ("a", Arm.BASELINE, Outcome.BASELINE),
        ("a", Arm.CANDIDATE, Outcome.CANDIDATE),
        ("b", Arm.BASELINE, Outcome.CANDIDATE),
        ("b", Arm.CANDIDATE, Outcome.BASELINE),
        ("tie", Arm.CANDIDATE, Outcome.TIE),
        ("both_bad", Arm.BASELINE, Outcome.BOTH_BAD),
        ("cant_judge", Arm.BASELINE, Outcome.CANT_JUDGE),
    ],
)
def test_a_side_stands_for_the_arm_that_was_shown_there(word, side_a, outcome):
    assert outcome_of(word, side_a) is outcome
    assert outcome_by_side(outcome, side_a) == word


def test_a_verdict_of_a_terminal_and_one_without_an_outcome_can_be_said_too():
    ballot = Ballot(uuid="v", task="t", outcome="b")
    handout = Handout(
        task="t", pair_id="p", reviewer="ana", purpose=Purpose.EVIDENCE, side_a=Arm.CANDIDATE, handed_at=NOW
    )
    event = event_of(ballot, handout, reviewer="ana", now=NOW)
    assert (event.uuid, event.pair_id, event.created_at, event.outcome) == ("v", "p", NOW, Outcome.BASELINE)
    unsided = replace(event, side_a=None)
    assert sides_of(unsided) == (Arm.BASELINE, Arm.CANDIDATE)
    assert as_said(unsided)["outcome"] == "a"
    assert as_said(replace(event, outcome=None))["outcome"] == "cant_judge"
