"""Which verdict is taken, what it counts for, and which of a reviewer's verdicts a pair is asked by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import DecisionRefused, InvalidRequest
from core.records import (
    Arm,
    ExpectedText,
    Look,
    Outcome,
    Purpose,
    Render,
    RenderStatus,
    ReviewPlan,
    RolloutState,
    VerdictAction,
    VerdictEvent,
)
from core.review.acceptance import (
    VerdictUse,
    needs_one_to_one,
    own_verdict,
    refuse_from_afar,
    refuse_unfinished,
    use_of_verdicts,
)
from tests.world import SUITE, recipe

NOW = datetime(2026, 3, 3, tzinfo=UTC)
VERDICT = VerdictEvent(
    uuid="v", action=VerdictAction.CAST, pair_id="p", reviewer="ana", outcome=Outcome.TIE,
    side_a=Arm.BASELINE, created_at=NOW,
)  # fmt: skip
SMALL = [ExpectedText(text="SALE", letter_height_px=12), ExpectedText(text="x", letter_height_px=40)]


@pytest.mark.parametrize(("limit", "needed"), [(11, False), (12, True), (0, False)])
def test_lettering_up_to_the_plans_height_is_wanted_at_one_to_one(limit, needed):
    assert needs_one_to_one(SMALL, ReviewPlan(look_closer_px=limit)) is needed


@pytest.mark.parametrize("lines", [[], [ExpectedText(text="SALE")]])
def test_a_case_without_lettering_of_known_height_may_be_judged_from_afar(lines):
    assert not needs_one_to_one(lines, ReviewPlan(look_closer_px=100))


@pytest.mark.parametrize("zoom", [0.0, 0.5, 0.999])
def test_small_text_that_was_seen_from_afar_is_refused_with_the_key_to_press(zoom):
    with pytest.raises(DecisionRefused, match=f"got {zoom:g}:1") as refused:
        refuse_from_afar(replace(VERDICT, look=Look(max_zoom=zoom)), SMALL, ReviewPlan(look_closer_px=12))
    assert refused.value.remedy == "zoom in (9) and judge again"


def test_a_terminal_shows_no_picture_so_small_text_is_left_to_the_desk():
    with pytest.raises(DecisionRefused, match="a terminal shows no picture") as refused:
        refuse_from_afar(replace(VERDICT, side_a=None), SMALL, ReviewPlan(look_closer_px=12))
    assert "Review page" in refused.value.remedy
    refuse_from_afar(replace(VERDICT, side_a=None), SMALL, ReviewPlan())


def test_text_that_was_seen_at_one_to_one_is_judged():
    refuse_from_afar(replace(VERDICT, look=Look(max_zoom=1.0)), SMALL, ReviewPlan(look_closer_px=12))


def drawn(arm: Arm, status: RenderStatus = RenderStatus.DONE) -> Render:
    return Render(
        id=arm.value,
        pair_id="p",
        arm=arm,
        recipe=recipe(SUITE.cases[0], 1, arm),
        status=status,
        digest=f"{arm}-digest" if status is RenderStatus.DONE else None,
        created_at=NOW,
    )


def test_a_pair_is_judged_only_when_both_pictures_are_there():
    both = {arm: drawn(arm) for arm in Arm}
    refuse_unfinished("p", both, missing={"another"})
    failed = both | {Arm.CANDIDATE: drawn(Arm.CANDIDATE, RenderStatus.FAILED)}
    for renders, held in (({}, 0), ({Arm.BASELINE: both[Arm.BASELINE]}, 1), (failed, 1)):
        with pytest.raises(InvalidRequest, match=f"expected two pictures to judge, got {held}"):
            refuse_unfinished("p", renders, missing=())


@pytest.mark.parametrize("arm", [*Arm])
def test_a_pair_with_a_missing_file_is_not_judged_and_the_refusal_tells_no_arm(arm):
    both = {one: drawn(one) for one in Arm}
    with pytest.raises(InvalidRequest, match="a picture of this pair is missing") as refused:
        refuse_unfinished("p", both, missing={f"{arm}-digest"})
    assert arm not in f"{refused.value} {refused.value.remedy}"


@pytest.mark.parametrize("state", [*RolloutState])
def test_a_verdict_counts_from_the_start_until_the_decision(state):
    assert use_of_verdicts(state, started=False) is VerdictUse.TOO_EARLY
    counts = VerdictUse.EVIDENCE if state is RolloutState.COLLECTING else VerdictUse.TOO_LATE
    assert use_of_verdicts(state, started=True) is counts


def test_a_pair_is_asked_by_ones_own_judgement_and_a_control_by_its_uuid():
    control = replace(VERDICT, uuid="c", purpose=Purpose.REPEAT)
    theirs = replace(VERDICT, uuid="t", reviewer="ben")
    second = replace(VERDICT, purpose=Purpose.OVERLAP)
    assert own_verdict([control, theirs], "ana") is None
    assert own_verdict([theirs, control, second], "ana") is second
    assert own_verdict([theirs, control, second], "ana", uuid="c") is control
    assert own_verdict([theirs, control, second], "ana", uuid="t") is None
    assert own_verdict([theirs, control, second], "Ana") is second, "another spelling is no other person"
