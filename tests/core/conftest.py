"""Models every test of core may use: real tiny pipelines, and posters drawn without torch."""

from __future__ import annotations

from pathlib import Path

import pytest


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
