"""A damaged model is refused in words of its own, whatever is wrong with it; nothing else comes out of it."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.backends import check_parts_fit, open_backend
from core.config.models import load_models
from core.errors import DecoderMismatch, ModelError, ModelUnavailable, OutOfMemory
from core.records import ModelSpec

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def models_file(tiny_models_file: Path, tmp_path: Path) -> Path:
    """``models.toml`` beside copies of the tiny models that a test may damage."""
    shutil.copytree(tiny_models_file.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "models.toml"


def _spec(models_file: Path, name: str, **changes: Any) -> ModelSpec:
    return replace(load_models(models_file)[name], **changes)


def _set(file: str, **values: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return damage


def _write(file: str, content: str) -> Callable[[Path], None]:
    return lambda folder: _put(folder / file, content.encode())


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _header(header: str) -> Callable[[Path], None]:
    return lambda folder: _put(folder / UNET, struct.pack("<Q", len(header)) + header.encode())


def _shards(weight_map: Any) -> Callable[[Path], None]:
    index = "unet/diffusion_pytorch_model.safetensors.index.json"
    return _write(index, json.dumps({"weight_map": weight_map}))


def _folder(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir(parents=True)

    return damage


DEEP = '{"a":' * 50_000 + "1" + "}" * 50_000
DAMAGE: dict[str, Callable[[Path], None]] = {
    "a part without library and class": _set("model_index.json", vae=[]),
    "a part with one word": _set("model_index.json", vae=["diffusers"]),
    "a part of numbers": _set("model_index.json", vae=[1, 2]),
    "a part with three words": _set("model_index.json", vae=["a", "b", "c"]),
    "a part outside the folder": _set("model_index.json", **{"../vae": ["diffusers", "AutoencoderKL"]}),
    "a part of no class": _set("model_index.json", vae=["diffusers", "Nothing"]),
    "no scheduler": _set("model_index.json", scheduler=[None, None]),
    "no vae": _set("model_index.json", vae=[None, None]),
    "a nested index": _write("model_index.json", DEEP),
    "an index that is a folder": _folder("model_index.json"),
    "a nested configuration": _write("vae/config.json", DEEP),
    "a configuration that is a folder": _folder("vae/config.json"),
    "channels in words": _set("vae/config.json", latent_channels="four"),
    "channels without end": _write("unet/config.json", '{"in_channels": 1e999}'),
    "no channels": _set("unet/config.json", in_channels=None),
    "levels that are a number": _set("vae/config.json", block_out_channels=7),
    "levels that are words": _set("vae/config.json", block_out_channels="1632"),
    "no native size": _set("unet/config.json", sample_size=[]),
    "a native size of nothing": _set("unet/config.json", sample_size=None),
    "blocks of no kind": _set("unet/config.json", down_block_types=["Nothing", "Nothing"]),
    "an activation of no kind": _set("unet/config.json", act_fn="nothing"),
    "a text encoder of no kind": _set("text_encoder/config.json", hidden_act="nothing"),
    "a vocabulary that is a number": _write("tokenizer/tokenizer.json", '{"model": {"vocab": 7}}'),
    "an empty vocabulary": _write("tokenizer/tokenizer.json", '{"model": {"vocab": {}}}'),
    "a vocabulary that is a list": _write("tokenizer/tokenizer.json", '{"model": []}'),
    "a longest prompt in words": _set("tokenizer/tokenizer_config.json", model_max_length="long"),
    "a scheduler that is a folder": _folder("scheduler/scheduler_config.json"),
    "a nested scheduler": _write("scheduler/scheduler_config.json", DEEP),
    "a scheduler of words": _set("scheduler/scheduler_config.json", num_train_timesteps="many"),
    "a header of nothing": _header("{}"),
    "a header that is a list": _header("[]"),
    "a nested header": _header(DEEP),
    "a header without offsets": _header('{"a": {"shape": [1]}}'),
    "a header of words": _header('{"a": {"shape": ["x"], "dtype": "F32", "data_offsets": [0, "4"]}}'),
    "shards in a list": _shards([1, 2]),
    "shards that are numbers": _shards({"a": 7}),
    "shards outside the folder": _shards({"a": "../../.."}),
    "shards of nothing": _shards({}),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_a_malformed_folder_is_a_typed_refusal_with_the_models_name(damage: str, models_file: Path) -> None:
    DAMAGE[damage](models_file.parent / "tiny-sd")
    with pytest.raises(ModelError, match="tiny-sd"):
        open_backend(_spec(models_file, "tiny-sd", scheduler=None), models_file)


@pytest.mark.parametrize("damage", sorted(kind for kind in DAMAGE if kind.startswith("a part with")))
def test_a_part_that_names_no_library_and_class_is_told_what_was_expected(
    damage: str, models_file: Path
) -> None:
    DAMAGE[damage](models_file.parent / "tiny-sd")
    with pytest.raises(ModelUnavailable, match=r"vae: expected \[library, class\], got \["):
        open_backend(_spec(models_file, "tiny-sd", scheduler=None), models_file)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("model", "file", "values"),
    [
        ("tiny-sd3", "transformer/config.json", {"pos_embed_max_size": 20_000}),
        ("tiny-sd3", "transformer/config.json", {"num_layers": 200_000}),
        ("tiny-sd3", "text_encoder_3/config.json", {"num_layers": 200_000}),
        ("tiny-sd", "unet/config.json", {"layers_per_block": 100_000}),
        ("tiny-sd", "vae/config.json", {"layers_per_block": 100_000}),
        ("tiny-sd", "text_encoder/config.json", {"num_hidden_layers": 100_000}),
        ("tiny-sd", "text_encoder/config.json", {"max_position_embeddings": 2_000_000_000}),
    ],
)
def test_a_configuration_that_asks_for_more_than_the_files_hold_is_refused_before_anything_is_built(
    model: str, file: str, values: dict[str, int], models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(file, **values)(models_file.parent / model)
    monkeypatch.setattr(
        "diffusers.DiffusionPipeline.from_pretrained", lambda *_, **__: pytest.fail("something was built")
    )
    ((key, asked),) = values.items()
    with pytest.raises(ModelUnavailable, match=f"{file}: {key}: expected at most .*, got {asked:,}"):
        open_backend(_spec(models_file, model), models_file)


ONE = '"shape": [1], "dtype": "F32", "data_offsets":'
OFFSETS = {
    "an overlap": f'{{"a": {{{ONE} [0, 4]}}, "b": {{{ONE} [0, 4]}}}}',
    "a gap": f'{{"a": {{{ONE} [0, 4]}}, "b": {{{ONE} [8, 12]}}}}',
    "more than the file holds": f'{{"a": {{{ONE} [0, 400]}}}}',
    "another size than its shape": '{"a": {"shape": [3], "dtype": "F32", "data_offsets": [0, 12]}}',
}


@pytest.mark.parametrize("offsets", sorted(OFFSETS))
def test_weights_whose_tensors_do_not_fill_their_file_are_refused_before_they_are_loaded(
    offsets: str, models_file: Path
) -> None:
    header = OFFSETS[offsets]
    _put(models_file.parent / "tiny-sd" / UNET, struct.pack("<Q", len(header)) + header.encode() + b"1234")
    with pytest.raises(ModelUnavailable, match=r"tiny-sd: unet/.*: expected whole safetensors, got a trunc"):
        open_backend(_spec(models_file, "tiny-sd"), models_file)


def _plant(models_file: Path, file: str, key: str, value: float) -> None:
    path = models_file.parent / file
    tensors = load_file(path)
    tensors[key].view(-1)[3] = value
    save_file(tensors, path, metadata={"format": "pt"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("model", "part", "key"),
    [
        ("tiny-sd", "vae", "decoder.conv_out.weight"),
        ("tiny-sd", "unet", "conv_out.weight"),
        ("tiny-sd3", "transformer", "proj_out.weight"),
    ],
)
def test_weights_that_are_not_finite_are_refused_with_part_and_name(
    model: str, part: str, key: str, value: float, models_file: Path
) -> None:
    _plant(models_file, f"{model}/{part}/diffusion_pytorch_model.safetensors", key, value)
    with pytest.raises(ModelUnavailable, match=rf"{model}: {part}: values are not finite: 1 of .* in {key}"):
        check_parts_fit(_spec(models_file, model), models_file)


def test_a_decoder_that_leaves_the_range_of_its_type_is_refused(models_file: Path) -> None:
    """Finite weights, as float16 too; their products are not."""
    path = models_file.parent / "tiny-sd" / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    for key in tensors:
        if key.startswith("decoder.conv_out"):
            tensors[key] = torch.full_like(tensors[key], 60_000.0)
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(DecoderMismatch, match="tiny-sd: expected the VAE to decode zeros to finite values"):
        check_parts_fit(_spec(models_file, "tiny-sd", dtype="float16"), models_file)


@pytest.mark.parametrize(
    ("model", "scheduler", "settings", "reason"),
    [
        ("tiny-sd", "DDIMScheduler", {"beta_schedule": "quadratic"}, "NotImplementedError: quadratic"),
        ("tiny-sd", "DPMSolverSDEScheduler", {}, "ImportError: .*torchsde"),
        ("tiny-sd", "DDIMScheduler", {"num_train_timesteps": "many"}, "TypeError"),
        ("tiny-sd", "ConsistencyDecoderScheduler", {}, "AttributeError"),
        ("tiny-sd3", None, {"shift": "three"}, "TypeError"),
        ("tiny-sd3", None, {"time_shift_type": "cubic"}, "ValueError: `time_shift_type`"),
    ],
)
def test_a_scheduler_that_cannot_follow_its_settings_is_refused_with_the_reason(
    model: str, scheduler: str | None, settings: dict[str, object], reason: str, models_file: Path
) -> None:
    spec = _spec(models_file, model, scheduler=scheduler, scheduler_config=settings)
    with pytest.raises(ModelUnavailable, match=f"{model}: scheduler: .*{reason}") as refused:
        open_backend(spec, models_file)
    assert "scheduler_config" in refused.value.remedy


def test_a_setting_that_no_recipe_can_carry_is_refused(models_file: Path) -> None:
    from datetime import UTC, datetime

    spec = _spec(models_file, "tiny-sd", scheduler_config={"steps_offset": datetime(2026, 3, 3, tzinfo=UTC)})
    with pytest.raises(
        ModelUnavailable, match="tiny-sd: scheduler: expected settings of numbers, words and lists"
    ):
        open_backend(spec, models_file)


def test_a_model_that_memory_has_no_room_for_says_so(
    models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 16 GB")

    monkeypatch.setattr("diffusers.DiffusionPipeline.from_pretrained", full)
    with pytest.raises(OutOfMemory, match="tiny-sd: its weights do not fit in memory"):
        open_backend(_spec(models_file, "tiny-sd"), models_file)
