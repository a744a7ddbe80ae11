"""What only loaded parts can tell: what a VAE decodes, weights that are numbers, steps that can be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import diffusers
import pytest
import torch

from core.backends.local import diffusers_loading as loading
from core.errors import DecoderMismatch, LatentShapeMismatch, ModelUnavailable, OutOfMemory, UnknownName
from core.records import Contract, Mode, ModelSpec

SPEC = ModelSpec(
    name="mine", source="mine", num_inference_steps=3, guidance_scale=1, contract=Contract(mode=Mode.RGBA)
)
FLOW = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)


def pipe(decoded: torch.Tensor | None = None, scheduler: Any = FLOW, **parts: Any) -> Any:
    """A pipeline whose VAE decodes this, whatever it is given."""
    shown = torch.zeros(1, 4, 8, 8) if decoded is None else decoded
    vae = SimpleNamespace(dtype=torch.float32, device="cpu", decode=lambda latents, return_dict: (shown,))
    return SimpleNamespace(vae=vae, scheduler=scheduler, **parts)


def folder(*parts: str, spec: ModelSpec = SPEC) -> Any:
    """A folder of a VAE that halves each side, with these parts."""
    return SimpleNamespace(
        spec=spec,
        weighted_parts=parts,
        vae_scale=2,
        latent_shape=lambda size: (1, 16, size.height // 2, size.width // 2),
    )


def part(**tensors: torch.Tensor) -> Any:
    return SimpleNamespace(state_dict=lambda: tensors)


def test_a_model_that_fits_says_so_in_three_sentences() -> None:
    assert loading.check_loaded_fits(pipe(), folder()) == (
        "every weight came from its files and is finite",
        "latents (1, 16, 4, 4) decode to (1, 4, 8, 8)",
        "3 steps can be scheduled",
    )


@pytest.mark.parametrize(
    ("decoded", "kind", "message"),
    [
        (torch.zeros(1, 3, 8, 8), DecoderMismatch, r"decode \(1, 4, 8, 8\), got \(1, 3, 8, 8\)"),
        (torch.zeros(1, 4, 16, 16), LatentShapeMismatch, r"decode \(1, 4, 8, 8\), got \(1, 4, 16, 16\)"),
        (torch.zeros(1, 3, 8, 16), LatentShapeMismatch, r"got \(1, 3, 8, 16\)"),
        (torch.full((1, 4, 8, 8), torch.nan), DecoderMismatch, "256 of 256 values are not finite"),
    ],
)
def test_a_vae_that_decodes_something_else_is_refused_by_what_differs(
    decoded: torch.Tensor, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        loading.check_loaded_fits(pipe(decoded), folder())


def test_one_value_that_is_none_is_found_in_any_part_and_what_is_packed_is_not_looked_into() -> None:
    sound = part(a=torch.ones(3), empty=torch.ones(0), numbers=torch.ones(3, dtype=torch.int64))
    assert loading.check_loaded_fits(pipe(unet=sound), folder("unet"))
    for number in (torch.nan, torch.inf, -torch.inf):
        for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
            broken = part(a=torch.ones(3), b=torch.tensor([1.0, number, 2.0, number], dtype=dtype))
            with pytest.raises(ModelUnavailable, match="mine: unet: values are not finite: 2 of 4 in b"):
                loading.check_loaded_fits(pipe(unet=broken), folder("unet"))

    class Packed(torch.Tensor):
        """A quantised weight of a library of its own."""

    packed = part(a=torch.full((2,), torch.nan).as_subclass(Packed))
    assert loading.check_loaded_fits(pipe(unet=packed), folder("unet"))


def _raising(error: Exception) -> Callable[..., None]:
    def set_timesteps(*_: object, **__: object) -> None:
        raise error

    return set_timesteps


@pytest.mark.parametrize("error", [ZeroDivisionError(), FloatingPointError(), ValueError(), IndexError()])
def test_steps_that_a_scheduler_cannot_take_are_refused_with_their_number(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diffusers.FlowMatchEulerDiscreteScheduler, "set_timesteps", _raising(error))
    with pytest.raises(
        ModelUnavailable, match=r"^mine: num_inference_steps: expected a number that its Flow.*, got 3$"
    ):
        loading.check_loaded_fits(pipe(), folder())


def test_another_error_of_a_scheduler_is_told_as_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusers.FlowMatchEulerDiscreteScheduler, "set_timesteps", _raising(KeyError("x")))
    with pytest.raises(
        ModelUnavailable, match="mine: scheduler: FlowMatchEulerDiscreteScheduler cannot be set"
    ):
        loading.check_loaded_fits(pipe(), folder())


def test_one_step_to_a_shifted_end_divides_by_zero_and_two_do_not() -> None:
    shifted = diffusers.FlowMatchEulerDiscreteScheduler(shift_terminal=0.1, use_dynamic_shifting=True)
    with pytest.raises(ModelUnavailable, match=r"got 1$"):
        loading.check_loaded_fits(pipe(scheduler=shifted), folder(spec=replace(SPEC, num_inference_steps=1)))
    two = folder(spec=replace(SPEC, num_inference_steps=2))
    assert loading.check_loaded_fits(pipe(scheduler=shifted), two)[2] == "2 steps can be scheduled"


def test_settings_of_a_scheduler_are_carried_without_its_class_and_version() -> None:
    settings = loading.scheduler_config(pipe(), SPEC)
    assert settings["shift"] == 3.0
    assert not [key for key in settings if key.startswith("_")]


def test_a_fresh_scheduler_follows_a_recipe_alone() -> None:
    drawing = pipe()
    loading.set_scheduler(drawing, "DDIMScheduler", {"steps_offset": 1, "clip_sample": False})
    assert type(drawing.scheduler) is diffusers.DDIMScheduler
    assert (drawing.scheduler.config["steps_offset"], drawing.scheduler.config["clip_sample"]) == (1, False)


def test_weights_that_no_file_holds_are_told_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    tied = torch.ones(3)
    loaded = part(a=tied, b=tied, c=torch.ones(4))
    monkeypatch.setattr(loading, "stored_values", lambda folder, name: 7)
    loading._refuse_invented_weights(loaded, folder("unet"), "unet")
    monkeypatch.setattr(loading, "stored_values", lambda folder, name: 6)
    with pytest.raises(
        ModelUnavailable, match="mine: unet: expected 7 values in its files, got 6: the rest would"
    ):
        loading._refuse_invented_weights(loaded, folder("unet"), "unet")
    empty = part(a=tied, b=torch.ones(3, device="meta"))
    with pytest.raises(ModelUnavailable, match="mine: unet: expected the weight b, its files lack it"):
        loading._refuse_invented_weights(empty, folder("unet"), "unet")


def test_a_scheduler_keeps_what_the_model_ships_and_takes_what_is_declared() -> None:
    drawing = pipe()
    loading._declare_scheduler(drawing, replace(SPEC, scheduler_config={"shift": 5.0}))
    assert drawing.scheduler.config["shift"] == 5.0
    with pytest.raises(
        UnknownName, match=r"unknown setting of FlowMatch.* in mine 'shft'; did you mean shift"
    ):
        loading._declare_scheduler(drawing, replace(SPEC, scheduler_config={"shft": 5.0}))


def test_a_device_that_has_no_room_for_the_weights_says_so() -> None:
    def full(device: str) -> None:
        raise torch.OutOfMemoryError("2 GB free")

    moved = pipe(to=full)
    with pytest.raises(
        OutOfMemory, match=r"^mine: its weights do not fit on cuda:1 \(2 GB free\)$"
    ) as refused:
        loading._move(moved, SPEC, "cuda:1")
    assert "smaller dtype" in refused.value.remedy
