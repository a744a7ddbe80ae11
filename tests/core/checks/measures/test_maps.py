"""Maps show where two pictures differ, point at it, and travel small with the finding."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from core.checks.maps import regions_of, stored_map
from core.checks.measures import lpips
from core.checks.perceptual import spatial, to_tensor
from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.scenes import draw_scene
from core.config.settings import Settings
from core.records import Box, Size
from tests.core.checks.conftest import Examine, one

SCENE = draw_scene(6, side=160)
CHANGED = SCENE.copy()
ImageDraw.Draw(CHANGED).ellipse((100, 30, 130, 60), fill=(255, 0, 200))


def picture(image: Image.Image) -> Picture:
    return Picture(image, cache=FeatureCache(1 << 28))


def near(box: Box, x: int, y: int, slack: int = 8) -> bool:
    across = box.x - slack <= x <= box.x + box.width + slack
    return across and box.y - slack <= y <= box.y + box.height + slack


@pytest.mark.parametrize("check", ["lpips", "flip"])
def test_a_finding_carries_its_map_and_regions(found: Examine, lpips_settings: Settings, check: str) -> None:
    measured = one(found(SCENE, CHANGED, check, using=lpips_settings), check)
    assert near(measured.regions[0].box, 115, 45)
    png = stored_map(measured)
    assert png is not None
    assert len(png) < 20_000
    assert Image.open(io.BytesIO(png)).size == (128, 128)


def test_the_lpips_map_equals_the_package(lpips_settings: Settings) -> None:
    network = lpips.load_network(lpips_settings)
    a, b = picture(SCENE), picture(CHANGED)
    network.module.spatial = True
    try:
        with torch.inference_mode():
            reference = network.module(to_tensor(a.rgb), to_tensor(b.rgb))[0, 0].numpy()
    finally:
        network.module.spatial = False
    ours = spatial(network.maps(a, b, "white", a.size), a.size)
    assert np.abs(ours - reference).max() < 1e-6


def test_equal_pictures_point_nowhere(found: Examine) -> None:
    measured = one(found(SCENE, SCENE.copy(), "flip"), "flip")
    assert measured.regions == ()
    png = stored_map(measured)
    assert png is not None
    assert np.asarray(Image.open(io.BytesIO(png))).max() == 0


def test_regions_are_in_pixels_of_the_picture_and_strongest_first() -> None:
    values = np.zeros((10, 20), np.float32)
    values[1, 2], values[6:8, 10:14] = 0.8, 0.9
    boxes = [region.box for region in regions_of(values, Size(200, 100))]
    assert boxes == [Box(100, 60, 40, 20), Box(20, 10, 10, 10)]


def test_a_region_is_what_reaches_half_of_the_peak_and_touches_at_an_edge_or_a_corner() -> None:
    values = np.zeros((8, 8), np.float32)
    values[2, 2], values[2, 3], values[3, 4], values[2, 5] = 1.0, 0.5, 0.5, 0.49
    assert [region.box for region in regions_of(values, Size(8, 8))] == [Box(2, 2, 3, 2)]


def test_at_most_eight_regions_are_shown_and_a_faint_map_points_nowhere() -> None:
    values = np.zeros((32, 32), np.float32)
    values[::6, ::6] = 0.1
    assert len(regions_of(values, Size(32, 32))) == 8
    assert regions_of(values * 0.99, Size(32, 32)) == ()


def test_a_page_shows_stored_and_flip_maps_without_torch() -> None:
    code = (
        "import sys; from core.checks import CHECKS; from core.checks.maps import stored_map;"
        "import core.checks.measures.flip; sys.exit('torch' in sys.modules or 'onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
