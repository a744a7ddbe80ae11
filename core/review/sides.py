"""Between what is stored and what a reviewer sees: arms there, sides A and B here, drawn by lot for each.

Until the verdict is in, nothing else may leave for the reviewer's screen: :func:`as_seen` and :func:`as_said`
are the only words about a blind pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from core.errors import InvalidRequest
from core.records import (
    Arm,
    Handout,
    Look,
    Outcome,
    Pin,
    QueueItem,
    Reason,
    Side,
    VerdictAction,
    VerdictEvent,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SidedPin:
    """A pin as its reviewer set it: on side A, on side B, or (None) on both."""

    side: Side | None
    pin: Pin
    """Where it is; its arm is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A verdict as the desk sends it: said by sides, for a task."""

    uuid: str
    task: str
    outcome: str
    """``a``, ``b``, or an outcome that prefers neither."""
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    pins: tuple[SidedPin, ...] = ()
    look: Look = field(default_factory=Look)


def event_of(ballot: Ballot, handout: Handout, *, reviewer: str, now: datetime) -> VerdictEvent:
    """The verdict of a ballot, said by arms: the handout knows which arm was A.

    Raises:
        InvalidRequest: the outcome is none that can be said by sides.
    """
    return VerdictEvent(
        uuid=ballot.uuid,
        action=VerdictAction.CAST,
        pair_id=handout.pair_id,
        reviewer=reviewer,
        outcome=outcome_of(ballot.outcome, handout.side_a),
        side_a=handout.side_a,
        purpose=handout.purpose,
        reasons=ballot.reasons,
        comment=ballot.comment,
        pins=tuple(replace(one.pin, arm=arm_of(one.side, handout.side_a)) for one in ballot.pins),
        look=ballot.look,
        created_at=now,
    )


def outcome_of(word: str, side_a: Arm) -> Outcome:
    """An outcome said by sides (``a``, ``b``, ``tie``, …), turned back into arms.

    Raises:
        InvalidRequest: for any other word, the arms' own names included.
    """
    if word in (Side.A, Side.B):
        return Outcome(arm_of(Side(word), side_a) or side_a)
    neither = [outcome for outcome in Outcome if outcome.arm is None]
    if word not in neither:
        known = ", ".join([*Side, *neither])
        raise InvalidRequest(f"outcome: expected one of {known}, got {word[:60]!r}")
    return Outcome(word)


def outcome_by_side(outcome: Outcome, side_a: Arm) -> str:
    """An outcome said by arms, as its reviewer said it.

    >>> outcome_by_side(Outcome.CANDIDATE, Arm.BASELINE), outcome_by_side(Outcome.TIE, Arm.BASELINE)
    ('b', 'tie')
    """
    side = side_of(outcome.arm, side_a)
    return outcome.value if side is None else side.value


def arm_of(side: Side | None, side_a: Arm) -> Arm | None:
    """The arm that was shown on a side; None stands for both."""
    return None if side is None else side_a if side is Side.A else side_a.other


def side_of(arm: Arm | None, side_a: Arm) -> Side | None:
    """The side on which an arm was shown; None stands for both."""
    return None if arm is None else Side.A if arm is side_a else Side.B


def sides_of(verdict: VerdictEvent) -> tuple[Arm, Arm]:
    """Which arms were shown as A and B; in a pair of equals both are the same."""
    side_a = verdict.side_a or Arm.BASELINE
    return side_a, side_a if verdict.purpose.shows_one_picture_twice else side_a.other


def as_seen(item: QueueItem, *, needs_one_to_one: bool = False) -> dict[str, Any]:
    """A pair as its reviewer may see it; the reviewer's own verdict, said by arms, stays here."""
    words = asdict(item)
    words["judged"] = words.pop("outcome") is not None
    words["needs_one_to_one"] = needs_one_to_one
    return words


def as_said(verdict: VerdictEvent) -> dict[str, Any]:
    """A verdict as its reviewer said it: by sides."""
    side_a, _ = sides_of(verdict)
    return {
        "uuid": verdict.uuid,
        "outcome": outcome_by_side(verdict.outcome or Outcome.CANT_JUDGE, side_a),
        "reasons": list(verdict.reasons),
        "comment": verdict.comment,
        "pins": _pins_as_said(verdict.pins, side_a),
    }


def _pins_as_said(pins: Sequence[Pin], side_a: Arm) -> list[dict[str, Any]]:
    words = [asdict(pin) for pin in pins]
    return [one | {"side": side_of(one.pop("arm"), side_a)} for one in words]
