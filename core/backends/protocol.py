"""What every backend offers, and what a generation gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.records import LoadedModel, ModelSpec, Recipe, Size

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One image with everything that was measured while it was made."""

    image: Image.Image
    recipe: Recipe
    """The recipe that was really run: a halved batch changes its batch size and index."""
    noise_digest: str
    """SHA-256 of the image's initial latents (float32, CPU, 1×C×H×W)."""
    latent_shape: tuple[int, ...]
    latency_ms: float
    """What a caller waits: wall time of the whole batch the image was part of."""
    gpu_seconds: float
    """The image's share of the batch's CUDA event time; of process CPU time elsewhere."""
    peak_memory_mb: float
    """Largest CUDA allocation during the batch; resident memory of the process elsewhere."""
    warm_up: bool = False
    """True for the first batch after the model was loaded: its timings are no evidence."""
    batch_was_halved: bool = False


OnStep = Callable[[int, int], None]
"""Called after each denoising step with the step's number, from 1, and how many there are."""
ShouldCancel = Callable[[], bool]
"""Asked after each denoising step."""


def no_progress(step: int, steps: int) -> None:
    """The ``on_step`` of a caller who does not watch."""


def never() -> bool:
    """The ``should_cancel`` of a caller who does not cancel."""
    return False


class Backend(Protocol):
    """A loaded model. Opening one is slow and visible; :meth:`close` gives its memory back."""

    spec: ModelSpec
    loaded: LoadedModel
    device: str
    """Where it runs, such as ``cpu`` or ``cuda:0``."""
    fit_reports: tuple[str, ...]
    """How the parts of the model fit together, one sentence each; a model whose parts do not is refused."""

    def __init__(self, spec: ModelSpec, models_file: Path, *, threads: int = 1) -> None: ...

    @classmethod
    def device_of(cls, spec: ModelSpec) -> str:
        """The device a declaration means on this machine, such as ``cuda:0`` for ``auto``."""
        ...

    @classmethod
    def weight_bytes(cls, spec: ModelSpec, models_file: Path) -> int:
        """Memory the weights will take; nothing is loaded."""
        ...

    @classmethod
    def free_bytes(cls, device: str) -> int:
        """Memory that is free on the device at this moment."""
        ...

    def latent_shape(self, size: Size) -> tuple[int, ...]:
        """Shape of one image's latents, 1×C×H×W."""
        ...

    def generate(
        self,
        recipes: Sequence[Recipe],
        *,
        on_step: OnStep = no_progress,
        should_cancel: ShouldCancel = never,
    ) -> list[Generation]:
        """One image a recipe, made as one batch: the recipes share size, steps, guidance and scheduler.

        Out of memory: tried once more as two halves, recorded in each generation. The first batch that
        comes out after the model was loaded is marked whole as its warm-up.

        Raises:
            Cancelled: when ``should_cancel`` turned true at a step.
            OutOfMemory: also at half the batch.
            DecoderMismatch: when an image has another size than asked.
            GenerationFailed: when the pipeline raised anything else, or a picture holds NaN or infinity
                (see :mod:`core.backends.finite`).
        """
        ...

    def close(self) -> None:
        """Free the memory; the backend cannot generate afterwards."""
        ...
