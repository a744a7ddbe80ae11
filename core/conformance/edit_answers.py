"""Judges edits by :mod:`core.checks.measures.edits`, beside another model's of the same pictures.

An edit that could not be made is *not done*, never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.checks.card import Finding
from core.checks.measures import edits
from core.checks.pair import PairToExamine
from core.conformance.edit_cases import EditKind, EditMade, EditNotMade, Made
from core.records import Arm, Failure


class EditOutcome(StrEnum):
    """What came of an edit."""

    KEPT = "kept"
    """It changed what it was asked to change and nothing else."""
    BROKEN = "broken"
    MEASURED = "measured"
    """A drift that has no other model's to be compared with."""
    NOT_DONE = "not done"
    """Refused, or impossible for this model: nothing was learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPromise:
    """What an edit must hold to be kept."""

    drift_levels: float
    """By how many of 255 levels a second edit may drift more than the other model's."""
    alpha_iou: float
    """Least overlap of the masks before and after upscaling, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAnswer:
    """The judgement of one edit, in words."""

    source: str
    kind: EditKind
    outcome: EditOutcome
    got: str
    latency_ms: float | None


def judge_edits(
    made: Sequence[Made], against: Sequence[Made] = (), *, promise: EditPromise
) -> list[EditAnswer]:
    """An answer for each edit; ``against`` are the other model's of the same sources, in the same order."""
    others: Sequence[Made | None] = against or [None] * len(made)
    return [_judged(one, other, promise) for one, other in zip(made, others, strict=True)]


def _judged(made: Made, other: Made | None, promise: EditPromise) -> EditAnswer:
    name, kind = made.source.name, made.kind
    if isinstance(made, EditNotMade):
        got = _words(made.failure)
        return EditAnswer(source=name, kind=kind, outcome=EditOutcome.NOT_DONE, got=got, latency_ms=None)
    other = other if kind is EditKind.IMAGE_TO_IMAGE else None  # the only one that compares two models
    outcome, got = _JUDGES[kind](made, _found(made, other), promise)
    if isinstance(other, EditNotMade):
        outcome, got = EditOutcome.NOT_DONE, f"{got}; the other model's: {_words(other.failure)}"
    return EditAnswer(source=name, kind=kind, outcome=outcome, got=got, latency_ms=made.latency_ms)


def _words(failure: Failure) -> str:
    return f"{failure.error}: {failure.message}"


def _found(made: EditMade, other: Made | None) -> dict[str, Finding]:
    """What the check says of the model's edit (and of both), by metric."""
    edited = {Arm.CANDIDATE: made} | ({Arm.BASELINE: other} if isinstance(other, EditMade) else {})
    pair = PairToExamine(
        pair_id="edit",
        case=made.source.case,
        baseline=edited[Arm.BASELINE].image if Arm.BASELINE in edited else None,
        candidate=made.image,
        edits={arm: one.edit for arm, one in edited.items()},
    )
    return {f.metric: f for f in edits.findings_of(pair) if f.arm is not Arm.BASELINE}


JudgedEdit = tuple[EditOutcome, str]


def _judge_drift(made: EditMade, found: dict[str, Finding], promise: EditPromise) -> JudgedEdit:
    drift, increase = found["second_edit_drift"], found["drift_increase"]
    if increase.value is None:
        return EditOutcome.MEASURED, drift.reason
    kept = increase.value <= promise.drift_levels
    got = f"{drift.reason}, {increase.value:+.2f} beside the other model's"
    return (EditOutcome.KEPT if kept else EditOutcome.BROKEN), got


def _judge_outside(made: EditMade, found: dict[str, Finding], promise: EditPromise) -> JudgedEdit:
    outside = found["outside_changed"]
    got = outside.reason
    if outside.value == 0 and made.raw_changed:
        got += f"; the pipeline itself had changed {made.raw_changed:,} pixels there"
    return (EditOutcome.KEPT if outside.value == 0 else EditOutcome.BROKEN), got


def _judge_upscaled(made: EditMade, found: dict[str, Finding], promise: EditPromise) -> JudgedEdit:
    text, alpha = found["upscaled_text_kept"], found["upscaled_alpha_iou"]
    if made.source.case.expected_text and text.value is None:
        return EditOutcome.NOT_DONE, f"{text.reason}; {alpha.reason}"
    text_kept = text.value in (None, 1)
    alpha_kept = alpha.value is not None and alpha.value >= promise.alpha_iou
    outcome = EditOutcome.KEPT if text_kept and alpha_kept else EditOutcome.BROKEN
    return outcome, f"{text.reason}; {alpha.reason}"


_JUDGES: dict[EditKind, Callable[[EditMade, dict[str, Finding], EditPromise], JudgedEdit]] = {
    EditKind.IMAGE_TO_IMAGE: _judge_drift,
    EditKind.INPAINT: _judge_outside,
    EditKind.UPSCALE: _judge_upscaled,
}
