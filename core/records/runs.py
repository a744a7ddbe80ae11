"""What is drawn and by whom: runs with their pairs, and the queue of jobs that workers take from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.records.renders import Arm, Failure


class RunKind(StrEnum):
    """Why a run exists: its word, and how a page names it."""

    SUITE = "suite", "suite"
    """A suite on two models: evidence for a rollout."""
    COMPARE = "compare", "comparison"
    """One prompt, asked for on the Compare page."""
    NOISE_FLOOR = "noise_floor", "noise floor"
    """A model against itself, to calibrate distances."""

    label: str
    """Its name on screen, in lower case."""

    def __new__(cls, word: str, label: str = "") -> RunKind:
        """A member of the table above; ``RunKind("suite")`` looks one up."""
        member = str.__new__(cls, word)
        member._value_, member.label = word, label
        return member

    @property
    def is_reviewed(self) -> bool:
        """Whether its pairs are shown to reviewers: one model against itself has nothing to judge."""
        return self is not RunKind.NOISE_FLOOR

    @property
    def leads_to_rollout(self) -> bool:
        """Whether a rollout may be decided on it: its blindness is worth protecting."""
        return self is RunKind.SUITE

    @property
    def counts_as_attempt(self) -> bool:
        """Whether it is one more attempt of this candidate digest against this baseline digest."""
        return self is RunKind.SUITE

    @property
    def keeps_suite(self) -> bool:
        """Whether its suite has a name of its own and is kept; one prompt on the spot is none."""
        return self is not RunKind.COMPARE

    @property
    def is_waited_for(self) -> bool:
        """Whether a page waits for it, so that its jobs go before all others."""
        return self is RunKind.COMPARE

    @property
    def measures_other_seeds(self) -> bool:
        """Whether a render is also compared with the one of another seed, to calibrate distances."""
        return self is RunKind.NOISE_FLOOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPlan:
    """How verdicts are collected; frozen with the run, before the first verdict."""

    order_seed: int = 0
    """Seed of the random permutation in which units are reviewed."""
    max_units: int = 400
    """N_max: the number of prompts at which the one final test is made."""
    votes_per_unit: int = 1
    """K: verdicts that close a unit."""
    mode: str = "superiority"
    """``superiority`` or ``non_inferiority``."""
    margin: float = 0.075
    """Distance from 1/2 of the other hypothesis, in win probability."""
    overlap_share: float = 0.10
    """Share of pairs judged by a second reviewer, for agreement only."""
    control_share: float = 0.10
    """Share of hidden gold, repeated and A/A pairs, for reviewer quality only."""
    look_closer_px: int = 0
    """Cases with lettering of at most this height must be seen at 1:1 before a verdict counts; 0: never."""
    deadline_days: int = 30
    """Days after the run was asked for at which units without their verdicts expire: a clock that no verdict
    can move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A batch of pairs of one baseline against one candidate. The same request is the same run."""

    id: str
    kind: RunKind
    suite: str
    suite_digest: str
    baseline: str
    candidate: str
    baseline_digest: str
    candidate_digest: str
    seeds: tuple[int, ...]
    plan: ReviewPlan
    attempt: int = 1
    """1 for the first rollout of this candidate digest against this baseline digest, then 2, 3, …"""
    requested_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One case and seed, rendered on both arms."""

    id: str
    run_id: str
    case_digest: str
    case_name: str
    seed: int
    position: int
    """Place in the run, from 0."""
    noise_shared: bool | None = None
    """Whether both arms started from identical latents; None until both are rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesMet:
    """How many pairs of a run hold a picture that lies in another run as well: reviewers may know it."""

    pairs: int
    of: int
    """All pairs of the run."""
    runs: tuple[Run, ...]
    """The other runs, oldest first."""


class JobKind(StrEnum):
    """What the worker is asked to do."""

    PAIR = "pair"
    REPLAY = "replay"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """At least one arm ended in a failure; the renders say which and why."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A unit of work in the queue, held by a lease so that a killed worker loses nothing."""

    id: str
    kind: JobKind
    subject_id: str
    """The pair id, or the render id for a replay."""
    run_id: str | None
    state: JobState
    attempts: int = 0
    worker: str | None = None
    lease_until: datetime | None = None
    arm: Arm | None = None
    step: int = 0
    steps: int = 0
    """Progress of the arm that is being rendered."""
    failure: Failure | None = None
    created_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """Counts of a run's jobs and the time they are likely to need."""

    run_id: str
    queued: int
    running: int
    done: int
    failed: int
    cancelled: int
    eta_seconds: float | None
    """None until a first pair has finished."""

    @property
    def total(self) -> int:
        """All pairs of the run."""
        return self.queued + self.running + self.done + self.failed + self.cancelled

    @property
    def finished(self) -> int:
        """Pairs that will not change any more."""
        return self.done + self.failed + self.cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """A worker process as it last reported."""

    name: str
    device: str
    pid: int
    started_at: datetime
    last_seen_at: datetime
    doing: str = ""
    trouble: Failure | None = None
    """Why it waits, where it cannot go on: trouble of its own, for which no job is to blame."""
