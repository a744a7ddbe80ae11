"""Stairs in gentle slopes are told from smooth slopes and from the edges of things."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.checks.measures.banding import stairs
from core.checks.selftest.scenes import draw_scene, draw_slope
from core.records import Arm
from tests.core.checks.conftest import Examine, one


@pytest.mark.parametrize("levels", [8, 12])
def test_a_slope_of_few_levels_is_stairs(levels: int) -> None:
    smooth = draw_slope(0)
    reduced = smooth.point(lambda level: level // levels * levels)
    assert stairs(np.asarray(smooth)) < 0.02
    assert stairs(np.asarray(reduced)) > 0.2


def test_a_banded_sky_is_shown_where_it_is(found: Examine) -> None:
    scene = Image.new("RGB", (192, 192), "black")
    smooth = draw_slope(0).resize((192, 96))
    banded = smooth.point(lambda level: level // 12 * 12)
    clean, stepped = scene.copy(), scene.copy()
    clean.paste(smooth, (0, 96))
    stepped.paste(banded, (0, 96))
    measured = found(clean, stepped, "banding")
    assert one(measured, "banding", Arm.BASELINE).regions == ()
    regions = one(measured, "banding", Arm.CANDIDATE).regions
    assert regions
    assert {region.arm for region in regions} == {Arm.CANDIDATE}
    assert all(region.box.y >= 84 for region in regions)


def test_flat_and_hard_edged_pictures_have_no_slopes_to_band() -> None:
    assert stairs(np.zeros((20, 20, 3), np.uint8)) == 0
    assert stairs(np.asarray(draw_scene(0).convert("1").convert("RGB"))) == 0


def test_pictures_smaller_than_a_tread_have_no_stairs() -> None:
    assert stairs(np.asarray(Image.new("RGB", (4, 3)))) == 0
