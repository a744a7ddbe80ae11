"""What was asked for and what came out: recipes, renders, pairs, runs and the work queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.digests import content_digest


class Arm(StrEnum):
    """The two sides of every comparison."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"

    @property
    def other(self) -> Arm:
        """The opposite arm."""
        return Arm.CANDIDATE if self is Arm.BASELINE else Arm.BASELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Every input that fixes an output; field names follow diffusers."""

    model: str
    model_digest: str
    """Digest of the weights and configuration files that were loaded."""
    backend: str
    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: str
    scheduler_config: Mapping[str, object]
    dtype: str
    device_class: str
    """``cpu`` or the accelerator's product name: kernels differ between device classes."""
    batch_size: int = 1
    batch_index: int = 0
    """Size of the batch and the place in it: on some devices they change the last bit of a pixel."""
    library_versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Identity of the request."""
        return content_digest("recipe", self)


class RenderStatus(StrEnum):
    """How making a render ended."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A typed failure: the name of a class in :mod:`core.errors`, what happened, what to do."""

    error: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """One output on one arm of a pair, or the failure that came instead."""

    id: str
    pair_id: str
    arm: Arm
    recipe: Recipe
    status: RenderStatus
    digest: str | None = None
    """SHA-256 of the decoded pixels; None when the render failed."""
    mode: str | None = None
    width: int | None = None
    height: int | None = None
    noise_digest: str | None = None
    """SHA-256 of the initial latents (float32, CPU, NCHW)."""
    latent_shape: tuple[int, ...] | None = None
    latency_ms: float | None = None
    gpu_seconds: float | None = None
    """CUDA event time on an accelerator, process CPU time elsewhere."""
    peak_memory_mb: float | None = None
    warm_up: bool = False
    """True for the first render after a model was loaded: its timings are not evidence."""
    batch_was_halved: bool = False
    failure: Failure | None = None
    created_at: datetime


class RunKind(StrEnum):
    """Why a run exists."""

    SUITE = "suite"
    """A suite on two models: evidence for a rollout."""
    COMPARE = "compare"
    """One prompt, asked for on the Compare page."""
    NOISE_FLOOR = "noise_floor"
    """A model against itself, to calibrate distances."""


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


class ReplayOutcome(StrEnum):
    """How a replay compares with the render it repeats."""

    BIT_EXACT = "bit_exact"
    WITHIN_NOISE_FLOOR = "within_noise_floor"
    DRIFTED = "drifted"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """A render made again from its recipe: how far off, and the first recipe field that differs."""

    id: str
    render_id: str
    outcome: ReplayOutcome
    digest_before: str
    digest_after: str | None = None
    noise_matches: bool | None = None
    max_abs_difference: int | None = None
    """Largest difference of a channel value, 0–255."""
    mean_abs_difference: float | None = None
    lpips: float | None = None
    differing_fields: tuple[str, ...] = ()
    """``field: before → now``, in the order of the recipe; the first is the likeliest cause."""
    reason: str
    created_at: datetime
