"""Labels for a whole filter of pairs at once: how many at most, on which renders, and what the events say.

Labels are given to renders, not to models: both renders of a pair, or the one that the reviewer preferred.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from core.errors import DecisionRefused
from core.records import Arm, QueueItem, TriageEvent, TriageLabel

CAP: Final = 200
"""Pairs that one action may label: more than a person can have looked at in one go."""


class Chosen(StrEnum):
    """Which renders of a pair are labelled."""

    BOTH = "both"
    PREFERRED = "preferred"
    """The one this reviewer found better; pairs without such a verdict are left out."""


def refuse_other_number(holds: int, confirmed: int) -> None:
    """Refuse to label another number of pairs than was confirmed, or more than a reviewer can have seen.

    Raises:
        DecisionRefused: the filter holds more than the cap, or another number than was confirmed.
    """
    if holds > CAP or holds != confirmed:
        raise DecisionRefused(
            f"expected the {confirmed} pairs you confirmed (at most {CAP}), but the filter now holds {holds}",
            remedy="look again, or narrow the filter",
        )


def is_preference(item: QueueItem) -> bool:
    """Whether the reviewer's own verdict on the pair prefers one of its renders."""
    return item.outcome is not None and item.outcome.arm is not None


def preferred(item: QueueItem, side_a: Arm) -> str:
    """Digest of the render that the reviewer found better; ``side_a`` is the arm that was A."""
    return item.a.digest if item.outcome == side_a.value else item.b.digest


def labels(
    digests: Collection[str], *, case_digest: str, label: TriageLabel, batch: str, by: str, now: datetime
) -> list[TriageEvent]:
    """The events that label some renders of a case; the same batch gives the same events."""
    return [
        TriageEvent(
            uuid=str(uuid5(NAMESPACE_URL, f"{batch}:{case_digest}:{digest}")),
            case_digest=case_digest,
            render_digest=digest,
            label_before=TriageLabel.UNTRIAGED,
            label_after=label,
            by=by,
            note="labelled with the whole filter",
            created_at=now,
        )
        for digest in sorted(digests)
    ]


def undo_uuid(event_uuid: str) -> str:
    """The uuid of the event that takes a label back: the same for the same label, so twice is once."""
    return str(uuid5(NAMESPACE_URL, f"undo:{event_uuid}"))
