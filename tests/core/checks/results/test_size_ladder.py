"""The curve of a size ladder counts what could be told, per arm and height."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageDraw

from core.checks.results.size_ladder import pass_rate_by_size
from core.records import Arm, ExpectedText
from tests.core.checks.conftest import Examine


def rungs(found: Examine, candidate_text: str) -> dict[tuple[Arm, int], float]:
    images = [Image.new("RGB", (300, 160), "navy") for _ in Arm]
    for image, text in zip(images, ("SALE NOW", candidate_text), strict=True):
        draw: Any = ImageDraw.Draw(image)
        draw.text((150, 40), "SALE NOW", "white", font_size=44, anchor="mm")
        draw.text((150, 110), text, "white", font_size=20, anchor="mm")
    asked = tuple(ExpectedText(text="SALE NOW", letter_height_px=height) for height in (32, 14))
    measured = found(*images, "typography", expected_text=asked)
    return {(rung.arm, rung.letter_height_px): rung.pass_rate for rung in pass_rate_by_size(measured)}


def test_each_arm_has_a_rung_for_each_height(found: Examine) -> None:
    assert rungs(found, "SALT NOW") == {
        (Arm.BASELINE, 14): 1,
        (Arm.BASELINE, 32): 1,
        (Arm.CANDIDATE, 14): 0,
        (Arm.CANDIDATE, 32): 1,
    }


def test_no_lettering_has_no_rungs() -> None:
    assert pass_rate_by_size([]) == []
