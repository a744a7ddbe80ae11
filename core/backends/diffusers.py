"""Image models as diffusers pipelines: Stable Diffusion 1.x/2.x, SDXL and SD3 classes, on CPU, CUDA or MPS.

A generation takes nothing from defaults: steps, guidance, size, scheduler and initial noise all come from the
recipe. The noise is drawn on the CPU, once per image from its own seed, so it is the same on every device, in
every batch and for every model whose latents have the same shape.
"""

from __future__ import annotations

import gc
import hashlib
import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import torch

from core.backends.diffusers_parts import CHANNELS, Folder, open_folder, prove_from_files, stored_values
from core.backends.metering import Meter, ProcessMeter
from core.backends.protocol import Generation, Loaded, Needs, OnStep, ShouldCancel, never, no_progress
from core.errors import (
    BackendUnavailable,
    Cancelled,
    DecoderMismatch,
    GenerationFailed,
    LatentShapeMismatch,
    ModelUnavailable,
    OutOfMemory,
    SidegradeError,
    UnknownName,
)
from core.models import model_digest, resolve_source
from core.recipe import batch_key, numbered_batch
from core.records import ModelSpec, Recipe, Size
from core.torch_runtime import make_torchvision_importable, prepare_torch

make_torchvision_importable()

import diffusers  # noqa: E402
import transformers  # noqa: E402

# What they say while loading ("Expected types for vae …") is either proved here or cannot be acted on.
for library in (diffusers, transformers):
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()

WARM_UP_STEPS = 2


class DiffusersBackend:
    """A loaded pipeline whose parts were proved to fit."""

    def __init__(self, spec: ModelSpec, models_file: Path, *, threads: int = 1) -> None:
        """Load from safetensors only; see :func:`core.backends.open_backend` for what is refused."""
        prepare_torch(threads=threads)
        self.spec = spec
        self.device = _device(spec)
        self.folder = open_folder(spec, resolve_source(spec, models_file))
        self.proofs = prove_from_files(self.folder)
        digest = model_digest(spec, models_file)
        self._pipe = _load(self.folder)
        for part in self.folder.weighted_parts:
            _refuse_invented_weights(getattr(self._pipe, part), self.folder, part)
        _move(self._pipe, spec, self.device)
        self._warm: set[object] = set()
        _declare_scheduler(self._pipe, spec)
        self.proofs += _prove_loaded(self._pipe, self.folder)
        self.loaded = Loaded(
            model_digest=digest,
            device_class=_device_class(self.device),
            scheduler=type(self._pipe.scheduler).__name__,
            scheduler_config=_scheduler_config(self._pipe),
            library_versions={name: version(name) for name in ("torch", "diffusers", "transformers")},
        )

    @classmethod
    def needs(cls, spec: ModelSpec, models_file: Path) -> Needs:
        """Device and memory the model would take, by the headers of its files."""
        folder, device = open_folder(spec, resolve_source(spec, models_file)), _device(spec)
        values = sum(stored_values(folder, part) for part in folder.weighted_parts)
        size = values * getattr(torch, spec.dtype).itemsize
        return Needs(device=device, weight_bytes=size, free_bytes=lambda: _free_bytes(device))

    def latent_shape(self, size: Size) -> tuple[int, ...]:
        """Shape of one image's latents, 1×C×H×W."""
        return self.folder.latent_shape(size)

    def generate(
        self,
        recipes: Sequence[Recipe],
        *,
        on_step: OnStep = no_progress,
        should_cancel: ShouldCancel = never,
    ) -> list[Generation]:
        """See :meth:`core.backends.protocol.Backend.generate`."""
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

    def close(self) -> None:
        """Free the weights; the backend cannot generate afterwards."""
        del self._pipe
        self._free_cache()

    def _batch(
        self, recipes: Sequence[Recipe], on_step: OnStep, should_cancel: ShouldCancel
    ) -> list[Generation]:
        recipes = numbered_batch(recipes)
        size = Size(recipes[0].width, recipes[0].height)
        shape = self.latent_shape(size)
        with _translated(self.spec, size, len(recipes)):
            _set_scheduler(self._pipe, recipes[0])
            self._warm_up(recipes, should_cancel)
            with self._meter() as meter:
                images = self._call(recipes, recipes[0].num_inference_steps, on_step, should_cancel)
        _refuse_size(self.spec, images, size)
        return [
            Generation(
                image=image,
                recipe=recipe,
                noise_digest=noise_digest(draw_noise(recipe.seed, shape)[0]),
                latent_shape=shape,
                latency_ms=meter.latency_ms,
                gpu_seconds=meter.gpu_seconds / len(recipes),
                peak_memory_mb=meter.peak_memory_mb,
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
            generator=list(
                generators
            ),  # schedulers that add noise on the way go on drawing from the image's own seed
            callback_on_step_end=step_ended,
        )
        if any(getattr(output, "nsfw_content_detected", None) or ()):
            raise GenerationFailed(
                f"{self.spec.name}: expected an image, its safety checker withheld it",
                remedy="change the prompt: the black image it gives instead must not be judged",
            )
        return list(output.images)

    def _meter(self) -> Meter:
        return CudaMeter(self.device) if self.device.startswith("cuda") else ProcessMeter()

    def _free_cache(self) -> None:
        gc.collect()
        if self.device.startswith("cuda"):
            with torch.cuda.device(self.device):
                torch.cuda.empty_cache()


class CudaMeter:
    """Wall time, time between two CUDA events, and the largest allocation on the device."""

    latency_ms = gpu_seconds = peak_memory_mb = 0.0

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)

    def __enter__(self) -> CudaMeter:
        torch.cuda.synchronize(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        self._process = ProcessMeter()
        self._process.__enter__()
        with torch.cuda.device(self._device):
            self._start, self._end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            self._start.record()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with torch.cuda.device(self._device):
            self._end.record()
        torch.cuda.synchronize(self._device)
        self._process.__exit__(kind, error, trace)
        self.latency_ms = self._process.latency_ms
        self.gpu_seconds = self._start.elapsed_time(self._end) / 1000
        self.peak_memory_mb = torch.cuda.max_memory_allocated(self._device) / 1e6


def draw_noise(seed: int, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Generator]:
    """N(0, 1) latents of one image, float32 on the CPU, and the generator that drew them."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn(shape, generator=generator), generator


def noise_digest(noise: torch.Tensor) -> str:
    """SHA-256 of the latents' bytes."""
    return hashlib.sha256(noise.numpy().tobytes()).hexdigest()


def _load(folder: Folder) -> Any:
    spec = folder.spec
    try:
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            folder.path,
            dtype=getattr(torch, spec.dtype),
            use_safetensors=True,
            local_files_only=True,
            **dict.fromkeys(folder.empty_parts),
        )
    except (OSError, ValueError, RuntimeError, ImportError, AttributeError, KeyError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ModelUnavailable(f"{spec.name}: could not be loaded ({reason})") from error
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _move(pipe: Any, spec: ModelSpec, device: str) -> None:
    try:
        pipe.to(device)
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(
            f"{spec.name}: its weights do not fit on {device} ({error})",
            remedy="declare a smaller dtype, another device or device = 'cpu'",
        ) from error


def _prove_loaded(pipe: Any, folder: Folder) -> tuple[str, ...]:
    """What only loaded parts can tell: zeros decode to the promised shape."""
    scale, channels = folder.vae_scale, CHANNELS[folder.spec.contract.mode]
    latents = torch.zeros(folder.latent_shape(Size(4 * scale, 4 * scale)), dtype=pipe.vae.dtype)
    with torch.no_grad():
        decoded = tuple(pipe.vae.decode(latents.to(pipe.vae.device), return_dict=False)[0].shape)
    expected = (1, channels, 4 * scale, 4 * scale)
    if decoded != expected:
        error = LatentShapeMismatch if decoded[2:] != expected[2:] else DecoderMismatch
        raise error(f"{folder.spec.name}: expected the VAE to decode {expected}, got {decoded}")
    return ("every weight came from its files", f"latents {tuple(latents.shape)} decode to {expected}")


def _refuse_invented_weights(part: Any, folder: Folder, name: str) -> None:
    """Loaders fill weights that a file lacks with random numbers and only log it."""
    tensors = part.state_dict()
    if empty := [key for key, tensor in tensors.items() if tensor.is_meta]:
        raise ModelUnavailable(
            f"{folder.spec.name}: {name}: expected the weight {empty[0]}, its files lack it"
        )
    by_address = {tensor.data_ptr(): tensor.numel() for tensor in tensors.values()}
    needed = sum(by_address.values())  # tied weights share an address
    if (stored := stored_values(folder, name)) < needed:
        raise ModelUnavailable(
            f"{folder.spec.name}: {name}: expected {needed} values in its files, got {stored}: "
            "the rest would be random",
            remedy="the weights belong to another configuration, or a file is incomplete",
        )


def _declare_scheduler(pipe: Any, spec: ModelSpec) -> None:
    kind = getattr(diffusers, spec.scheduler) if spec.scheduler else type(pipe.scheduler)
    known = inspect.signature(kind.__init__).parameters
    for key in spec.scheduler_config:
        if key not in known:
            raise UnknownName.of(f"setting of {kind.__name__} in {spec.name}", key, set(known) - {"self"})
    pipe.scheduler = kind.from_config(pipe.scheduler.config, **spec.scheduler_config)


def _set_scheduler(pipe: Any, recipe: Recipe) -> None:
    """The recipe's scheduler, fresh: nothing of an earlier image is left in it."""
    pipe.scheduler = getattr(diffusers, recipe.scheduler).from_config(dict(recipe.scheduler_config))


def _scheduler_config(pipe: Any) -> dict[str, object]:
    return {key: value for key, value in pipe.scheduler.config.items() if not key.startswith("_")}


def _denoiser(pipe: Any) -> Any:
    return getattr(pipe, "transformer", None) or pipe.unet


def _device(spec: ModelSpec) -> str:
    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    usable = [*cuda, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
    wanted = {"auto": usable[0], "cuda": "cuda:0"}.get(spec.device, spec.device)
    if wanted not in usable:
        raise BackendUnavailable(
            f"{spec.name}: expected the device {wanted}, this machine has {', '.join(usable)}",
            remedy="correct `device` in models.toml, or use device = 'auto'",
        )
    return wanted


def _free_bytes(device: str) -> int:
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def _device_class(device: str) -> str:
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def _refuse_size(spec: ModelSpec, images: Sequence[Any], size: Size) -> None:
    for image in images:
        if image.size != tuple(size):
            raise DecoderMismatch(f"{spec.name}: expected {size}, got {Size(*image.size)}")


@contextmanager
def _translated(spec: ModelSpec, size: Size, batch: int) -> Iterator[None]:
    """Errors of torch and diffusers as ours; ours pass."""
    try:
        yield
    except SidegradeError:
        raise
    except Exception as error:
        if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or _says_out_of_memory(error):
            raise OutOfMemory(
                f"{spec.name}: {batch} image(s) of {size} do not fit in memory ({error})",
                remedy="lower batch_size or max_pixels in models.toml, or use a smaller dtype",
            ) from error
        raise GenerationFailed(f"{spec.name}: {type(error).__name__}: {error}") from error


def _says_out_of_memory(error: Exception) -> bool:
    """CPU and MPS allocators raise a plain RuntimeError."""
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)
