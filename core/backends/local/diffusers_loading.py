"""Loads a diffusers folder from safetensors only, and checks what only loaded parts can tell."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from core.backends.local.diffusers_folder import Folder, stored_values
from core.backends.local.fit_reports import CHANNELS
from core.errors import DecoderMismatch, LatentShapeMismatch, ModelUnavailable, OutOfMemory, UnknownName
from core.failures import named, says_out_of_memory
from core.recipes.scheduler_settings import carried, followed
from core.records import ModelSpec, Size
from core.torch_runtime import make_torchvision_importable, silence_pipelines

make_torchvision_importable()  # importing diffusers fails beside a torchvision built for another torch

import diffusers  # noqa: E402

PLAIN_FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


def load_pipeline(folder: Folder, device: str) -> Any:
    """The pipeline on its device, with the declared scheduler and no weight that is not from the files.

    Raises:
        ModelUnavailable: when it cannot be loaded whole.
        OutOfMemory: when the weights do not fit in memory.
        UnknownName: for a setting that the declared scheduler does not have.
    """
    pipe = _loaded(folder)
    for part in folder.weighted_parts:
        _refuse_invented_weights(getattr(pipe, part), folder, part)
    _declare_scheduler(pipe, folder.spec)
    _move(pipe, folder.spec, device)
    return pipe


def check_loaded_fits(pipe: Any, folder: Folder) -> tuple[str, ...]:
    """What only loaded parts can tell: weights are finite, zeros decode as promised, the steps can be taken.

    Raises:
        LatentShapeMismatch, DecoderMismatch, ModelUnavailable
    """
    for part in folder.weighted_parts:
        _refuse_what_is_not_finite(getattr(pipe, part), folder, part)
    scale, channels = folder.vae_scale, CHANNELS[folder.spec.contract.mode]
    latents = torch.zeros(folder.latent_shape(Size(4 * scale, 4 * scale)), dtype=pipe.vae.dtype)
    with torch.no_grad():
        decoded = pipe.vae.decode(latents.to(pipe.vae.device), return_dict=False)[0]
    expected, got = (1, channels, 4 * scale, 4 * scale), tuple(decoded.shape)
    if got != expected:
        error = LatentShapeMismatch if got[2:] != expected[2:] else DecoderMismatch
        raise error(f"{folder.spec.name}: expected the VAE to decode {expected}, got {got}")
    if lost := int((~decoded.isfinite()).sum()):
        raise DecoderMismatch(
            f"{folder.spec.name}: expected the VAE to decode zeros to finite values, "
            f"{lost} of {decoded.numel()} values are not finite",
            remedy="its numbers leave the range of their type: declare dtype = 'float32', or another VAE",
        )
    return (
        "every weight came from its files and is finite",
        f"latents {tuple(latents.shape)} decode to {expected}",
        _check_steps(pipe, folder.spec),
    )


def set_scheduler(pipe: Any, name: str, config: Mapping[str, object]) -> None:
    """A fresh scheduler, set as a recipe says: nothing of an earlier image is left in it."""
    pipe.scheduler = getattr(diffusers, name).from_config(followed(config))


def scheduler_config(pipe: Any, spec: ModelSpec) -> dict[str, object]:
    """Every setting of the scheduler that is loaded as recipes carry it, its class and version aside.

    Raises:
        ModelUnavailable: for a setting that no recipe can carry.
    """
    settings = {key: value for key, value in pipe.scheduler.config.items() if not key.startswith("_")}
    return carried(settings, spec.name)


def _check_steps(pipe: Any, spec: ModelSpec) -> str:
    """Some schedules do not exist: one step that begins at 1 and ends at `shift_terminal` divides by zero."""
    scheduler = pipe.scheduler.from_config(pipe.scheduler.config)
    # schedules that depend on the size are asked for any size: their ends are the same
    shift = {"mu": 1.0} if scheduler.config.get("use_dynamic_shifting") else {}
    try:
        with np.errstate(all="raise"):
            scheduler.set_timesteps(spec.num_inference_steps, **shift)
        possible = bool(scheduler.timesteps.isfinite().all())
    except (ArithmeticError, ValueError, IndexError):
        possible = False
    except Exception as error:
        raise _no_scheduler(spec, type(scheduler).__name__, error) from error
    if not possible:
        raise ModelUnavailable(
            f"{spec.name}: num_inference_steps: expected a number that its {type(scheduler).__name__} "
            f"can schedule, got {spec.num_inference_steps}",
            remedy="declare the number of steps that the model's authors recommend",
        )
    return f"{spec.num_inference_steps} steps can be scheduled"


def _loaded(folder: Folder) -> Any:
    spec = folder.spec
    silence_pipelines()
    try:
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            folder.path,
            dtype=getattr(torch, spec.dtype),
            use_safetensors=True,
            local_files_only=True,
            **dict.fromkeys(folder.empty_parts),
        )
    except Exception as error:  # loaders raise whatever a damaged folder leads them to
        if says_out_of_memory(error):
            raise OutOfMemory(
                f"{spec.name}: its weights do not fit in memory ({error})",
                remedy="declare a smaller dtype, or free some memory",
            ) from error
        raise ModelUnavailable(f"{spec.name}: could not be loaded ({named(error)})") from error
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


def _refuse_what_is_not_finite(part: Any, folder: Folder, name: str) -> None:
    """One NaN is enough for pictures of one colour. Packed weights of quantised parts are not looked into."""
    for key, tensor in part.state_dict().items():
        if type(tensor) is not torch.Tensor or tensor.dtype not in PLAIN_FLOATS or not tensor.numel():
            continue
        # NaN passes through both ends; 30 times as fast on a CPU as to ask every value
        if all(end.isfinite() for end in torch.aminmax(tensor)):
            continue
        lost = int((~tensor.isfinite()).sum())
        raise ModelUnavailable(
            f"{folder.spec.name}: {name}: values are not finite: {lost:,} of {tensor.numel():,} in {key}",
            remedy="the weights are damaged, or converted to a type too small for them: fetch them again",
        )


def _declare_scheduler(pipe: Any, spec: ModelSpec) -> None:
    try:
        kind = getattr(diffusers, spec.scheduler) if spec.scheduler else type(pipe.scheduler)
    except AttributeError as error:  # some schedulers stay inside their pipelines' own folders
        raise _no_scheduler(spec, str(spec.scheduler), error) from error
    known = inspect.signature(kind.__init__).parameters
    for key in spec.scheduler_config:
        if key not in known:
            raise UnknownName.of(f"setting of {kind.__name__} in {spec.name}", key, set(known) - {"self"})
    try:
        pipe.scheduler = kind.from_config(pipe.scheduler.config, **followed(spec.scheduler_config))
    except Exception as error:  # each scheduler has errors of its own for a setting it cannot follow
        raise _no_scheduler(spec, kind.__name__, error) from error


def _no_scheduler(spec: ModelSpec, kind: str, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"{spec.name}: scheduler: {kind} cannot be set to {spec.scheduler_config} ({named(error)})",
        remedy="correct `scheduler` and `scheduler_config` in models.toml",
    )
