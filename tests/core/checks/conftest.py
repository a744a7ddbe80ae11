"""LPIPS weights, seeded everywhere and genuine where they are named; published pictures; drawn pairs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from safetensors.torch import load_file

from core.checks import PairToExamine, examine, weights
from core.checks.picture import FeatureCache
from core.config.settings import Settings
from core.records import Arm, Case, Measurement
from tests.seeded_backbones import save_seeded

WEIGHTS = os.environ.get("SIDEGRADE_LPIPS_WEIGHTS")
"""Read as this file is: a test sees no setting of the machine it runs on."""
ORACLES = os.environ.get("SIDEGRADE_ORACLES")
"""A folder of pictures with published distances, likewise."""

Examine = Callable[..., list[Measurement]]


@pytest.fixture
def genuine_settings(settings: Settings) -> Settings:
    """Settings that find genuine LPIPS weights; the test is skipped where there are none."""
    found = replace(settings, lpips_weights=Path(WEIGHTS) if WEIGHTS else None)
    if any(weights.find(net, found) is None for net in ("alex", "squeeze")):
        pytest.skip("no LPIPS weights here: set SIDEGRADE_LPIPS_WEIGHTS to a folder that holds them")
    return found


@pytest.fixture(scope="session")
def seeded_backbones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights of the right names and shapes for AlexNet and SqueezeNet, drawn from a seed."""
    folder = tmp_path_factory.mktemp("seeded")
    for net in ("alex", "squeeze"):
        save_seeded(net, folder)
    return folder


@pytest.fixture
def lpips_settings(settings: Settings, seeded_backbones: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that find seeded weights, with a table of backbones that calls exactly these genuine.

    The table is the one seam: everything after it, from the file over its digest to the network, is the
    product's own. What holds for a network of any weights is proved on these, without a download.
    """
    for file in seeded_backbones.iterdir():
        net = next(net for net, backbone in weights.BACKBONES.items() if backbone.file == file.name)
        digest = weights.tensors_digest(load_file(file))
        monkeypatch.setitem(weights.BACKBONES, net, replace(weights.BACKBONES[net], digest=digest))
    return replace(settings, lpips_weights=seeded_backbones)


@pytest.fixture
def published() -> Callable[[str], Image.Image]:
    """Pictures with published distances, by path; the test is skipped where there are none."""

    def opened(path: str) -> Image.Image:
        file = Path(ORACLES or "") / path
        if not file.is_file():
            pytest.skip("no published pictures here: set SIDEGRADE_ORACLES to a folder that holds them")
        return Image.open(file).convert("RGB")

    return opened


@pytest.fixture
def found(settings: Settings, now: datetime) -> Examine:
    """``found(baseline, candidate, check, **case)`` examines two images by one check."""

    def run(
        baseline: Image.Image | None,
        candidate: Image.Image | None,
        check: str,
        *,
        using: Settings = settings,
        parts: dict[str, Any] | None = None,
        **case: Any,
    ) -> list[Measurement]:
        width, height = (baseline or candidate or Image.new("RGB", (8, 8))).size
        asked = Case(**{"name": "drawn", "prompt": "drawn", "width": width, "height": height, **case})
        pair = PairToExamine(
            pair_id="pair_1",
            case=asked,
            baseline=baseline,
            candidate=candidate,
            cache=FeatureCache(1 << 26),
            **(parts or {}),
        )
        return examine(pair, checks=[check], settings=using, now=now)

    return run


def one(
    found: list[Measurement], metric: str, arm: Arm | None = None, subject: str | None = None
) -> Measurement:
    """The only measurement of a metric (on an arm, about a subject)."""
    (measurement,) = [
        m for m in found if m.metric == metric and m.arm is arm and subject in (None, m.subject)
    ]
    return measurement
