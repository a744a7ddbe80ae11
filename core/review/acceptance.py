"""Which verdict is taken: both pictures are there, small text was seen at 1:1; and what it then counts for.

That a reviewer who has seen the names is refused, and that a second verdict changes nothing, is decided in
the transaction that stores the verdict: :mod:`db.verdicts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from core.access.person import same_person
from core.errors import DecisionRefused, InvalidRequest
from core.records import (
    Arm,
    ExpectedText,
    Render,
    RenderStatus,
    ReviewPlan,
    RolloutState,
    VerdictEvent,
)

ONE_TO_ONE = 1.0
"""Device pixels per image pixel: the least magnification at which no pixel of lettering is lost."""


PICTURE_MISSING = "a picture of this pair is missing; the pair comes back when it is drawn again"


class VerdictUse(StrEnum):
    """What a verdict given now is to the rollout of its run."""

    EVIDENCE = "evidence"
    TOO_EARLY = "too_early"
    """The rollout is not started yet."""
    TOO_LATE = "too_late"
    """The rollout is decided."""
    UNKNOWN = "unknown"
    """The pairs are of no one run."""


def use_of_verdicts(state: RolloutState, *, started: bool) -> VerdictUse:
    """What a verdict given now is to a rollout in this state."""
    if not started:
        return VerdictUse.TOO_EARLY
    return VerdictUse.EVIDENCE if state is RolloutState.COLLECTING else VerdictUse.TOO_LATE


def needs_one_to_one(lines: Iterable[ExpectedText], plan: ReviewPlan) -> bool:
    """Whether the plan wants a case with these lines seen pixel for pixel: it has small lettering."""
    heights = [line.letter_height_px for line in lines if line.letter_height_px is not None]
    return any(height <= plan.look_closer_px for height in heights)


def refuse_from_afar(verdict: VerdictEvent, lines: Iterable[ExpectedText], plan: ReviewPlan) -> None:
    """Refuse a verdict on small lettering that was not seen at 1:1.

    Args:
        lines: the expected lines of the pair's case.
        plan: the plan of the pair's run.

    Raises:
        DecisionRefused: the plan wants these lines seen at 1:1; the reviewer stayed farther away, or judged
            at a terminal, where no picture is shown.
    """
    if verdict.look.max_zoom >= ONE_TO_ONE or not needs_one_to_one(lines, plan):
        return
    if verdict.side_a is None:
        raise DecisionRefused(
            "small text: expected a look at 1:1, and a terminal shows no picture",
            remedy="judge this pair on the Review page",
        )
    raise DecisionRefused(
        f"small text: expected a look at 1:1, got {verdict.look.max_zoom:g}:1",
        remedy="zoom in (9) and judge again",
    )


def refuse_unfinished(pair_id: str, renders: Mapping[Arm, Render], *, missing: Collection[str]) -> None:
    """Refuse a pair that no reviewer can have seen whole.

    Args:
        renders: the latest render of each arm.
        missing: digests of the pictures whose files are missing.

    Raises:
        InvalidRequest: one of its two pictures was not drawn, or is missing.
    """
    drawn = [arm for arm, render in renders.items() if render.status is RenderStatus.DONE]
    if len(drawn) < len(Arm):
        raise InvalidRequest(f"{pair_id}: expected two pictures to judge, got {len(drawn)}")
    if any(render.digest in missing for render in renders.values()):
        raise InvalidRequest(f"{pair_id}: {PICTURE_MISSING}", remedy="go on with the next pair")


def own_verdict(
    standing: Sequence[VerdictEvent], reviewer: str, *, uuid: str | None = None
) -> VerdictEvent | None:
    """A reviewer's verdict among those that stand on a pair: the one with the uuid, else the judgement.

    Hidden controls are found by their uuid alone.
    """
    mine = [event for event in standing if same_person(event.reviewer, reviewer)]
    if uuid is not None:
        return next((event for event in mine if event.uuid == uuid), None)
    return next((event for event in mine if event.purpose.is_judgement), None)
