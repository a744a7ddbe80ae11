"""Between what is stored and what a reviewer sees: arms there, sides A and B here, drawn by lot for each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.records import Arm, Outcome, Pin, Purpose, QueueItem, ReviewPlan, Side, VerdictEvent
from pages.routes import fields

NO_WISHES = ReviewPlan()


def item_for_page(item: QueueItem, plan: ReviewPlan = NO_WISHES) -> dict[str, Any]:
    """A queue item as the page gets it; its own verdict, said by arms, stays here."""
    words = asdict(item)
    words["judged"] = words.pop("outcome") is not None
    words["needs_one_to_one"] = needs_one_to_one(item, plan)
    return words


def needs_one_to_one(item: QueueItem, plan: ReviewPlan) -> bool:
    """Whether the plan wants this pair seen pixel for pixel before a verdict: it has small lettering."""
    heights = [line.letter_height_px for line in item.expected_text if line.letter_height_px is not None]
    return any(height <= plan.look_closer_px for height in heights)


def outcome_of(word: str, side_a: Arm) -> Outcome:
    """An outcome said by sides (``a``, ``b``, ``tie``, …), turned back into arms."""
    if word in (Side.A, Side.B):
        return Outcome(side_a if word == Side.A else side_a.other)
    return fields.member(Outcome, word, "outcome", refused=(Outcome.BASELINE, Outcome.CANDIDATE))


def outcome_by_side(outcome: Outcome, side_a: Arm) -> str:
    """An outcome said by arms, as the page says it.

    >>> outcome_by_side(Outcome.CANDIDATE, Arm.BASELINE), outcome_by_side(Outcome.TIE, Arm.BASELINE)
    ('b', 'tie')
    """
    if outcome in (Outcome.BASELINE, Outcome.CANDIDATE):
        return Side.A.value if outcome == side_a.value else Side.B.value
    return outcome.value


def sides_of(verdict: VerdictEvent) -> tuple[Arm, Arm]:
    """Which arms were shown as A and B; in a pair of equals both are the same."""
    side_a = verdict.side_a or Arm.BASELINE
    return side_a, side_a if verdict.purpose is Purpose.SAME else side_a.other


def verdict_for_page(verdict: VerdictEvent) -> dict[str, Any]:
    """A verdict as its reviewer said it: by sides."""
    side_a, _ = sides_of(verdict)
    return {
        "uuid": verdict.uuid,
        "outcome": outcome_by_side(verdict.outcome or Outcome.CANT_JUDGE, side_a),
        "reasons": list(verdict.reasons),
        "comment": verdict.comment,
        "pins": [_pin_for_page(pin, side_a) for pin in verdict.pins],
    }


def _pin_for_page(pin: Pin, side_a: Arm) -> dict[str, Any]:
    words = asdict(pin)
    arm = words.pop("arm")
    return {**words, "side": None if arm is None else "a" if arm == side_a else "b"}
