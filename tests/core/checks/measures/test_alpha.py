"""Every way transparency is known to break is caught, and clean cut-outs are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.checks.cutout.matte import baked_matte, checkerboard_cell
from core.checks.measures.alpha import mask_of
from core.checks.picture import OPAQUE, FeatureCache, Picture
from core.checks.selftest.cutouts import CLEAN, FAULTS, draw_cutout
from core.records import Arm, MeasurementStatus
from tests.core.checks.conftest import Examine, one

CUTOUT = draw_cutout(seed=7)

REASONS = {
    "opaque white background": "a flat white background is painted in instead of transparency",
    "alpha full everywhere": "alpha is full everywhere: nothing is transparent",
    "alpha empty everywhere": "alpha is 0 everywhere: nothing can be seen",
    "checkerboard painted in": "a checkerboard of 8 px is painted in instead of transparency",
    "alpha channel dropped": "expected alpha channel, found null (mode RGB)",
    "premultiplied saved as straight": "black matte in the edges",
    "white matte in the edges": "white matte in the edges",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_known_fault_is_caught_and_named(found: Examine, fault: str) -> None:
    measured = found(CUTOUT, FAULTS[fault](CUTOUT), "alpha", expects_alpha=True)
    faults = one(measured, "faults", Arm.CANDIDATE)
    assert faults.value is not None
    assert faults.value >= 1
    assert REASONS[fault] in faults.reason
    assert one(measured, "faults", Arm.BASELINE).value == 0


@pytest.mark.parametrize("change", CLEAN)
def test_a_clean_cut_out_has_no_fault(found: Examine, change: str) -> None:
    measured = found(CUTOUT, CLEAN[change](CUTOUT), "alpha", expects_alpha=True)
    assert one(measured, "faults", Arm.CANDIDATE).value == 0


def test_a_dropped_channel_is_seen_even_where_nothing_was_asked(found: Examine) -> None:
    measured = found(CUTOUT, CUTOUT.convert("RGB"), "alpha")
    assert one(measured, "band_present", Arm.BASELINE).value == 1
    assert one(measured, "band_present", Arm.CANDIDATE).value == 0
    assert one(measured, "parity").value == 0


def test_two_opaque_pictures_are_not_examined_unless_asked(found: Examine) -> None:
    opaque = Image.new("RGB", (32, 32), "teal")
    assert {m.status for m in found(opaque, opaque, "alpha")} == {MeasurementStatus.NOT_APPLICABLE}


def test_transparency_where_none_is_wanted_is_a_fault(found: Examine) -> None:
    faults = one(found(CUTOUT, CUTOUT, "alpha", expects_alpha=False), "faults", Arm.CANDIDATE)
    assert "expected an opaque picture" in faults.reason
    assert faults.regions
    assert all(region.arm is Arm.CANDIDATE for region in faults.regions)


def test_a_fault_says_where_it_is(found: Examine) -> None:
    board = one(
        found(CUTOUT, FAULTS["checkerboard painted in"](CUTOUT), "alpha", expects_alpha=True),
        "faults",
        Arm.CANDIDATE,
    )
    assert {tuple(region.box) for region in board.regions} == {(0, 0, *CUTOUT.size)}
    edges = one(
        found(CUTOUT, FAULTS["white matte in the edges"](CUTOUT), "alpha", expects_alpha=True),
        "faults",
        Arm.CANDIDATE,
    )
    assert edges.regions[0].label == edges.reason


def test_how_much_shines_through_is_said_in_the_fault(found: Examine) -> None:
    half = Image.new("RGBA", (32, 32), "teal")
    half.paste((0, 128, 128, 90), (0, 0, 16, 32))
    half.paste((0, 128, 128, OPAQUE), (16, 0, 32, 32))
    faults = one(found(half, half, "alpha", expects_alpha=False), "faults", Arm.CANDIDATE)
    assert "50% of it shines through" in faults.reason
    assert [tuple(region.box) for region in faults.regions] == [(0, 0, 16, 32)]


def test_single_pixels_that_shine_through_are_no_fault(found: Examine) -> None:
    specks = Image.new("RGBA", (32, 32), "teal")
    for place in ((3, 4), (20, 9)):
        specks.putpixel(place, (0, 128, 128, 90))
    assert one(found(specks, specks, "alpha", expects_alpha=False), "faults", Arm.CANDIDATE).value == 0


def test_a_missing_channel_is_no_matter_where_an_opaque_picture_is_wanted(found: Examine) -> None:
    opaque = Image.new("RGB", (32, 32), "teal")
    measured = found(opaque.convert("RGBA"), opaque, "alpha", expects_alpha=False)
    assert one(measured, "band_present", Arm.CANDIDATE).status is MeasurementStatus.NOT_APPLICABLE
    assert one(measured, "faults", Arm.CANDIDATE).value == 0
    assert one(measured, "parity").value == 0


def test_a_decoder_s_last_levels_of_alpha_are_no_transparency(found: Examine) -> None:
    almost = Image.new("RGBA", (32, 32), (10, 90, 120, 246))
    assert one(found(almost, almost, "alpha", expects_alpha=False), "faults", Arm.BASELINE).value == 0


def test_holes_and_islands_are_counted_and_shown(found: Examine) -> None:
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[5:25, 5:25] = pixels[5:15, 40:50] = 255
    pixels[10:16, 10:16] = 0
    image = Image.fromarray(pixels, "RGBA")
    measured = found(image, image, "alpha")
    assert one(measured, "islands", Arm.BASELINE).value == 2
    holes = one(measured, "holes", Arm.BASELINE)
    assert [tuple(region.box) for region in holes.regions] == [(10, 10, 6, 6)]


def test_masks_of_pictures_that_differ_in_size_are_not_compared(found: Examine) -> None:
    iou = one(found(CUTOUT, CUTOUT.resize((64, 64)), "alpha"), "mask_iou")
    assert (iou.status, iou.value) == (MeasurementStatus.ERROR, None)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, (12, 9), elements=st.sampled_from([0, 90, 128, 255])))
def test_coverage_and_counts_hold_for_any_alpha(alpha: np.ndarray) -> None:
    image = Image.new("RGBA", (9, 12), (200, 180, 140))
    image.putalpha(Image.fromarray(alpha))
    mask = mask_of(Picture(image, cache=FeatureCache(1 << 20)))
    assert mask.coverage == pytest.approx(alpha.mean() / 255)
    assert mask.fringe.levels == 0
    assert not mask.fringe.is_fault


@pytest.mark.parametrize("cell", [4, 8, 13, 32])
def test_a_checkerboard_of_any_cell_is_recognised(cell: int) -> None:
    rows, columns = np.indices((160, 200)) // cell
    board = np.where((rows + columns) % 2, 255, 204).astype(np.uint8)
    rgb = np.repeat(board[..., None], 3, axis=2)
    rgb[60:100, 60:130] = (180, 30, 30)
    assert checkerboard_cell(rgb) == cell


def test_neither_noise_nor_a_photograph_like_ground_is_a_matte() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    slope = np.repeat(np.linspace(20, 220, 96).astype(np.uint8)[:, None, None], 96, axis=1).repeat(3, axis=2)
    assert baked_matte(noise) is None
    assert baked_matte(slope) is None
