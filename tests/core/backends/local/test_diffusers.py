"""The diffusers backend on real tiny pipelines of the SD 1.x, SDXL and SD3 classes.

Long: three families of pipelines, each question asked of all.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from core.backends import open_backend
from core.backends.local.diffusers import DiffusersBackend
from core.config.models import load_models
from core.digests import pixel_digest
from core.errors import (
    BackendUnavailable,
    DecoderMismatch,
    GenerationFailed,
    ModelUnavailable,
    OutOfMemory,
    UnknownName,
)
from core.recipes.recipe import make_recipe, png_bytes, read_recipe
from core.records import Case, Recipe, Size

CASE = Case(name="case", prompt="a b", width=64, height=48)


@pytest.fixture(params=["tiny-sd", "tiny-sdxl", "tiny-sd3"])
def backend(request: pytest.FixtureRequest, tiny_models_file: Path) -> Iterator[DiffusersBackend]:
    opened = _open(tiny_models_file, request.param)
    yield opened
    opened.close()


@pytest.fixture
def sd3(tiny_models_file: Path) -> Iterator[DiffusersBackend]:
    opened = _open(tiny_models_file, "tiny-sd3")
    yield opened
    opened.close()


def _open(models_file: Path, name: str, **changes: Any) -> DiffusersBackend:
    opened = open_backend(replace(load_models(models_file)[name], **changes), models_file)
    assert isinstance(opened, DiffusersBackend)
    return opened


def _recipe(backend: DiffusersBackend, seed: int = 1, **changes: Any) -> Recipe:
    return replace(make_recipe(CASE, seed, backend.spec, backend.loaded), **changes)


def _difference(one: Any, other: Any) -> int:
    return int(np.abs(np.asarray(one.image, int) - np.asarray(other.image, int)).max())


def test_a_render_is_what_a_bare_pipeline_call_with_the_same_noise_gives(backend: DiffusersBackend) -> None:
    (made,) = backend.generate([_recipe(backend)])
    generator = torch.Generator("cpu").manual_seed(1)
    bare = backend._pipe(
        prompt="a b",
        width=64,
        height=48,
        num_inference_steps=3,
        guidance_scale=backend.spec.guidance_scale,
        generator=generator,
    ).images[0]
    assert pixel_digest(bare) == pixel_digest(made.image)


def test_the_stored_noise_digest_is_the_hash_of_the_seeds_latents(backend: DiffusersBackend) -> None:
    (made,) = backend.generate([_recipe(backend, 5)])
    noise = torch.randn(backend.latent_shape(Size(64, 48)), generator=torch.Generator("cpu").manual_seed(5))
    assert made.noise_digest == hashlib.sha256(noise.numpy().tobytes()).hexdigest()
    assert made.latent_shape == (1, 4, 24, 32)


def test_steps_guidance_scheduler_and_negative_prompt_come_from_the_recipe(backend: DiffusersBackend) -> None:
    (made,) = backend.generate([_recipe(backend)])
    for changes in (
        {"num_inference_steps": 5},
        {"guidance_scale": 9.0},
        {"negative_prompt": "dark blue"},
        {"prompt": "something else"},
    ):
        (other,) = backend.generate([_recipe(backend, **changes)])
        assert _difference(made, other) > 0, changes


def test_the_scheduler_is_the_declared_one_with_the_declared_settings(tiny_models_file: Path) -> None:
    declared = _open(tiny_models_file, "tiny-sdxl")
    assert declared.loaded.scheduler == "EulerAncestralDiscreteScheduler"
    other = _open(
        tiny_models_file,
        "tiny-sd",
        scheduler="DPMSolverMultistepScheduler",
        scheduler_config={"solver_order": 3},
    )
    assert other.loaded.scheduler == "DPMSolverMultistepScheduler"
    assert other.loaded.scheduler_config["solver_order"] == 3


@pytest.mark.parametrize(
    "scheduler",
    [
        "DPMSolverMultistepScheduler",
        "DPMSolverSinglestepScheduler",
        "DPMSolverMultistepInverseScheduler",
        "SASolverScheduler",
    ],
)
@pytest.mark.parametrize("model", ["tiny-sd", pytest.param("tiny-sdxl", marks=pytest.mark.slow)])
def test_a_scheduler_set_to_infinity_draws_and_comes_back_from_its_png_bit_exact(
    model: str, scheduler: str, tiny_models_file: Path
) -> None:
    backend = _open(tiny_models_file, model, scheduler=scheduler)
    (made,) = backend.generate([_recipe(backend)])
    backend.close()
    recipe = read_recipe(png_bytes(made.image, made.recipe))
    assert recipe == made.recipe
    assert recipe.scheduler_config["lambda_min_clipped"] == "-inf"
    other = _open(tiny_models_file, model)  # of another scheduler: the recipe alone says which
    (again,) = other.generate([recipe])
    assert other.pipeline.scheduler.config["lambda_min_clipped"] == -math.inf
    assert pixel_digest(again.image) == pixel_digest(made.image)


def test_an_unknown_scheduler_setting_is_refused_with_the_nearest(tiny_models_file: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean solver_order"):
        _open(
            tiny_models_file,
            "tiny-sd",
            scheduler="DPMSolverMultistepScheduler",
            scheduler_config={"solver_ordr": 3},
        )


def test_a_number_of_steps_that_the_scheduler_cannot_take_is_refused_before_any_image(
    tiny_models_file: Path,
) -> None:
    terminal = {"shift_terminal": 0.15}
    model = _open(tiny_models_file, "tiny-sd3", num_inference_steps=2, scheduler_config=terminal)
    assert "2 steps can be scheduled" in model.fit_reports
    model.close()
    with pytest.raises(ModelUnavailable, match=r"num_inference_steps: expected a number .* got 1"):
        _open(tiny_models_file, "tiny-sd3", num_inference_steps=1, scheduler_config=terminal)


def test_a_recipe_with_another_scheduler_is_honoured_and_leaves_no_trace(tiny_models_file: Path) -> None:
    backend = _open(tiny_models_file, "tiny-sd")
    (before,) = backend.generate([_recipe(backend)])
    euler = {"scheduler": "EulerDiscreteScheduler", "scheduler_config": {}}
    (other,) = backend.generate([_recipe(backend, **euler)])
    (after,) = backend.generate([_recipe(backend)])
    assert _difference(before, other) > 0
    assert pixel_digest(before.image) == pixel_digest(after.image)


def test_a_scheduler_that_adds_noise_draws_it_from_the_images_own_seed(tiny_models_file: Path) -> None:
    backend = _open(tiny_models_file, "tiny-sdxl")  # ancestral: noise at every step
    torch.manual_seed(123)
    one = backend.generate([_recipe(backend, 1), _recipe(backend, 2)])
    torch.manual_seed(456)
    two = backend.generate([_recipe(backend, 1), _recipe(backend, 3)])
    assert pixel_digest(one[0].image) == pixel_digest(two[0].image)


def test_both_arms_start_from_identical_latents_when_their_shapes_agree(tiny_models_file: Path) -> None:
    digests = set()
    for name in ("tiny-sd", "tiny-sdxl", "tiny-sd3"):
        backend = _open(tiny_models_file, name)
        digests.add(backend.generate([_recipe(backend, 9)])[0].noise_digest)
    assert len(digests) == 1


def test_out_of_memory_halves_the_batch_once_and_records_it(
    sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = [_recipe(sd3, seed) for seed in (1, 2, 3)]
    _only_fits(monkeypatch, sd3, images=2)
    made = sd3.generate(recipes)
    assert [item.batch_was_halved for item in made] == [True] * 3
    assert [(m.recipe.batch_size, m.recipe.batch_index) for m in made] == [(2, 0), (2, 1), (1, 0)]
    assert [item.recipe.seed for item in made] == [1, 2, 3]


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError])
def test_out_of_memory_at_half_the_batch_is_a_typed_error_with_a_remedy(
    error: type[Exception], sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_fits(monkeypatch, sd3, images=0, error=error)
    for count in (1, 4):
        with pytest.raises(OutOfMemory, match=r"tiny-sd3: \d image\(s\) of 64×48 do not fit") as refused:
            sd3.generate([_recipe(sd3, seed) for seed in range(count)])
        assert "batch_size" in refused.value.remedy


def _only_fits(
    monkeypatch: pytest.MonkeyPatch,
    backend: DiffusersBackend,
    *,
    images: int,
    error: type[Exception] = torch.OutOfMemoryError,
) -> None:
    """A device with memory for so many images: the transformer raises what an allocator raises."""
    forward = backend._pipe.transformer.forward

    def limited(*args: Any, **kwargs: Any) -> Any:
        if len(kwargs["hidden_states"]) > 2 * images:  # guidance doubles the batch
            raise error("tried to allocate 20.00 GiB")
        return forward(*args, **kwargs)

    monkeypatch.setattr(backend._pipe.transformer, "forward", limited)


def test_memory_is_given_back_before_half_the_batch_is_tried(
    sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[str] = []
    monkeypatch.setattr("core.backends.local.diffusers.free_cache", freed.append)
    _only_fits(monkeypatch, sd3, images=1)
    sd3.generate([_recipe(sd3, seed) for seed in (1, 2)])
    assert freed == ["cpu"]


def test_each_shape_is_drawn_once_before_it_is_timed(
    sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    call = sd3._call

    def counted(recipes: Any, wanted: int, *rest: Any) -> Any:
        steps.append(wanted)
        return call(recipes, wanted, *rest)

    monkeypatch.setattr(sd3, "_call", counted)
    for seeds in ([1], [2], [1, 2]):
        sd3.generate([_recipe(sd3, seed) for seed in seeds])
    sd3.generate([_recipe(sd3, num_inference_steps=1, height=64)])
    assert steps == [2, 3, 3, 2, 3, 1, 1]


def test_a_model_computes_on_one_thread_unless_told(tiny_models_file: Path) -> None:
    spec, before = load_models(tiny_models_file)["tiny-sd3"], torch.get_num_threads()
    try:
        for told, threads in (({"threads": 2}, 2), ({}, 1)):
            torch.set_num_threads(3)
            open_backend(spec, tiny_models_file, **told).close()
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_any_other_error_of_the_pipeline_keeps_its_name_and_message(
    sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise IndexError("index out of range in self")

    monkeypatch.setattr(sd3._pipe.text_encoder, "forward", broken)
    with pytest.raises(GenerationFailed, match="tiny-sd3: IndexError: index out of range in self"):
        sd3.generate([_recipe(sd3)])


def test_a_picture_withheld_by_a_safety_checker_is_a_failure_not_a_black_image(
    tiny_models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = _open(tiny_models_file, "tiny-sd")
    monkeypatch.setattr(backend._pipe, "run_safety_checker", lambda image, *_: (image, [True]))
    with pytest.raises(GenerationFailed, match="withheld"):
        backend.generate([_recipe(backend)])


def test_a_picture_of_another_size_is_a_decoder_mismatch(
    sd3: DiffusersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = [Image.new("RGBA", (32, 24))]
    monkeypatch.setattr(sd3._pipe.image_processor, "postprocess", lambda *_, **__: small)
    with pytest.raises(DecoderMismatch, match="tiny-sd3: expected 64×48, got 32×24"):
        sd3.generate([_recipe(sd3)])


def test_a_device_this_machine_lacks_is_refused(tiny_models_file: Path) -> None:
    with pytest.raises(BackendUnavailable, match="expected the device cuda:7, this machine has"):
        _open(tiny_models_file, "tiny-sd", device="cuda:7")


def test_closing_gives_the_weights_back(tiny_models_file: Path) -> None:
    backend = _open(tiny_models_file, "tiny-sd")
    unet = weakref.ref(backend._pipe.unet)
    backend.generate([_recipe(backend)])
    backend.close()
    assert unet() is None  # though the pipeline's parts refer to each other in circles


def test_weights_that_a_file_lacks_are_never_invented(tiny_models_file: Path, tmp_path: Path) -> None:
    """Loaders fill them with random numbers: every process would draw something else."""
    shutil.copytree(tiny_models_file.parent, tmp_path, dirs_exist_ok=True)
    _drop(tmp_path / "tiny-sd" / "unet" / "diffusion_pytorch_model.safetensors", "conv_out.weight")
    with pytest.raises(
        ModelUnavailable, match=r"unet: expected the weight conv_out\.weight, its files lack it"
    ):
        _open(tmp_path / "models.toml", "tiny-sd")


def test_text_weights_that_a_file_lacks_are_never_invented(tiny_models_file: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_models_file.parent, tmp_path, dirs_exist_ok=True)
    weights = tmp_path / "tiny-sd" / "text_encoder" / "model.safetensors"
    _drop(weights, "text_model.final_layer_norm.weight")
    with pytest.raises(ModelUnavailable, match=r"text_encoder: expected \d+ values in its files, got \d+"):
        _open(tmp_path / "models.toml", "tiny-sd")


def _drop(weights: Path, key: str) -> None:
    tensors = load_file(weights)
    (found,) = [name for name in tensors if name.endswith(key.removeprefix("text_model."))]
    del tensors[found]
    save_file(tensors, weights, metadata={"format": "pt"})


def test_weights_of_another_configuration_are_refused(tiny_models_file: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_models_file.parent, tmp_path, dirs_exist_ok=True)
    config = tmp_path / "tiny-sd" / "vae" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"block_out_channels": [16, 64]}))
    with pytest.raises(ModelUnavailable, match="tiny-sd: could not be loaded"):
        _open(tmp_path / "models.toml", "tiny-sd")


def test_an_sd3_model_without_its_third_text_encoder_loads(tiny_models_file: Path, tmp_path: Path) -> None:
    """Published SD3 folders often leave T5 out; the pipeline then wants to hear None."""
    shutil.copytree(tiny_models_file.parent, tmp_path, dirs_exist_ok=True)
    index = tmp_path / "tiny-sd3" / "model_index.json"
    empty = {"text_encoder_3": [None, None], "tokenizer_3": [None, None]}
    index.write_text(json.dumps(json.loads(index.read_text()) | empty))
    backend = _open(tmp_path / "models.toml", "tiny-sd3")
    assert backend.generate([_recipe(backend)])[0].image.mode == "RGBA"
