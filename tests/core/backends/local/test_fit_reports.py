"""Parts that do not fit are refused from the files alone, in the words of the incident they prevent.

Long: each part of three families of models is damaged, and stretched to the bound of what fits.
"""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.backends.local.diffusers_folder import open_folder, stored_shapes, weight_bytes
from core.backends.local.fit_reports import check_files_fit
from core.config.models import load_models
from core.errors import DecoderMismatch, LatentShapeMismatch, ModelUnavailable, UnknownName, UnsafeWeights
from core.formatting import size as size_in_words
from core.records import Mode, Size

ANCESTRAL = "EulerAncestralDiscreteScheduler"


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


@pytest.mark.parametrize(
    ("name", "parts", "denoiser", "widths", "scheduler"),
    [
        ("tiny-sd", 5, "unet", 3, "DDIMScheduler"),
        ("tiny-sdxl", 7, "unet", 6, f"{ANCESTRAL} as declared (the model ships EulerDiscreteScheduler)"),
        ("tiny-sd3", 9, "transformer", 8, "FlowMatchEulerDiscreteScheduler"),
    ],
)  # fmt: skip
def test_each_sentence_says_what_fits(
    name: str, parts: int, denoiser: str, widths: int, scheduler: str, tiny_models_file: Path, tmp_path: Path
) -> None:
    copy = Copy(tiny_models_file, name, tmp_path)
    whole, *others = copy.check()
    size = weight_bytes(open_folder(copy.spec, copy.folder))
    assert whole == f"{parts} parts, {size_in_words(size)} of safetensors, complete"
    assert size == sum(path.stat().st_size for path in copy.folder.rglob("*.safetensors"))
    assert others == [
        f"VAE and {denoiser} agree on 4 latent channels",
        "VAE scale 2: every promised size has whole latents within the denoiser's grid",
        f"VAE decodes {copy.spec.contract.mode}, as promised",
        f"{widths} text widths agree with the {denoiser}",
        f"scheduler {scheduler}",
    ]


def test_a_denoiser_that_gives_other_channels_than_it_reads_is_a_latent_shape_mismatch(sd: Copy) -> None:
    sd.set("unet/config.json", out_channels=8)
    with pytest.raises(
        LatentShapeMismatch, match=r"1×4×256×256 \(its VAE\), got 1×8×256×256 \(its unet\) at 512×512"
    ):
        sd.check()
    sd.set("unet/config.json", out_channels=None)
    assert len(sd.check()) == 6


def test_a_vae_without_a_scale_is_none_and_only_a_flow_model_needs_a_shift(sd: Copy, sd3: Copy) -> None:
    sd.set("vae/config.json", shift_factor=None)
    assert len(sd.check()) == 6
    for copy in (sd, sd3):
        copy.set("vae/config.json", scaling_factor="much")
        with pytest.raises(LatentShapeMismatch, match="expected a VAE with a scaling_factor, got much"):
            copy.check()


@pytest.mark.parametrize(("size", "fits"), [((64, 62), True), ((64, 63), False), ((63, 64), False)])
def test_each_side_of_a_promised_size_is_whole_in_latents(
    size: tuple[int, int], fits: bool, sd: Copy
) -> None:
    sd.contract(sizes=(Size(*size),))
    if fits:
        assert len(sd.check()) == 6
    else:
        with pytest.raises(LatentShapeMismatch, match=f"expected sizes in multiples of 2, got {Size(*size)}"):
            sd.check()


def test_a_size_may_stretch_a_unet_by_nine_tenths_and_a_transformer_by_nothing(sd: Copy, sd3: Copy) -> None:
    for copy, largest in ((sd, 120), (sd3, 64)):
        copy.contract(sizes=(Size(largest, 16), Size(16, largest)), max_pixels=2**20)
        assert len(copy.check()) == 6
        copy.contract(sizes=(Size(16, largest + 2),))
        with pytest.raises(
            LatentShapeMismatch, match=f"1×4×{largest // 2 + 1}×8 for the promised 16×{largest + 2}"
        ):
            copy.check()
    sd.set("unet/config.json", sample_size=[16, 32])
    sd.contract(sizes=(Size(120, 16),))
    assert len(sd.check()) == 6


def test_without_promised_sizes_the_largest_square_has_to_fit(sd: Copy) -> None:
    sd.contract(max_pixels=121 * 121, size_multiple=2)
    assert len(sd.check()) == 6  # 120 × 120: sides in multiples of 2
    sd.contract(max_pixels=122 * 122)
    with pytest.raises(LatentShapeMismatch, match="for the promised 122×122"):
        sd.check()
    sd.contract(max_pixels=4096, size_multiple=3)
    with pytest.raises(LatentShapeMismatch, match=r"expected size_multiple to be a multiple of 2 .*, got 3"):
        sd.check()
    sd.contract(sizes=(Size(64, 64),))
    assert len(sd.check()) == 6


@pytest.mark.parametrize(
    ("decoded", "mode", "message"),
    [
        (
            3,
            Mode.RGBA,
            "expected alpha channel, found null: its contract promises RGBA, its VAE decodes 3 channels",
        ),
        (1, Mode.RGBA, "expected alpha channel, got 1 channels: its contract promises RGBA"),
        (4, Mode.RGB, "expected 3 channels, got 4 channels: its contract promises RGB, its VAE decodes 4"),
    ],
)
def test_a_decoder_of_other_channels_is_told_in_words(
    decoded: int, mode: Mode, message: str, sd: Copy
) -> None:
    sd.set("vae/config.json", out_channels=decoded)
    sd.contract(mode=mode)
    with pytest.raises(DecoderMismatch, match=message):
        sd.check()


def test_a_scheduler_as_declared_is_told_beside_the_one_that_ships(sd: Copy) -> None:
    sd.spec = replace(sd.spec, scheduler="PNDMScheduler")
    assert sd.check()[5] == "scheduler PNDMScheduler as declared (the model ships DDIMScheduler)"
    sd.spec = replace(sd.spec, scheduler=None)
    assert sd.check()[5] == "scheduler DDIMScheduler"


def test_a_configuration_may_ask_for_as_many_layers_as_tensors_are_stored(sd: Copy) -> None:
    stored = len(stored_shapes(open_folder(sd.spec, sd.folder), "unet"))
    for asked in (stored, [1, [stored, 2]], "many", None, []):
        sd.set("unet/config.json", layers_per_block=asked)
        assert len(sd.check()) == 6
    for asked in (stored + 1, [1, [2, stored + 1]]):
        sd.set("unet/config.json", layers_per_block=asked)
        with pytest.raises(
            ModelUnavailable, match=f"layers_per_block: expected at most {stored}, .* got {stored + 1}"
        ):
            sd.check()


def test_the_grid_of_positions_may_be_as_wide_as_it_is_stored(sd3: Copy) -> None:
    sd3.set("transformer/config.json", pos_embed_max_size=33)
    with pytest.raises(ModelUnavailable, match=r"pos_embed_max_size: expected at most 32, .* got 33"):
        sd3.check()


@pytest.mark.parametrize(("highest", "fits"), [(119, True), (120, False)])
def test_a_vocabulary_may_fill_its_encoder_and_no_more(highest: int, fits: bool, sd: Copy) -> None:
    (sd.folder / "tokenizer" / "tokenizer.json").unlink()
    (sd.folder / "tokenizer" / "vocab.json").write_text(json.dumps({"<start>": 0, "word": highest}))
    if fits:
        assert sd.check()[4] == "3 text widths agree with the unet"
    else:
        with pytest.raises(
            LatentShapeMismatch, match="tokenizer vocabulary known to its encoder: expected 121, got 120"
        ):
            sd.check()


@pytest.mark.parametrize(("entries", "fits"), [(120, True), (121, False)])
def test_a_vocabulary_in_a_list_has_as_many_words_as_entries(entries: int, fits: bool, sd: Copy) -> None:
    sd.set("tokenizer/tokenizer.json", model={"vocab": [["word", 0.0]] * entries})
    if fits:
        assert len(sd.check()) == 6
    else:
        with pytest.raises(LatentShapeMismatch, match="expected 121, got 120"):
            sd.check()


def test_a_sentencepiece_tokenizer_of_no_stated_length_is_not_compared(sd: Copy) -> None:
    (sd.folder / "tokenizer" / "tokenizer.json").unlink()
    sd.set("tokenizer/tokenizer_config.json", model_max_length=None)
    assert sd.check()[4] == "1 text widths agree with the unet"
