"""A backend is imported when a model of it is opened, and a model that was only checked is freed."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import core.backends as backends
from core.backends import BACKENDS, BackendCard, backend_class, check_parts_fit, open_backend, scheduler_names
from core.backends.drawing import DrawingBackend
from core.config.models import load_models
from core.errors import BackendUnavailable, LatentShapeMismatch, ModelUnavailable
from core.records import ModelSpec, Size


@pytest.fixture
def spec(drawing_models_file: Path) -> ModelSpec:
    return load_models(drawing_models_file)["sketch"]


def test_a_model_that_was_checked_gives_its_memory_back_whatever_was_found(
    spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Checked(DrawingBackend):
        def close(self) -> None:
            closed.append(self.spec.name)

    monkeypatch.setattr(backends, "backend_class", lambda spec: Checked)
    assert check_parts_fit(spec, Path("models.toml")) == (
        "draws by Pillow: it has no parts that could disagree",
    )
    assert closed == ["sketch"]


@pytest.mark.parametrize(
    ("raised", "arrives"),
    [(LatentShapeMismatch("no"), LatentShapeMismatch), (KeyError("vae"), ModelUnavailable)],
)
def test_whatever_is_wrong_with_a_model_is_told_with_its_name(
    raised: Exception, arrives: type[Exception], spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def opening(_spec: ModelSpec, _file: Path, *, threads: int) -> None:
        asked.append(threads)
        raise raised

    monkeypatch.setattr(backends, "backend_class", lambda spec: opening)
    with pytest.raises(arrives):
        open_backend(spec, Path("models.toml"))
    with pytest.raises(arrives):
        open_backend(spec, Path("models.toml"), threads=3)
    assert asked == [1, 3]


def test_a_backend_whose_package_is_missing_says_so(spec: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKENDS, "drawing", BackendCard("no_such_package:Nothing", False, "nothing"))
    with pytest.raises(
        BackendUnavailable, match=r"^sketch: the backend drawing cannot be imported \(No mod"
    ) as no:
        backend_class(spec)
    assert no.value.remedy == "run `make setup`"
    monkeypatch.undo()
    assert backend_class(spec) is DrawingBackend


def test_only_a_diffusers_model_has_files() -> None:
    assert {name: card.has_files for name, card in BACKENDS.items()} == {"diffusers": True, "drawing": False}


@pytest.mark.parametrize("package", [None, SimpleNamespace(submodule_search_locations=None)])
def test_without_diffusers_no_scheduler_is_known(package: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: package)
    assert scheduler_names.__wrapped__() == frozenset()


def test_what_draws_by_pillow_needs_no_device_and_no_weights(spec: ModelSpec) -> None:
    assert (DrawingBackend.device_of(spec), DrawingBackend.device) == ("cpu", "cpu")
    assert DrawingBackend.weight_bytes(spec, Path("models.toml")) == 0
    assert 0 < DrawingBackend.free_bytes("cpu") <= psutil.virtual_memory().total
    assert DrawingBackend(spec, Path("models.toml")).latent_shape(Size(128, 64)) == (1, 4, 8, 16)


def test_a_poster_is_recorded_with_the_scheduler_that_is_declared(spec: ModelSpec) -> None:
    declared = replace(spec, scheduler="DDIMScheduler", scheduler_config={"shift": math.inf})
    loaded = DrawingBackend(declared, Path("models.toml")).loaded
    assert (loaded.scheduler, loaded.scheduler_config) == ("DDIMScheduler", {"shift": "inf"})
    assert (loaded.device_class, loaded.library_versions) == ("cpu", {"pillow": version("pillow")})
    assert DrawingBackend(spec, Path("models.toml")).loaded.scheduler == "drawing"
