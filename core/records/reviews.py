"""What people say: blind verdicts, pins, triage and the golden set they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.records.renders import Arm

JUDGED: Final = "judged"
"""The slot of real judgements; each kind of hidden control has its purpose as slot."""


class Outcome(StrEnum):
    """A verdict after the sides were turned back into arms: its word, its label on screen, its score."""

    BASELINE = "baseline", "Baseline", 0.0
    CANDIDATE = "candidate", "Candidate", 1.0
    TIE = "tie", "Tie", 0.5
    BOTH_BAD = "both_bad", "Both bad", 0.5
    CANT_JUDGE = "cant_judge", "Can't judge", None

    label: str
    """How a page or a report names it."""
    score: float | None
    """The candidate's score in the preference test, 0–1; None: the verdict is no vote at all."""

    def __new__(cls, word: str, label: str = "", score: float | None = None) -> Outcome:
        """A member of the table above; ``Outcome("tie")`` looks one up."""
        member = str.__new__(cls, word)
        member._value_, member.label, member.score = word, label, score
        return member

    @property
    def is_vote(self) -> bool:
        """Whether it counts in the preference test and in agreement; ``can't judge`` does not."""
        return self.score is not None

    @property
    def arm(self) -> Arm | None:
        """The arm that was preferred; None when neither was."""
        return next((arm for arm in Arm if arm.value == self.value), None)

    @property
    def refuses_both(self) -> bool:
        """Whether neither picture is good enough."""
        return self is Outcome.BOTH_BAD


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
    """What a verdict is used for: a judgement of the pair, or a hidden control of the reviewer."""

    EVIDENCE = "evidence"
    """A first judgement: the only purpose that enters the preference gate."""
    OVERLAP = "overlap"
    """A second reviewer on the same pair: agreement."""
    SAME = "same"
    """Both sides show the same render: bias and noise."""
    REPEAT = "repeat"
    """The reviewer's own earlier pair with swapped sides: consistency."""
    GOLD = "gold"
    """A pair with a known answer: qualification."""

    @classmethod
    def of_slot(cls, slot: str) -> Purpose:
        """The purpose that a handout of this slot starts with: the inverse of :attr:`slot`.

        Raises:
            ValueError: no purpose has this slot.
        """
        return cls.EVIDENCE if slot == JUDGED else cls(slot)

    @property
    def slot(self) -> str:
        """Judgements share one slot per pair and reviewer; each kind of hidden control has its own."""
        return JUDGED if self.is_judgement else self.value

    def given(self, *, closed: bool) -> Purpose:
        """What it is for when the verdict arrives: on a closed unit a judgement is a second opinion."""
        return Purpose.OVERLAP if closed and self.counts else self

    @property
    def counts(self) -> bool:
        """Whether its verdicts close units and enter the preference gate."""
        return self is Purpose.EVIDENCE

    @property
    def is_judgement(self) -> bool:
        """Whether it asks what the reviewer thinks of the pair: worth nothing once the names are known."""
        return self in (Purpose.EVIDENCE, Purpose.OVERLAP)

    @property
    def is_control(self) -> bool:
        """Whether it is about the reviewer: hidden, in a slot of its own, never evidence about a model."""
        return not self.is_judgement

    @property
    def is_for_agreement(self) -> bool:
        """Whether a pair that is already decided is judged once more, by another reviewer."""
        return self is Purpose.OVERLAP

    @property
    def shows_one_picture_twice(self) -> bool:
        """Whether A and B are the same picture: it tells nothing about the models."""
        return self is Purpose.SAME

    @property
    def repeats_own_verdict(self) -> bool:
        """Whether it shows a pair that the reviewer has judged before."""
        return self is Purpose.REPEAT

    @property
    def has_known_answer(self) -> bool:
        """Whether the right outcome is known; such verdicts follow the reviewer through all runs."""
        return self is Purpose.GOLD


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
    """Label of a render's pixels for a case; an image without one is untriaged."""

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
