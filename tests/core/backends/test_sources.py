"""Where a model's files lie: a folder beside models.toml, or a snapshot that was fetched; never a guess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.backends.sources import fetch, is_here, model_digest, resolve_source
from core.errors import ModelUnavailable
from core.records import Contract, Mode, ModelSpec

SPEC = ModelSpec(
    name="mine",
    source="owner/name",
    num_inference_steps=8,
    guidance_scale=1,
    contract=Contract(mode=Mode.RGB),
)
DRAWN = replace(SPEC, backend="drawing", source="")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, dict[str, Any]]]:
    """What a hub that has everything was asked for."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def snapshot(source: str, **how: Any) -> str:
        asked.append((source, how))
        return str(tmp_path / "snapshot")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    return asked


def test_a_fetched_model_is_found_without_asking_the_network(hub: Any, tmp_path: Path) -> None:
    spec = replace(SPEC, revision="abc")
    assert resolve_source(spec, tmp_path / "models.toml") == tmp_path / "snapshot"
    assert hub == [("owner/name", {"revision": "abc", "local_files_only": True})]
    assert is_here(spec, tmp_path / "models.toml")


def test_a_folder_beside_the_file_comes_before_a_hub(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    assert resolve_source(SPEC, tmp_path / "models.toml") == tmp_path / "owner" / "name"
    assert hub == []


def test_only_configurations_and_safetensors_are_fetched(hub: Any, tmp_path: Path) -> None:
    assert fetch(replace(SPEC, revision="abc")) == tmp_path / "snapshot"
    wanted = ["model_index.json", "*/*.json", "*/*.safetensors", "*/*.txt", "*/*.model"]
    assert hub == [("owner/name", {"revision": "abc", "allow_patterns": wanted})]


@pytest.mark.parametrize("source", ["nothing", "a/b/c", "x y/z"])
def test_a_source_that_is_neither_folder_nor_hub_id_is_not_here(source: str, tmp_path: Path) -> None:
    spec = replace(SPEC, source=source)
    assert not is_here(spec, tmp_path / "models.toml")
    with pytest.raises(ModelUnavailable, match=f"^mine: expected the folder {source}, found nothing there$"):
        resolve_source(spec, tmp_path / "models.toml")


def test_a_source_that_cannot_be_a_path_is_repeated_to_eighty_characters(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"got '" + "x" * 80 + "'$") as refused:
        resolve_source(replace(SPEC, source="x" * 5_000), tmp_path / "models.toml")
    assert refused.value.remedy.startswith("correct `source` in models.toml (")
    assert len(refused.value.remedy) <= 300
    with pytest.raises(ModelUnavailable, match="expected a folder or a hub id such as owner/name"):
        fetch(replace(SPEC, source="../x"))


@pytest.mark.parametrize(
    "other",
    [
        {"source": "other"},
        {"num_inference_steps": 9},
        {"guidance_scale": 2.0},
        {"dtype": "float16"},
        {"scheduler": "DDIMScheduler"},
        {"scheduler_config": {"shift": 2}},
        {"contract": Contract(mode=Mode.RGBA)},
    ],
)
def test_a_model_without_files_is_another_by_whatever_it_draws_with(
    other: dict[str, Any], tmp_path: Path
) -> None:
    here = tmp_path / "models.toml"
    assert is_here(DRAWN, here)
    assert model_digest(replace(DRAWN, **other), here) != model_digest(DRAWN, here)
    assert model_digest(replace(DRAWN, name="yours", device="cpu", title="T"), here) == model_digest(
        DRAWN, here
    )
