"""Parts that do not fit are refused from the files alone, in the words of the incident they prevent."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.backends.local.diffusers_folder import open_folder
from core.backends.local.fit_reports import check_files_fit
from core.config.models import load_models
from core.errors import DecoderMismatch, LatentShapeMismatch, ModelUnavailable, UnknownName, UnsafeWeights
from core.records import Mode, Size


class Copy:
    """A copy of a tiny model that a test may damage."""

    def __init__(self, models_file: Path, name: str, folder: Path) -> None:
        self.spec = load_models(models_file)[name]
        self.folder = folder / name
        shutil.copytree(models_file.parent / name, self.folder)

    def set(self, file: str, **values: Any) -> None:
        path = self.folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    def contract(self, **values: Any) -> None:
        self.spec = replace(self.spec, contract=replace(self.spec.contract, **values))

    def check(self) -> tuple[str, ...]:
        return check_files_fit(open_folder(self.spec, self.folder))


@pytest.fixture
def sd(tiny_models_file: Path, tmp_path: Path) -> Copy:
    return Copy(tiny_models_file, "tiny-sd", tmp_path)


@pytest.fixture
def sdxl(tiny_models_file: Path, tmp_path: Path) -> Copy:
    return Copy(tiny_models_file, "tiny-sdxl", tmp_path)


@pytest.fixture
def sd3(tiny_models_file: Path, tmp_path: Path) -> Copy:
    return Copy(tiny_models_file, "tiny-sd3", tmp_path)


@pytest.mark.parametrize("name", ["tiny-sd", "tiny-sdxl", "tiny-sd3"])
def test_a_sound_model_is_proved_in_six_sentences(name: str, tiny_models_file: Path, tmp_path: Path) -> None:
    reports = Copy(tiny_models_file, name, tmp_path).check()
    assert len(reports) == 6
    assert "agree on 4 latent channels" in reports[1]


def test_a_vae_of_another_family_is_a_latent_shape_mismatch(sd: Copy) -> None:
    sd.set("vae/config.json", latent_channels=16)
    sd.contract(sizes=(Size(128, 128),), max_pixels=128 * 128)
    with pytest.raises(LatentShapeMismatch, match=r"expected latents 1×16×64×64 \(its VAE\), got 1×4×64×64"):
        sd.check()


def test_a_vae_of_another_scale_is_a_latent_shape_mismatch(sd: Copy) -> None:
    """The incident of the post-mortem: expected 64×64 latents, got 128×128."""
    sd.set("unet/config.json", sample_size=32)
    sd.contract(sizes=(Size(128, 128),), max_pixels=128 * 128)
    with pytest.raises(LatentShapeMismatch, match="expected latents of at most 1×4×60×60, got 1×4×64×64"):
        sd.check()


def test_a_transformer_cannot_place_more_than_its_grid(sd3: Copy) -> None:
    sd3.contract(sizes=(Size(128, 64),))
    with pytest.raises(LatentShapeMismatch, match="at most 1×4×32×32, got 1×4×32×64 for the promised 128×64"):
        sd3.check()


def test_a_promised_size_must_be_whole_in_latents(sd3: Copy) -> None:
    sd3.set("transformer/config.json", patch_size=2)
    sd3.contract(sizes=(Size(62, 64),))
    with pytest.raises(LatentShapeMismatch, match="expected sizes in multiples of 4, got 62×64"):
        sd3.check()
    sd3.contract(sizes=(), size_multiple=2)
    with pytest.raises(LatentShapeMismatch, match="expected size_multiple to be a multiple of 4"):
        sd3.check()


def test_a_flow_model_needs_a_vae_that_shifts(sd3: Copy) -> None:
    sd3.set("vae/config.json", shift_factor=None)
    with pytest.raises(LatentShapeMismatch, match="expected a VAE with a shift_factor, got None"):
        sd3.check()


def test_a_promise_of_alpha_needs_a_decoder_with_four_channels(sd: Copy, sd3: Copy) -> None:
    sd.contract(mode=Mode.RGBA)
    with pytest.raises(DecoderMismatch, match="expected alpha channel, found null"):
        sd.check()
    sd3.contract(mode=Mode.RGB)
    with pytest.raises(DecoderMismatch, match="expected 3 channels, got 4 channels"):
        sd3.check()


@pytest.mark.parametrize(
    ("model", "file", "values", "message"),
    [
        ("sd", "unet/config.json", {"cross_attention_dim": 64}, "text features: expected 64, got 32"),
        ("sdxl", "unet/config.json", {"cross_attention_dim": 32}, "text features: expected 32, got 64"),
        ("sdxl", "text_encoder_2/config.json", {"projection_dim": 16}, "pooled text and size features"),
        ("sd3", "text_encoder_3/config.json", {"d_model": 48}, "T5 text features: expected 64, got 48"),
        ("sd3", "text_encoder/config.json", {"hidden_size": 64}, "CLIP text features that fit"),
        (
            "sd3",
            "text_encoder/config.json",
            {"projection_dim": 8},
            "pooled text features: expected 64, got 40",
        ),
        ("sd3", "text_encoder_2/config.json", {"vocab_size": 50}, "tokenizer_2 vocabulary known"),
        (
            "sd",
            "tokenizer/tokenizer_config.json",
            {"model_max_length": 77},
            "positions known.*expected 77, got 24",
        ),
    ],
)
def test_text_encoders_of_another_family_are_a_latent_shape_mismatch(
    model: str, file: str, values: dict[str, Any], message: str, request: pytest.FixtureRequest
) -> None:
    copy: Copy = request.getfixturevalue(model)
    copy.set(file, **values)
    with pytest.raises(LatentShapeMismatch, match=message):
        copy.check()


def test_a_scheduler_of_another_kind_than_the_denoiser_is_refused(sd: Copy, sd3: Copy) -> None:
    sd.spec = replace(sd.spec, scheduler="FlowMatchEulerDiscreteScheduler")
    with pytest.raises(ModelUnavailable, match="expected one that predicts noise, got FlowMatch"):
        sd.check()
    sd3.spec = replace(sd3.spec, scheduler="DDIMScheduler")
    with pytest.raises(ModelUnavailable, match=r"expected a flow-matching one .*, got DDIMScheduler"):
        sd3.check()


@pytest.mark.parametrize("part", ["vae", "unet", "text_encoder"])
def test_a_missing_or_truncated_weight_file_is_refused(part: str, sd: Copy) -> None:
    (weights,) = (sd.folder / part).glob("*.safetensors")
    whole = weights.read_bytes()
    for length in (len(whole) - 1, len(whole) // 2, 100, 4, 0):
        weights.write_bytes(whole[:length])
        with pytest.raises(ModelUnavailable, match=rf"{part}/{weights.name}: expected"):
            sd.check()
    weights.unlink()
    with pytest.raises(
        ModelUnavailable, match=f"{part}/{weights.name}: expected safetensors weights, found no"
    ):
        sd.check()


def test_a_pickle_under_the_name_of_safetensors_is_refused(sd: Copy) -> None:
    (weights,) = (sd.folder / "unet").glob("*.safetensors")
    weights.write_bytes(pickle.dumps({"weight": [1.0]}))
    with pytest.raises(UnsafeWeights, match="found a pickle under that name"):
        sd.check()


def test_weights_in_shards_are_all_needed(sd: Copy) -> None:
    (weights,) = (sd.folder / "unet").glob("*.safetensors")
    shards = [weights.with_name(f"diffusion_pytorch_model-0000{n}-of-00002.safetensors") for n in (1, 2)]
    index = weights.with_name("diffusion_pytorch_model.safetensors.index.json")
    index.write_text(json.dumps({"weight_map": {"a": shards[0].name, "b": shards[1].name}}))
    shutil.copy(weights, shards[0])
    weights.unlink()
    with pytest.raises(ModelUnavailable, match=r"00002-of-00002\.safetensors: expected safetensors weights"):
        sd.check()


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("unet/config.json", None, "unet/config.json: expected a configuration, found no such file"),
        ("vae/config.json", "{", "vae/config.json: expected JSON"),
        ("vae/config.json", "[]", "expected a JSON object, got a list"),
        ("vae/config.json", "{}", "lacks a value the pipeline needs"),
        ("model_index.json", "{", "expected JSON"),
    ],
)
def test_a_missing_or_broken_configuration_is_refused(
    file: str, content: str | None, message: str, sd: Copy
) -> None:
    (sd.folder / file).unlink() if content is None else (sd.folder / file).write_text(content)
    with pytest.raises(ModelUnavailable, match=message):
        sd.check()


def test_a_pipeline_this_product_does_not_run_is_refused_with_the_nearest(sd: Copy) -> None:
    sd.set("model_index.json", _class_name="StableDiffusion4Pipeline")
    with pytest.raises(UnknownName, match=r"did you mean .*StableDiffusion3Pipeline"):
        sd.check()


def test_a_pipeline_class_of_its_own_is_refused_as_code(sd: Copy) -> None:
    sd.set("model_index.json", _class_name=["my_pipeline", "MyPipeline"])
    with pytest.raises(UnsafeWeights, match="got code"):
        sd.check()
