"""A model's folder is read as far as its index, its configurations and the headers of its weights tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.backends.local.diffusers_folder import (
    FAMILIES,
    Family,
    Folder,
    open_folder,
    stored_shapes,
    stored_values,
    weight_bytes,
)
from core.errors import ModelUnavailable, UnknownName, UnsafeWeights
from core.records import Contract, Mode, ModelSpec, Size

SPEC = ModelSpec(
    name="mine", source="mine", num_inference_steps=1, guidance_scale=1, contract=Contract(mode=Mode.RGB)
)
INDEX: dict[str, Any] = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "requires_safety_checker": False,
    "vae": ["diffusers", "AutoencoderKL"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "feature_extractor": [None, None],
    "safety_checker": [None, None],
}


def opened(path: Path, index: dict[str, Any] = INDEX) -> Folder:
    (path / "model_index.json").write_text(json.dumps(index))
    return open_folder(SPEC, path)


def put(path: Path, part: str, config: dict[str, Any] | None = None, **weights: dict[str, Any]) -> None:
    """A part with a configuration, and files of weights by their name without its ending."""
    (path / part).mkdir(exist_ok=True)
    (path / part / "config.json").write_text(json.dumps(config or {}))
    for name, tensors in weights.items():
        save_file(tensors, path / part / f"{name}.safetensors")


def test_parts_are_what_the_index_lists_and_does_not_leave_empty(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    assert folder.parts == {name: row[1] for name, row in INDEX.items() if isinstance(row, list) and row[1]}
    assert folder.weighted_parts == ["vae", "unet", "text_encoder"]
    assert folder.empty_parts == ("feature_extractor", "safety_checker")
    assert (folder.pipeline, folder.family) == ("StableDiffusionPipeline", Family("unet", flow=False))
    assert {name: (family.denoiser, family.flow) for name, family in FAMILIES.items()} == {
        "StableDiffusionPipeline": ("unet", False),
        "StableDiffusionXLPipeline": ("unet", False),
        "StableDiffusion3Pipeline": ("transformer", True),
    }


@pytest.mark.parametrize("levels", ["block_out_channels", "decoder_block_out_channels"])
def test_each_level_of_the_vae_but_the_first_halves_a_side(levels: str, tmp_path: Path) -> None:
    folder = opened(tmp_path)
    put(tmp_path, "unet", {"in_channels": 16})
    put(tmp_path, "vae", {levels: [16, 32, 32]})
    assert (folder.vae_scale, folder.latent_channels) == (4, 16)
    assert folder.latent_shape(Size(64, 36)) == (1, 16, 9, 16)
    put(tmp_path, "vae", {"block_out_channels": [16], "decoder_block_out_channels": [16, 32]})
    assert folder.vae_scale == 1
    (tmp_path / "vae" / "other.json").write_text('{"a": 1}')
    assert folder.config("vae", "other.json") == {"a": 1}


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        (
            {"_class_name": ["my", "Own"]},
            UnsafeWeights,
            r"expected the name of a diffusers pipeline, got code: \[",
        ),
        ({"_class_name": None}, UnsafeWeights, "got code: None"),
        ({"_class_name": "StableDiffusion4Pipeline"}, UnknownName, "unknown pipeline class in mine"),
        ({"vae": []}, ModelUnavailable, r"vae: expected \[library, class\], got \[\]"),
        ({"vae": ["a", "b", "c"]}, ModelUnavailable, "vae: expected"),
        ({"vae": ["a", 1]}, ModelUnavailable, "vae: expected"),
        ({"../vae": ["a", "b"]}, ModelUnavailable, r"\.\./vae: expected"),
        ({"v" * 41 + "-": ["a", "b"]}, ModelUnavailable, "json: " + "v" * 40 + ": expected"),
    ],
)
def test_an_index_of_something_else_is_refused_by_name(
    changes: dict[str, Any], kind: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message):
        opened(tmp_path, INDEX | changes)
    with pytest.raises(ModelUnavailable, match=r"model_index\.json"):
        open_folder(SPEC, tmp_path / "nowhere")


def test_weights_are_counted_over_all_files_of_a_part(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    put(tmp_path, "unet", diffusion_pytorch_model={"a": np.zeros((2, 3)), "b": np.zeros(4)})
    put(tmp_path, "vae", diffusion_pytorch_model={"a": np.zeros(1)}, other={"z": np.zeros(99)})
    put(tmp_path, "text_encoder", model={"c": np.zeros((5, 1, 2))})
    assert stored_shapes(folder, "unet") == {"a": [2, 3], "b": [4]}
    assert [stored_values(folder, part) for part in ("unet", "vae", "text_encoder")] == [10, 1, 10]
    files = ("unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model")
    assert weight_bytes(folder) == sum((tmp_path / f"{file}.safetensors").stat().st_size for file in files)


def test_shards_are_those_of_their_index_each_once_and_inside_the_folder(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    put(
        tmp_path,
        "unet",
        one={"a": np.zeros(2), "b": np.zeros(3)},
        two={"c": np.zeros(4)},
        model={"d": np.zeros(9)},
    )
    names = {"a": "one.safetensors", "b": "one.safetensors", "c": "../elsewhere/two.safetensors"}
    (tmp_path / "unet" / "x.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    assert stored_shapes(folder, "unet") == {"a": [2], "b": [3], "c": [4]}
    assert stored_values(folder, "unet") == 9


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ("unet", "diffusion_pytorch_model.safetensors"),
        ("text_encoder", "model.safetensors"),
        ("text_encoder_2", "model.safetensors"),
    ],
)
def test_weights_that_are_missing_are_named_as_their_part_would_have_them(
    part: str, file: str, tmp_path: Path
) -> None:
    put(tmp_path, part)
    with pytest.raises(
        ModelUnavailable, match=f"mine: {part}/{file}: expected safetensors weights, found no such"
    ):
        stored_values(opened(tmp_path), part)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x80\x02", b"\x80\x04\x95"])
def test_a_pickle_is_told_by_its_first_two_bytes(start: bytes, tmp_path: Path) -> None:
    put(tmp_path, "unet")
    file = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(start)
    with pytest.raises(UnsafeWeights, match="expected safetensors, found a pickle under that name"):
        stored_values(opened(tmp_path), "unet")
    file.write_bytes(b"\x08" + start)
    with pytest.raises(
        ModelUnavailable, match="expected whole safetensors, got a truncated or damaged file"
    ) as no:
        stored_values(opened(tmp_path), "unet")
    assert no.value.remedy == "copy or fetch the file again"
