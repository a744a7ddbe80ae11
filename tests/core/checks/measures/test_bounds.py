"""Each measure at the very bounds of its rules: the last value on one side, the first on the other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.checks.comparison import Worst, at_size, reduced, same_size, worst_background
from core.checks.maps import regions_of, stored, stored_map
from core.checks.measures.alpha import _largest_boxes, mask_of, subject_mask
from core.checks.measures.banding import LINES, TREAD, stairs
from core.checks.measures.composition import _iou, subject_box
from core.checks.picture import FeatureCache, Picture
from core.errors import CheckUnavailable
from core.records import Arm, Box, Size
from tests.core.checks.conftest import Examine, one


def picture(image: Image.Image) -> Picture:
    return Picture(image, cache=FeatureCache(1 << 24))


@pytest.mark.parametrize(
    ("size", "to"),
    [
        (Size(512, 512), Size(512, 512)),
        (Size(513, 100), Size(512, 100)),
        (Size(100, 1024), Size(50, 512)),
        (Size(2000, 1), Size(512, 1)),
        (Size(1, 2000), Size(1, 512)),
    ],
)
def test_a_side_is_reduced_to_the_largest_and_never_to_nothing(size: Size, to: Size) -> None:
    assert reduced(size, 512) == to


def test_pictures_of_the_least_size_are_compared_and_smaller_ones_are_not() -> None:
    tiny, small = (picture(Image.new("RGB", size)) for size in ((1, 1), (9, 7)))
    assert same_size(tiny, tiny) == Size(1, 1)
    assert same_size(small, small, min_side=7) == Size(9, 7)
    with pytest.raises(CheckUnavailable, match="at least 8 px on each side, got 9×7"):
        same_size(small, small, min_side=8)


def test_pixels_come_as_they_are_at_their_own_size_and_reduced_once_over_each_background() -> None:
    glass = picture(Image.new("RGBA", (40, 20), (200, 0, 0, 0)))
    assert at_size(glass, "black", Size(40, 20)) is glass.over("black")
    white, black = (at_size(glass, name, Size(20, 10)) for name in ("white", "black"))
    assert white.shape == (10, 20, 3)
    assert (white.mean(), black.mean()) == (255, 0)
    assert at_size(glass, "white", Size(20, 10)) is white
    opaque = picture(Image.new("RGB", (40, 20), "teal"))
    assert at_size(opaque, "white", Size(20, 10)) is at_size(opaque, "black", Size(20, 10))


def test_the_largest_distance_counts_and_is_named_where_there_was_a_choice() -> None:
    glass, opaque = (picture(Image.new("RGBA", (8, 8), (9, 9, 9, alpha))) for alpha in (9, 255))
    worst = worst_background(glass, opaque, {"white": 0.1, "black": 0.3, "grey": 0.2}.__getitem__)
    assert worst == Worst(0.3, "black", {"white": 0.1, "black": 0.3, "grey": 0.2})
    assert worst.words == " over black, the worst of 3 backgrounds"
    assert worst_background(opaque, opaque, lambda name: 0.5) == Worst(0.5, "white", {"white": 0.5})
    assert Worst(0.5, "white", {"white": 0.5}).words == ""


def test_a_place_on_a_map_finer_than_the_picture_is_at_least_a_pixel() -> None:
    values = np.zeros((20, 20), np.float32)
    values[3, 3] = 1
    assert [region.box for region in regions_of(values, Size(5, 5))] == [Box(1, 1, 1, 1)]
    assert regions_of(np.zeros((0, 0), np.float32), Size(5, 5)) == ()


def test_a_map_is_stored_with_its_peak_and_a_finding_without_one_has_none(found: Examine) -> None:
    kept = stored(np.array([[0.25, 2.0]], np.float32))
    assert kept["map_peak"] == 2.0
    blank = Image.new("RGB", (64, 64))
    assert stored_map(one(found(blank, blank, "blank"), "identical")) is None


@pytest.mark.parametrize(("alpha", "inside"), [(127, False), (128, True)])
def test_the_subject_is_what_is_at_least_half_opaque(alpha: int, inside: bool) -> None:
    assert subject_mask(picture(Image.new("RGBA", (1, 1), (0, 0, 0, alpha)))).all() == inside


def test_the_width_of_soft_edges_counts_what_is_neither_clear_nor_full() -> None:
    alpha = np.zeros((9, 9), np.uint8)
    alpha[3:6, 3:6] = 255
    alpha[3:6, 2], alpha[2, 3:6] = 1, 254  # twelve pixels of the subject, ten of them its rim
    image = Image.new("RGBA", (9, 9), "navy")
    image.putalpha(Image.fromarray(alpha))
    mask = mask_of(picture(image))
    assert mask.halo_width == pytest.approx(6 / 10)
    assert mask_of(picture(Image.new("RGBA", (9, 9)))).halo_width == 0


def test_the_eight_largest_parts_are_shown_largest_first() -> None:
    mask = np.zeros((40, 40), bool)
    for number in range(9):
        mask[4 * number : 4 * number + 2, : 2 + number] = True
    boxes = _largest_boxes(mask)
    assert [box.width for box in boxes] == [10, 9, 8, 7, 6, 5, 4, 3]


def steps(*at: tuple[int, int], width: int = 40) -> np.ndarray:
    """A picture whose columns rise by so many levels at given places."""
    rise = np.zeros(width, np.int64)
    for column, height in at:
        rise[column] = height
    return np.repeat(np.cumsum(rise)[None, :, None], LINES, axis=0).repeat(3, axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    ("places", "share"),
    [
        ([(20, 1)], 0),
        ([(20, 2)], 0),
        ([(20, 3)], 1),
        ([(20, 16)], 1),
        ([(20, 17)], 0),
        ([(20, 8), (20 + TREAD + 1, 8)], 1),
        ([(20, 8), (20 + TREAD, 8)], 0),
        ([(10, 8), (20, 1)], 0.5),
        ([(TREAD, 8)], 0),
        ([(TREAD + 1, 8)], 1),
        ([(40 - TREAD, 8)], 0),
        ([(40 - TREAD - 1, 8)], 1),
    ],
)
def test_a_stair_is_a_step_of_3_to_16_levels_between_two_treads_of_4_pixels(
    places: list[tuple[int, int]], share: float
) -> None:
    assert stairs(steps(*places)) == share
    assert stairs(steps(*places).transpose(1, 0, 2)) == share


@pytest.mark.parametrize(("levels", "stands_out"), [(48, False), (49, True)])
def test_a_subject_differs_from_the_border_by_more_than_48_levels(levels: int, stands_out: bool) -> None:
    image = Image.new("RGB", (50, 50), (100, 100, 100))
    image.paste((100, 100, 100 - levels), (10, 10, 20, 20))
    assert (subject_box(picture(image)) is not None) is stands_out


@pytest.mark.parametrize(
    ("x", "y", "overlap"),
    [(0, 0, 1.0), (5, 0, 1 / 3), (10, 0, 0.0), (0, 10, 0.0), (20, 20, 0.0), (-20, -20, 0.0)],
)
def test_boxes_overlap_by_what_they_share_of_what_they_cover(x: int, y: int, overlap: float) -> None:
    assert _iou(Box(20, 20, 10, 10), Box(20 + x, 20 + y, 10, 10)) == pytest.approx(overlap)


def half_and_half(first: int, second: int, *, share: float = 0.5) -> Image.Image:
    """Columns of two greys."""
    image = Image.new("RGB", (200, 20), (first,) * 3)
    image.paste((second,) * 3, (0, 0, round(200 * share), 20))
    return image


@pytest.mark.parametrize(
    ("image", "empty"),
    [
        (half_and_half(126, 129), 1),  # deviation 1.5, span 3
        (half_and_half(126, 130), 0),  # deviation 2
        (half_and_half(126, 137, share=0.02), 1),  # deviation 1.5, span 11
        (half_and_half(126, 138, share=0.02), 0),  # deviation 1.7, span 12: fine print
    ],
)
def test_a_picture_is_blank_when_it_varies_by_less_than_two_levels_and_holds_no_fine_print(
    found: Examine, image: Image.Image, empty: float
) -> None:
    assert one(found(image, image, "blank"), "empty", Arm.BASELINE).value == empty


@pytest.mark.parametrize(
    ("level", "looks"), [(7, "black"), (8, "one flat colour"), (247, "one flat colour"), (248, "white")]
)
def test_a_flat_picture_is_black_below_8_levels_and_white_above_247(
    found: Examine, level: int, looks: str
) -> None:
    flat = Image.new("RGB", (20, 20), (level,) * 3)
    assert one(found(flat, flat, "blank"), "empty", Arm.BASELINE).raw["looks"] == looks


def test_flat_pictures_keep_all_of_their_edges_and_none_of_their_colours_changed(found: Examine) -> None:
    flat = Image.new("RGB", (20, 20), "teal")
    measured = found(flat, flat, "colour")
    assert one(measured, "edge_energy_ratio").value == 1
    assert one(measured, "delta_e_worst").regions == ()


@pytest.mark.parametrize(("side", "refused"), [(7, False), (6, True)])
def test_ssim_needs_a_window_of_seven_pixels(found: Examine, side: int, refused: bool) -> None:
    image = Image.new("RGB", (20, side), "teal")
    measured = one(found(image, image, "ssim"), "ssim")
    assert (measured.value is None) is refused
    assert ("at least 7 px" in measured.reason) is refused


def test_st_lpips_is_measured_at_a_quarter_of_a_megapixel_s_side(found: Examine) -> None:
    wide = Image.new("RGB", (300, 60), "teal")
    measured = one(found(wide, wide, "stlpips"), "stlpips")
    assert (measured.raw["size"], measured.raw["net"]) == ("256×51", "alex")
    assert "at 256×51; 0 is identical" in measured.reason


def test_the_slightest_change_of_colour_and_the_faintest_edges_are_measured_and_shown(found: Examine) -> None:
    flat, tinted = (Image.new("RGB", (20, 20), (100, 100, blue)) for blue in (100, 101))
    worst = one(found(flat, tinted, "colour"), "delta_e_worst")
    assert worst.value is not None
    assert 0 < worst.value < 1
    assert worst.regions
    faint, strong = half_and_half(100, 101), half_and_half(100, 103)
    assert one(found(faint, strong, "colour"), "edge_energy_ratio").value == pytest.approx(9)
