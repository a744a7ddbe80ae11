"""models.toml: what is declared, what is refused, and what a model's digest stands on."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.backends.sources import fetch, model_digest, resolve_source
from core.config.models import find_model, load_models
from core.config.settings import PROJECT
from core.errors import InvalidFile, ModelUnavailable, UnknownName, UnsafeWeights
from core.records import Mode, Size

SHIPPED = PROJECT / "models.toml"
ONE = """
[models.mine]
source = "mine"
num_inference_steps = 8
guidance_scale = 1.0
[models.mine.contract]
mode = "RGBA"
"""


def _load(folder: Path, text: str) -> dict[str, object]:
    path = folder / "models.toml"
    path.write_text(text)
    return dict(load_models(path))


def test_the_shipped_file_declares_the_embedded_models_and_stable_diffusion() -> None:
    models = load_models(SHIPPED)
    assert list(models) == [
        "letterpress",
        "letterpress-2",
        "letterpress-turbo",
        "sd35-medium",
        "sd35-large",
        "sd35-large-turbo",
    ]
    assert [spec.contract.mode for spec in models.values()][:3] == [Mode.RGBA, Mode.RGBA, Mode.RGB]
    assert Size(256, 128) in models["letterpress"].contract.sizes
    advised = {name: (spec.num_inference_steps, spec.guidance_scale) for name, spec in models.items()}
    assert advised["sd35-medium"] == (40, 4.5)
    assert advised["sd35-large"] == (28, 3.5)
    assert advised["sd35-large-turbo"] == (4, 0.0)


def test_reading_the_models_loads_no_torch() -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from core.config.models import load_models;"
        "load_models(Path('models.toml')); assert not {'torch', 'diffusers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, timeout=60)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "guidance_scale = 1.0",
            "guidence_scale = 1.0",
            "line 2, models.mine: .* did you mean guidence_scale",
        ),
        (
            "guidance_scale = 1.0",
            "guidance_scale = nan",
            "line 5, models.mine.guidance_scale: expected 0 to 50",
        ),
        ("num_inference_steps = 8", "num_inference_steps = 0", "line 4, .*expected 1 to 1000, got 0"),
        ('mode = "RGBA"', 'mode = "RGBB"', "line 7, models.mine.contract.mode: .* did you mean RGB"),
        ('mode = "RGBA"', 'mode = "RGBA"\nsizes = [[250, 128]]', "line 8, .*multiples of 8, got 250×128"),
        ('mode = "RGBA"', 'mode = "RGBA"\nsizes = [[4096, 4096]]', "line 8, .*at most 1048576 pixels"),
        (
            'mode = "RGBA"',
            'mode = "RGBA"\nmax_pixel = 7',
            r"line 8, .*max_pixel: unknown key; .*max_pixels\?",
        ),
        (
            'source = "mine"',
            'source = "mine"\ndtype = "fp16"',
            "line 4, .*dtype: expected one of bfloat16, float16, float32, got 'fp16'",
        ),
        ('source = "mine"', 'source = "mine"\nbackend = "difusers"', "did you mean diffusers"),
        ('source = "mine"', 'source = "mine"\ndevice = "gpu"', "expected auto, cpu, mps, cuda or cuda:<n>"),
        ('source = "mine"', 'source = "mine"\nscheduler = "DDIMSheduler"', "did you mean DDIMScheduler"),
        ("[models.mine.contract]", "[models.mine.contrat]", "'contract' is missing.* did you mean contrat"),
        ("[models.mine]", "[models.'Mine!']", "expected a name of"),
        ("[models.mine]", "[settings]\n[models.mine]", "line 2, settings: unknown key"),
        ("[models.mine]", "[models.mine", "line 2"),
    ],
)
def test_a_fault_is_refused_with_line_key_and_nearest(
    before: str, after: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidFile, match=message):
        _load(tmp_path, ONE.replace(before, after))


def test_an_unknown_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean letterpress"):
        find_model(load_models(SHIPPED), "leterpress")


def test_a_folder_that_is_missing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(ONE)
    with pytest.raises(ModelUnavailable, match="expected the folder mine, found nothing") as refused:
        resolve_source(load_models(path)["mine"], path)
    assert "put the folder back" in refused.value.remedy


def test_a_local_model_that_was_removed_is_not_to_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "models").mkdir()
    path = tmp_path / "models.toml"
    path.write_text(ONE.replace('"mine"', '"models/house-2"'))
    with pytest.raises(ModelUnavailable, match="expected the folder models/house-2") as refused:
        resolve_source(load_models(path)["mine"], path)
    assert "put the folder back" in refused.value.remedy
    assert "fetch" not in refused.value.remedy


def test_a_hub_model_that_was_never_fetched_is_refused_without_asking_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelUnavailable) as refused:
        resolve_source(load_models(SHIPPED)["sd35-medium"], SHIPPED)
    assert "models fetch sd35-medium" in refused.value.remedy


def test_fetching_without_a_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable, match="could not be fetched"):
        fetch(load_models(SHIPPED)["sd35-medium"])


@pytest.fixture
def copy(tiny_models_file: Path, tmp_path: Path) -> Path:
    """``models.toml`` beside a copy of one tiny model that a test may damage."""
    shutil.copytree(tiny_models_file.parent / "tiny-sd", tmp_path / "mine")
    path = tmp_path / "models.toml"
    path.write_text(ONE)
    return path


def _digest(path: Path) -> str:
    return model_digest(load_models(path)["mine"], path)


def test_the_digest_changes_with_any_byte_that_is_loaded_and_with_nothing_else(copy: Path) -> None:
    before = _digest(copy)
    (copy.parent / "mine" / "README.md").write_text("a card")
    assert _digest(copy) == before
    config = copy.parent / "mine" / "vae" / "config.json"
    config.write_text(config.read_text() + "\n")
    assert _digest(copy) != before


def test_the_same_files_elsewhere_have_the_same_digest(copy: Path, tiny_models_file: Path) -> None:
    there = replace(load_models(copy)["mine"], name="yours", source="tiny-sd")
    assert model_digest(there, tiny_models_file) == _digest(copy)


@pytest.mark.parametrize(
    "setting",
    ["num_inference_steps = 9", "guidance_scale = 2.0", 'scheduler = "PNDMScheduler"', 'dtype = "float16"'],
)
def test_other_sampling_settings_on_the_same_files_are_another_model(setting: str, copy: Path) -> None:
    before = _digest(copy)
    lines = [line for line in ONE.splitlines() if not line.startswith(setting.split(" = ")[0])]
    copy.write_text("\n".join(lines).replace('source = "mine"', f'source = "mine"\n{setting}'))
    assert _digest(copy) != before


def test_where_a_model_runs_and_what_it_is_called_is_no_part_of_its_identity(copy: Path) -> None:
    before = _digest(copy)
    words = 'title = "Mine"\ndevice = "cpu"\nbatch_size = 7\ncost_per_gpu_second = 1.0\ntags = ["x"]'
    copy.write_text(ONE.replace('source = "mine"', f'source = "mine"\n{words}'))
    assert _digest(copy) == before


@pytest.mark.parametrize(
    "name",
    ["unet/diffusion_pytorch_model.bin", "vae/extra.pkl", "unet/custom.py", "model.ckpt", "pipeline.py"],
)
def test_a_folder_with_a_pickle_or_a_script_is_refused(name: str, copy: Path) -> None:
    (copy.parent / "mine" / name).write_bytes(b"\x80\x04")
    with pytest.raises(UnsafeWeights, match=f"expected safetensors only, found {name}"):
        _digest(copy)


def test_a_hub_snapshot_may_hold_pickles_that_nobody_reads(copy: Path) -> None:
    snapshot = copy.parent / "snapshots" / "mine"
    shutil.copytree(copy.parent / "mine", snapshot)
    (snapshot / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04")
    (snapshot / "handler.py").write_text("# for a hosting service")
    copy.write_text(ONE.replace('"mine"', '"snapshots/mine"'))
    assert _digest(copy)
    (snapshot / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(UnsafeWeights):
        _digest(copy)


def test_a_folder_without_an_index_is_refused(copy: Path) -> None:
    (copy.parent / "mine" / "model_index.json").unlink()
    with pytest.raises(ModelUnavailable, match=r"model_index\.json"):
        _digest(copy)


def test_a_model_without_files_is_identified_by_its_declaration(drawing_models_file: Path) -> None:
    models = load_models(drawing_models_file)
    digests = {model_digest(spec, drawing_models_file) for spec in models.values()}
    assert len(digests) == len(models)
