"""What the review desk asks for and gets: filters, counts, and pairs without a word about their models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.records.cases import ExpectedText
from core.records.renders import Arm
from core.records.reviews import Outcome, Purpose


class QueueView(StrEnum):
    """Which pairs of a run a reviewer looks at."""

    UNJUDGED = "unjudged"
    """Not judged by me yet; those I put off come last."""
    MINE = "mine"
    """Judged by me."""
    DISAGREEMENT = "disagreement"
    """Two reviewers see it differently."""
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Narrows the queue; every part that is given must hold."""

    run_id: str | None = None
    view: QueueView = QueueView.UNJUDGED
    tag: str | None = None
    failed_check: str | None = None
    """Name of a check that found a breach on the pair or could not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One side as the blind page may know it: pixels by digest, size and mode, nothing else."""

    digest: str
    width: int
    height: int
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """What a reviewer was given to judge, as the server knows it; it never reaches the page."""

    task: str
    pair_id: str
    reviewer: str
    """By key (:func:`core.access.person.person_key`), never as the name is spelled."""
    purpose: Purpose
    side_a: Arm
    """The arm shown as A; on a pair of equals it is the name under which A's picture counts."""
    handed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """A pair to judge. Which arm is A stays with the server until the verdict is in."""

    task: str
    """A random word that names the handout: the page sends it back with the verdict."""
    pair_id: str
    run_id: str
    place: int
    """Place in the run's order of review, from 1."""
    prompt: str
    tags: tuple[str, ...]
    expected_text: tuple[ExpectedText, ...]
    a: Shown
    b: Shown
    skipped: bool = False
    outcome: Outcome | None = None
    """This reviewer's own verdict, once it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCounts:
    """How many pairs each filter holds for one reviewer."""

    total: int
    """Pairs that can be shown (both renders are done)."""
    coming: int
    """Pairs that are still being rendered."""
    unjudged: int
    mine: int
    skipped: int
    disagreement: int
    tags: Mapping[str, int] = field(default_factory=dict)
    failed_checks: Mapping[str, int] = field(default_factory=dict)
