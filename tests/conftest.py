"""Fixtures every test may use: a clean environment, a fixed time, settings, a store in a temporary home."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from core.config.settings import Settings
from core.torch_runtime import prepare_process
from db.store import Store

prepare_process()

# How long an example takes says nothing on a machine that is busy with other work.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


SWITCH = "SIDEGRADE_REQUIRE_"
"""How the variables begin that switch tests themselves: what is missing is then a failure, not a skip."""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SIDEGRADE_")]:
        if not name.startswith(SWITCH):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SIDEGRADE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    # A page under AppTest calls itself __main__; a process started by a later test would run it.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def now() -> datetime:
    """One fixed moment, aware UTC."""
    return datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is a temporary folder."""
    return Settings.from_env({}, home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A real store on SQLite, migrated, in a temporary home."""
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def tiny_models_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``models.toml`` beside three real tiny pipelines: SD 1.x, SDXL and SD3 classes."""
    from tests.tiny_models import build  # imports torch: only where a test asks for it

    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def drawing_models_file(tmp_path: Path) -> Path:
    """``models.toml`` with two models that draw by Pillow: ``sketch`` (RGBA) and ``sketch-turbo`` (RGB)."""
    path = tmp_path / "models.toml"
    path.write_text(DRAWING)
    return path


DRAWING = """
[models.sketch]
backend = "drawing"
num_inference_steps = 8
guidance_scale = 1.0
[models.sketch.contract]
mode = "RGBA"
sizes = [[256, 128], [128, 64]]

[models.sketch-turbo]
backend = "drawing"
num_inference_steps = 3
guidance_scale = 1.0
[models.sketch-turbo.contract]
mode = "RGB"
sizes = [[256, 128], [128, 64]]
"""
