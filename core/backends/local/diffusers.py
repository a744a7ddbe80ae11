"""Image models as diffusers pipelines: Stable Diffusion 1.x/2.x, SDXL and SD3 classes, on CPU, CUDA or MPS.

A generation takes nothing from defaults: steps, guidance, size, scheduler and initial noise all come from the
recipe. The noise is drawn on the CPU, once per image from its own seed, so it is the same on every device, in
every batch and for every model whose latents have the same shape.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from core.backends.local.decoded import Decoded
from core.backends.local.devices import device_class, device_of, free_bytes, free_cache, meter
from core.backends.local.diffusers_folder import open_folder, stored_values
from core.backends.local.diffusers_loading import (
    check_loaded_fits,
    load_pipeline,
    scheduler_config,
    set_scheduler,
)
from core.backends.local.fit_reports import check_files_fit
from core.backends.protocol import Generation, OnStep, ShouldCancel, never, no_progress
from core.backends.sources import model_digest, resolve_source
from core.errors import Cancelled, DecoderMismatch, GenerationFailed, OutOfMemory, SidegradeError
from core.failures import named, says_out_of_memory
from core.recipes.recipe import batch_key, numbered_batch
from core.records import LoadedModel, ModelSpec, Recipe, Size
from core.torch_runtime import prepare_torch

WARM_UP_STEPS = 2


class DiffusersBackend:
    """A loaded pipeline whose parts are known to fit."""

    def __init__(self, spec: ModelSpec, models_file: Path, *, threads: int = 1) -> None:
        """Load from safetensors only; see :func:`core.backends.open_backend` for what is refused."""
        prepare_torch(threads=threads)
        self.spec, self.device = spec, device_of(spec)
        folder = open_folder(spec, resolve_source(spec, models_file))
        self.fit_reports = check_files_fit(folder)
        digest = model_digest(spec, models_file)
        self._pipe = load_pipeline(folder, self.device)
        self.fit_reports += check_loaded_fits(self._pipe, folder)
        self._decoded = Decoded(self._pipe)
        self._latent_channels, self._vae_scale = folder.latent_channels, folder.vae_scale
        self._warm: set[object] = set()
        self._has_drawn = False
        self.loaded = LoadedModel(
            model_digest=digest,
            device_class=device_class(self.device),
            scheduler=type(self._pipe.scheduler).__name__,
            scheduler_config=scheduler_config(self._pipe, spec),
            library_versions={name: version(name) for name in ("torch", "diffusers", "transformers")},
        )

    @property
    def pipeline(self) -> Any:
        """The loaded pipeline of diffusers, whose parts an editor uses again; never altered by a caller."""
        return self._pipe

    @classmethod
    def device_of(cls, spec: ModelSpec) -> str:
        """See :func:`core.backends.local.devices.device_of`."""
        return device_of(spec)

    @classmethod
    def weight_bytes(cls, spec: ModelSpec, models_file: Path) -> int:
        """By the headers of the files, in the declared number type."""
        folder = open_folder(spec, resolve_source(spec, models_file))
        values = sum(stored_values(folder, part) for part in folder.weighted_parts)
        return int(values * getattr(torch, spec.dtype).itemsize)

    @classmethod
    def free_bytes(cls, device: str) -> int:
        """See :func:`core.backends.local.devices.free_bytes`."""
        return free_bytes(device)

    def latent_shape(self, size: Size) -> tuple[int, ...]:
        """Shape of one image's latents, 1×C×H×W."""
        return 1, self._latent_channels, size.height // self._vae_scale, size.width // self._vae_scale

    def generate(
        self,
        recipes: Sequence[Recipe],
        *,
        on_step: OnStep = no_progress,
        should_cancel: ShouldCancel = never,
    ) -> list[Generation]:
        """See :meth:`core.backends.protocol.Backend.generate`."""
        done = self._in_halves_if_needed(recipes, on_step, should_cancel)
        warm_up, self._has_drawn = not self._has_drawn, True
        return [replace(item, warm_up=warm_up) for item in done]

    def close(self) -> None:
        """Free the weights; the backend cannot generate afterwards."""
        del self._pipe, self._decoded
        self._free_cache()

    def _in_halves_if_needed(
        self, recipes: Sequence[Recipe], on_step: OnStep, should_cancel: ShouldCancel
    ) -> list[Generation]:
        try:
            return self._batch(recipes, on_step, should_cancel)
        except OutOfMemory:
            if len(recipes) == 1:
                raise
            self._free_cache()
            middle = (len(recipes) + 1) // 2
            halves = (recipes[:middle], recipes[middle:])
            done = [item for half in halves for item in self._batch(half, on_step, should_cancel)]
            return [replace(item, batch_was_halved=True) for item in done]

    def _batch(
        self, recipes: Sequence[Recipe], on_step: OnStep, should_cancel: ShouldCancel
    ) -> list[Generation]:
        recipes = numbered_batch(recipes)
        size = Size(recipes[0].width, recipes[0].height)
        shape = self.latent_shape(size)
        with translated(self.spec, size, len(recipes)):
            set_scheduler(self._pipe, recipes[0].scheduler, recipes[0].scheduler_config)
            self._warm_up(recipes, should_cancel)
            with meter(self.device) as cost:
                images = self._call(recipes, recipes[0].num_inference_steps, on_step, should_cancel)
        _refuse_size(self.spec, images, size)
        self._decoded.refuse_what_is_not_finite(self.spec.name)
        return [
            Generation(
                image=image,
                recipe=recipe,
                noise_digest=noise_digest(draw_noise(recipe.seed, shape)[0]),
                latent_shape=shape,
                latency_ms=cost.latency_ms,
                gpu_seconds=cost.gpu_seconds / len(recipes),
                peak_memory_mb=cost.peak_memory_mb,
            )
            for image, recipe in zip(images, recipes, strict=True)
        ]

    def _warm_up(self, recipes: Sequence[Recipe], should_cancel: ShouldCancel) -> None:
        """The first call of a shape compiles and allocates: spend it here, so that timings are evidence."""
        if (key := (len(recipes), batch_key(recipes[0])[:2])) not in self._warm:
            steps = min(WARM_UP_STEPS, recipes[0].num_inference_steps)
            self._call(recipes, steps, no_progress, should_cancel)
            self._warm.add(key)

    def _call(
        self, recipes: Sequence[Recipe], steps: int, on_step: OnStep, should_cancel: ShouldCancel
    ) -> list[Any]:
        def step_ended(_pipe: object, step: int, _timestep: object, kept: dict[str, Any]) -> dict[str, Any]:
            if should_cancel():
                raise Cancelled(f"cancelled after step {step + 1} of {steps}")
            on_step(step + 1, steps)
            return kept

        first = recipes[0]
        shape = self.latent_shape(Size(first.width, first.height))
        noises, generators = zip(*(draw_noise(recipe.seed, shape) for recipe in recipes), strict=True)
        output = self._pipe(
            prompt=[recipe.prompt for recipe in recipes],
            # None, not "": some pipelines have a trained answer to "no negative prompt"
            negative_prompt=[recipe.negative_prompt for recipe in recipes] if first.negative_prompt else None,
            num_inference_steps=steps,
            guidance_scale=first.guidance_scale,
            width=first.width,
            height=first.height,
            latents=torch.cat(noises).to(device=self.device, dtype=_denoiser(self._pipe).dtype),
            generator=list(generators),  # noise that a scheduler adds on the way comes from the same seeds
            callback_on_step_end=step_ended,
        )
        if any(getattr(output, "nsfw_content_detected", None) or ()):
            raise GenerationFailed(
                f"{self.spec.name}: expected an image, its safety checker withheld it",
                remedy="change the prompt: the black image it gives instead must not be judged",
            )
        return list(output.images)

    def _free_cache(self) -> None:
        gc.collect()
        free_cache(self.device)


def draw_noise(seed: int, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Generator]:
    """N(0, 1) latents of one image, float32 on the CPU, and the generator that drew them."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn(shape, generator=generator), generator


def noise_digest(noise: torch.Tensor) -> str:
    """SHA-256 of the latents' bytes."""
    return hashlib.sha256(noise.numpy().tobytes()).hexdigest()


def _denoiser(pipe: Any) -> Any:
    return getattr(pipe, "transformer", None) or pipe.unet


def _refuse_size(spec: ModelSpec, images: Sequence[Any], size: Size) -> None:
    for image in images:
        if image.size != tuple(size):
            raise DecoderMismatch(f"{spec.name}: expected {size}, got {Size(*image.size)}")


@contextmanager
def translated(spec: ModelSpec, size: Size, batch: int) -> Iterator[None]:
    """Errors of torch and diffusers as ours; ours pass.

    Raises:
        OutOfMemory, GenerationFailed: naming the model, the size and how many images were asked for.
    """
    try:
        yield
    except SidegradeError:
        raise
    except Exception as error:
        if says_out_of_memory(error):
            raise OutOfMemory(
                f"{spec.name}: {batch} image(s) of {size} do not fit in memory ({error})",
                remedy="lower batch_size or max_pixels in models.toml, or use a smaller dtype",
            ) from error
        raise GenerationFailed(f"{spec.name}: {named(error)}") from error
