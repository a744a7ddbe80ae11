"""Problems that users of other tools reported in public, kept as small inputs: pictures of unusual kinds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.config.settings import Settings
from core.conformance.edit_sources import EditSource, RefusedSource, Source, folder_sources
from core.records import Measurement, MeasurementStatus
from tests.core.checks.conftest import Examine, one

FILES = Path(__file__).parent / "files"


# ---- banners -----------------------------------------------------------------------------------------------


def banner(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """A grey ramp with a red box; and the same with a blue one beside it."""
    ramp = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    red = Image.fromarray(ramp.astype(np.uint8))
    ImageDraw.Draw(red).rectangle((width // 8, height // 4, width // 3, 3 * height // 4), fill=(200, 30, 40))
    both = red.copy()
    place = (width // 2, height // 4, 2 * width // 3, 3 * height // 4)
    ImageDraw.Draw(both).rectangle(place, fill=(30, 90, 200))
    return red, both


SIZES = ((728, 90), (970, 66), (1600, 100), (2048, 64), (4096, 64), (64, 2048))
METRICS = {"ssim": "ssim", "flip": "flip", "colour": "delta_e"}
THIN = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="the smallest side is asked about before a picture is reduced (Text)",
)


def thin(*sizes: tuple[int, int]) -> list[object]:
    """Every size; those of which too little is left once they are reduced with the mark of the problem."""
    return [pytest.param(size, marks=[THIN] if size in sizes else [], id=str(size)) for size in SIZES]


def is_told(measured: Measurement) -> bool:
    """A distance, or words that say how many pixels it takes."""
    return measured.status is MeasurementStatus.MEASURED or "expected at least" in measured.reason


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("check", sorted(METRICS))
def test_a_banner_has_a_distance(found: Examine, check: str, size: tuple[int, int]) -> None:
    assert is_told(one(found(*banner(*size), check), METRICS[check]))


@pytest.mark.parametrize("size", thin((970, 66), (1600, 100), (2048, 64), (4096, 64), (64, 2048)))
def test_a_banner_has_a_distance_by_st_lpips_or_is_said_to_be_too_small(
    found: Examine, size: tuple[int, int]
) -> None:
    assert is_told(one(found(*banner(*size), "stlpips"), "stlpips"))


@pytest.mark.parametrize("size", thin((2048, 64), (4096, 64), (64, 2048)))
def test_a_banner_has_a_distance_by_lpips_or_is_said_to_be_too_small(
    lpips_settings: Settings, found: Examine, size: tuple[int, int]
) -> None:
    assert is_told(one(found(*banner(*size), "lpips", using=lpips_settings), "lpips"))


# ---- files -------------------------------------------------------------------------------------------------


def source_of(file: str, folder: Path) -> Source:
    """The picture as a folder to edit gives it."""
    shutil.copy(FILES / file, folder)
    (source,) = folder_sources(folder, prompt="a red and a blue half", seed=1)
    return source


LOST = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="what a file holds beside its first frame's colours is lost without a word (Text)",
)


@LOST
def test_a_colour_that_stands_for_transparency_is_refused_as_that(tmp_path: Path) -> None:
    source = source_of("transparent-colour.png", tmp_path)
    assert isinstance(source, RefusedSource)
    assert "transparen" in str(source.error)


@LOST
@pytest.mark.parametrize("file", ["animated.png", "animated.webp"])
def test_a_picture_of_several_frames_is_refused_as_that(file: str, tmp_path: Path) -> None:
    source = source_of(file, tmp_path)
    assert isinstance(source, RefusedSource)
    assert "frame" in str(source.error)


def test_a_turned_photograph_is_refused_with_its_orientation(tmp_path: Path) -> None:
    source = source_of("orientation-turned.jpg", tmp_path)
    assert isinstance(source, RefusedSource)
    assert "EXIF orientation 6" in str(source.error)


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="an orientation that is not set is taken for one that is turned (Text)",
)
def test_a_photograph_whose_orientation_is_not_set_is_taken(tmp_path: Path) -> None:
    assert isinstance(source_of("orientation-unset.jpg", tmp_path), EditSource)
