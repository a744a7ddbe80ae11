"""Labels for a whole filter: which render of a pair is labelled, and what the events say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from core.records import Arm, Outcome, QueueItem, Shown, TriageEvent, TriageLabel
from core.review.bulk import is_preference, labels, preferred, undo_uuid

NOW: Final = datetime(2026, 3, 3, tzinfo=UTC)
A, B = (Shown(digest=letter * 64, width=8, height=8, mode="RGB") for letter in "ab")
ITEM: Final = QueueItem(
    task="t", pair_id="p", run_id="r", place=1, prompt="a star", tags=(), expected_text=(), a=A, b=B
)


@pytest.mark.parametrize(
    ("outcome", "prefers"),
    [
        (None, False),
        (Outcome.TIE, False),
        (Outcome.BOTH_BAD, False),
        (Outcome.CANT_JUDGE, False),
        (Outcome.BASELINE, True),
        (Outcome.CANDIDATE, True),
    ],
)
def test_only_a_verdict_for_one_arm_prefers_a_render(outcome: Outcome | None, prefers: bool) -> None:
    assert is_preference(replace(ITEM, outcome=outcome)) is prefers


@pytest.mark.parametrize(
    ("outcome", "side_a", "picture"),
    [
        (Outcome.BASELINE, Arm.BASELINE, A),
        (Outcome.BASELINE, Arm.CANDIDATE, B),
        (Outcome.CANDIDATE, Arm.CANDIDATE, A),
        (Outcome.CANDIDATE, Arm.BASELINE, B),
    ],
)
def test_the_preferred_render_is_that_of_the_side_its_arm_was_on(
    outcome: Outcome, side_a: Arm, picture: Shown
) -> None:
    assert preferred(replace(ITEM, outcome=outcome), side_a) == picture.digest


def told(batch: str) -> list[TriageEvent]:
    """The events of two renders of one case."""
    return labels(
        [B.digest, A.digest],
        case_digest="case_1",
        label=TriageLabel.NEGATIVE,
        batch=batch,
        by="lea",
        now=NOW,
    )


def test_each_render_gets_one_event_and_the_same_batch_the_same_events() -> None:
    first, second = told("batch")
    assert (first.render_digest, second.render_digest) == (A.digest, B.digest)
    assert first.uuid != second.uuid
    assert first == TriageEvent(
        uuid=first.uuid,
        case_digest="case_1",
        render_digest=A.digest,
        label_before=TriageLabel.UNTRIAGED,
        label_after=TriageLabel.NEGATIVE,
        by="lea",
        note="labelled with the whole filter",
        created_at=NOW,
    )
    assert told("batch") == [first, second]
    assert {event.uuid for event in told("another")}.isdisjoint({first.uuid, second.uuid})


def test_a_label_is_taken_back_once() -> None:
    assert undo_uuid("one") == undo_uuid("one") != undo_uuid("another")
