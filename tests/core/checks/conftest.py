"""Genuine LPIPS weights and published pictures, where this machine has them; drawn pairs everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.checks import PairToExamine, examine, weights
from core.checks.picture import FeatureCache
from core.config.settings import PROJECT, Settings
from core.records import Arm, Case, Measurement

LENT = PROJECT.parent / "shared"
"""A folder beside the checkout that may hold weights and published pictures; never part of the project."""

Examine = Callable[..., list[Measurement]]


@pytest.fixture
def lpips_settings(settings: Settings) -> Settings:
    """Settings that find genuine LPIPS weights; the test is skipped where there are none."""
    folder = Path(os.environ.get("SIDEGRADE_LPIPS_WEIGHTS") or LENT / "weights")
    found = replace(settings, lpips_weights=folder)
    if weights.find("alex", found) is None:
        pytest.skip("no LPIPS weights here: set SIDEGRADE_LPIPS_WEIGHTS to a folder that holds them")
    return found


@pytest.fixture
def published() -> Callable[[str], Image.Image]:
    """Pictures with published distances, by path; the test is skipped where there are none."""

    def opened(path: str) -> Image.Image:
        file = Path(os.environ.get("SIDEGRADE_ORACLES") or LENT / "oracles") / path
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
        evidence: dict[str, Any] | None = None,
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
            **(evidence or {}),
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
