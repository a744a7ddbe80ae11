"""How far review has come: the rows that the queue's fold keeps of the events, as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.records.renders import Arm
from core.records.reviews import Outcome, Purpose


class UnitState(StrEnum):
    """Whether a unit (one case of a run) still waits for verdicts."""

    WAITING = "waiting"
    """No pair of it can be shown; only the queue tells it from an open one."""
    OPEN = "open"
    CLOSED = "closed"
    """It has the K verdicts that count."""
    EXPIRED = "expired"
    """The deadline passed, or nothing could be shown: missing, not undecided. Follows from the clock and is
    never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedVote:
    """A verdict that counts for its unit."""

    uuid: str
    pair_id: str
    reviewer: str
    """As :func:`core.access.person.person_key` gives it."""
    side_a: Arm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewUnit:
    """One case of a run in review."""

    run_id: str
    case_digest: str
    place: int
    """Place in the order of review, from 0."""
    state: UnitState = UnitState.WAITING
    ready_pairs: int = 0
    """Pairs (seeds) of it that can be shown."""
    votes: tuple[CountedVote, ...] = ()
    """In the order they came in; at most K."""
    first_judged_at: datetime | None = None
    """Earliest verdict that is no pair of equals, by the clocks of the processes; belonging never asks it."""
    first_judged_ordinal: int | None = None
    """Ordinal of the first verdict that is no pair of equals. Not above the start's ``last_verdict``: the
    case is no unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingVerdict:
    """A verdict that was not taken back, or was taken back too late and goes on counting."""

    pair_id: str
    reviewer: str
    """As :func:`core.access.person.person_key` gives it."""
    slot: str
    """Judgements share one slot, each kind of hidden control has its own; a verdict that was taken back too
    late has its uuid, so that the pair can be judged again."""
    uuid: str
    run_id: str
    case_digest: str
    place: int
    """Of its unit in the order of review."""
    purpose: Purpose
    outcome: Outcome
    taken_back: bool = False
    counts: bool = False
    """Whether it is one of its unit's votes."""
    wants_second: bool = False
    """Whether it counts, its unit is closed, and nobody was asked for a second opinion on the pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReview:
    """What review keeps of one pair."""

    pair_id: str
    run_id: str
    case_digest: str
    ready: bool = False
    """Both renders are done, and neither picture is missing."""
    overlapped: bool = False
    """A second opinion was given once, whether or not it was taken back."""
    disputed: bool = False
    """Standing judgements of it differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerDesk:
    """What one reviewer has done in one run."""

    run_id: str
    reviewer: str
    """As :func:`core.access.person.person_key` gives it."""
    turns: int = 0
    """Verdicts ever cast, controls and those taken back included."""
    gold: int = 0
    """Of these, verdicts on pairs with a known answer."""
    judged: int = 0
    """Of these, first judgements of a pair whose sides were shown: what a hidden repeat may bring back."""
    last_cast: str | None = None
    """The uuid of the latest verdict: what can be taken back although it closed its unit."""
    standing: int = 0
    """Judgements that stand."""
    named: int = 0
    """Pairs that can be shown, not judged, of which the reviewer knows a name: not to be judged blind."""
