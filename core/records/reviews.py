"""What people say: blind verdicts, pins, triage and the golden set they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.records.renders import Arm


class Outcome(StrEnum):
    """A verdict after the sides were turned back into arms."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"
    TIE = "tie"
    BOTH_BAD = "both_bad"
    CANT_JUDGE = "cant_judge"


class Side(StrEnum):
    """What a reviewer sees: A is shown left (or first), B right."""

    A = "a"
    B = "b"


class Reason(StrEnum):
    """Why a reviewer preferred or refused an image."""

    TYPOGRAPHY = "typography"
    ALPHA = "alpha"
    COLOUR = "colour"
    COMPOSITION = "composition"
    ARTEFACT = "artefact"
    BRAND = "brand"


class Purpose(StrEnum):
    """What a verdict is used for; only EVIDENCE ever enters the preference gate."""

    EVIDENCE = "evidence"
    OVERLAP = "overlap"
    """A second reviewer on the same pair: agreement."""
    SAME = "same"
    """Both sides show the same render: bias and noise."""
    REPEAT = "repeat"
    """The reviewer's own earlier pair with swapped sides: consistency."""
    GOLD = "gold"
    """A pair with a known answer: qualification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A point (width and height 0) or a box on one image, with a tag and words.

    Coordinates are fractions of the image, 0–1, so that they hold at every zoom.
    """

    arm: Arm | None
    """None when both images are meant."""
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    reason: Reason | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the reviewer looked before judging."""

    dwell_ms: int = 0
    modes: tuple[str, ...] = ()
    max_zoom: float = 0.0
    """Device pixels per image pixel; 1.0 is a 1:1 view."""
    acknowledged_size_difference: bool = False


class VerdictAction(StrEnum):
    """A verdict is never changed: it is cast, and it may be taken back by a later event."""

    CAST = "cast"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictEvent:
    """One event in the history of verdicts. The uuid makes a repeated delivery harmless."""

    uuid: str
    action: VerdictAction
    pair_id: str
    reviewer: str
    outcome: Outcome | None = None
    """None for an undo."""
    side_a: Arm | None = None
    """The arm that was shown as A; None when it was not shown in the desk (a terminal)."""
    purpose: Purpose = Purpose.EVIDENCE
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    pins: tuple[Pin, ...] = ()
    look: Look = Look()
    undoes: str | None = None
    """The uuid of the verdict that an undo takes back."""
    created_at: datetime


class TriageLabel(StrEnum):
    """Label of a render's pixels for a case; an image nobody has seen is untriaged."""

    UNTRIAGED = "untriaged"
    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageEvent:
    """A change of label, with the label before it, so that it can be undone."""

    uuid: str
    case_digest: str
    render_digest: str
    label_before: TriageLabel
    label_after: TriageLabel
    by: str
    """A reviewer, or ``rule:<name>`` for an automatic promotion."""
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenEntry:
    """One accepted or rejected image of a case inside a frozen version."""

    case_digest: str
    case_name: str
    render_digest: str
    recipe_digest: str | None
    label: TriageLabel
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenVersion:
    """A numbered, frozen golden set."""

    number: int
    digest: str
    entries: tuple[GoldenEntry, ...]
    frozen_by: str
    note: str = ""
    created_at: datetime
