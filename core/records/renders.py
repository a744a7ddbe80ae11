"""What was asked of a model and what came out: recipes, renders, and replays of them."""

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
    file_digest: str | None = None
    """SHA-256 of its file's bytes; None when it failed, or for a file of an earlier home not yet taken in."""
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
    """True for the first render, or batch of them, after a model was loaded: its timings are not evidence."""
    batch_was_halved: bool = False
    failure: Failure | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A picture's file in the blob folder. Equal pixels in other bytes, such as another recipe, are two."""

    file_digest: str
    """SHA-256 of its bytes."""
    digest: str
    """SHA-256 of the decoded pixels, as its renders have it."""
    size_bytes: int


class ReplayOutcome(StrEnum):
    """How a replay compares with the render it repeats."""

    BIT_EXACT = "bit_exact"
    WITHIN_NOISE_FLOOR = "within_noise_floor"
    DRIFTED = "drifted"
    IMPOSSIBLE = "impossible"
    FILE_DAMAGED = "file_damaged"
    """Equal by digest, but the stored file no longer holds the picture."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEvent:
    """A stored picture was found missing, or came back; of one picture the latest event holds."""

    digest: str
    """Of its pixels, as its renders have it."""
    there: bool
    noticed_at: datetime
