"""A picture that lost its colours fills less of the gamut, whatever its brightness."""

from __future__ import annotations

from PIL import ImageEnhance

from core.checks.selftest.scenes import draw_scene
from tests.core.checks.conftest import Examine, one


def test_lost_colours_shrink_the_gamut_and_brightness_does_not(found: Examine) -> None:
    scene = draw_scene(3)
    assert one(found(scene, scene, "gamut"), "gamut_ratio").value == 1
    grey = one(found(scene, ImageEnhance.Color(scene).enhance(0.1), "gamut"), "gamut_ratio")
    assert grey.value is not None
    assert grey.value < 0.5
