"""Shifts of colour, edges, subject and layout are measured with their direction and place."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms, ImageDraw

from core.checks.measures.blank import fingerprint
from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.cutouts import draw_cutout
from core.checks.selftest.scenes import blurred, draw_scene, noisy, oversaturated
from core.records import Arm, ExpectedText, MeasurementStatus
from tests.core.checks.conftest import Examine, one

SCENE = draw_scene(2)


def value(measured: list, metric: str, arm: Arm | None = None) -> float:
    got = one(measured, metric, arm).value
    assert got is not None
    return got


def test_nothing_shifts_between_equal_pictures(found: Examine) -> None:
    measured = found(SCENE, SCENE.copy(), "colour")
    assert value(measured, "delta_e") == value(measured, "saturation_shift") == 0
    assert value(measured, "edge_energy_ratio") == value(measured, "profile_parity") == 1


def test_saturation_and_lost_edges_have_a_sign(found: Examine) -> None:
    assert value(found(SCENE, oversaturated(SCENE), "colour"), "saturation_shift") > 10
    assert value(found(SCENE, blurred(SCENE), "colour"), "edge_energy_ratio") < 0.5


def test_the_worst_region_is_where_the_colour_changed(found: Examine) -> None:
    changed = SCENE.copy()
    ImageDraw.Draw(changed).rectangle((150, 20, 180, 50), fill="magenta")
    region = one(found(SCENE, changed, "colour"), "delta_e_worst").regions[0].box
    assert region.x <= 165 <= region.x + region.width
    assert region.y <= 35 <= region.y + region.height


def test_the_worst_region_of_a_picture_whose_sides_are_no_multiple_of_the_cell(found: Examine) -> None:
    plain = Image.new("RGB", (70, 52), "grey")
    marked = plain.copy()
    marked.paste("red", (64, 48, 70, 52))
    worst = one(found(plain, marked, "colour"), "delta_e_worst")
    (region,) = worst.regions
    assert (region.box.x + region.box.width, region.box.y + region.box.height) == (70, 52)
    everywhere = one(found(plain, Image.new("RGB", plain.size, "red"), "colour"), "delta_e_worst")
    assert worst.value == pytest.approx(everywhere.value)


def test_a_lost_colour_profile_is_seen(found: Examine) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    SCENE.save(file, "PNG", icc_profile=profile)
    tagged = Image.open(file)
    parity = one(found(tagged, SCENE, "colour"), "profile_parity")
    assert parity.value == 0
    assert "candidate none (sRGB is assumed)" in parity.reason


def test_a_moved_subject_is_measured_in_shares_of_the_diagonal(found: Examine) -> None:
    cutout = draw_cutout(1, side=128)
    moved = Image.new("RGBA", (128, 128))
    moved.paste(cutout, (16, 0))
    measured = found(cutout, moved, "composition")
    assert value(measured, "centre_shift") == pytest.approx(16 / 128 / 2**0.5, abs=0.01)
    assert {region.arm for region in one(measured, "centre_shift").regions} == set(Arm)
    assert value(measured, "size_parity") == 1


def test_an_opaque_subject_is_what_differs_from_the_border(found: Examine) -> None:
    first, second = (Image.new("RGB", (100, 50), "white") for _ in range(2))
    ImageDraw.Draw(first).rectangle((10, 10, 29, 39), fill="navy")
    ImageDraw.Draw(second).rectangle((60, 10, 79, 39), fill="navy")
    measured = found(first, second, "composition")
    assert value(measured, "subject_overlap") == 0
    assert one(measured, "centre_shift").regions[0].box == (10, 10, 20, 30)


def test_an_empty_picture_has_no_subject(found: Examine) -> None:
    empty = Image.new("RGB", (64, 64), "white")
    shift = one(found(SCENE.resize((64, 64)), empty, "composition"), "centre_shift")
    assert (shift.status, shift.value) == (MeasurementStatus.NOT_APPLICABLE, None)


def test_another_size_and_shape_is_told(found: Examine) -> None:
    measured = found(SCENE, SCENE.resize((192, 96)), "composition")
    assert value(measured, "size_parity") == 0
    assert value(measured, "aspect_change") == pytest.approx(1)


def test_a_line_of_text_that_moved_is_measured_in_pixels(found: Examine) -> None:
    images = [Image.new("RGB", (256, 128), "white") for _ in range(2)]
    for image, y in zip(images, (40, 80), strict=True):
        ImageDraw.Draw(image).text((128, y), "OPEN", "black", font_size=32, anchor="mm")
    measured = found(*images, "composition", expected_text=(ExpectedText(text="OPEN"),))
    assert value(measured, "layout_shift") == pytest.approx(40, abs=4)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (Image.new("RGB", SCENE.size, "teal"), "blank"),
        (noisy(Image.new("RGB", SCENE.size, "grey")), "collapsed"),
    ],
)
def test_a_picture_that_shows_nothing_is_named(found: Examine, candidate: Image.Image, reason: str) -> None:
    measured = found(SCENE, candidate, "blank")
    assert value(measured, "empty", Arm.BASELINE) == 0
    empty = one(measured, "empty", Arm.CANDIDATE)
    assert empty.value == 1
    assert empty.reason.startswith(reason)
    assert [(region.box, region.arm) for region in empty.regions] == [((0, 0, *SCENE.size), Arm.CANDIDATE)]
    assert one(measured, "empty", Arm.BASELINE).regions == ()


@pytest.mark.parametrize(
    ("candidate", "looks"),
    [
        (Image.new("RGB", SCENE.size), "black"),
        (Image.new("RGB", SCENE.size, "white"), "white"),
        (Image.new("RGB", SCENE.size, "teal"), "one flat colour"),
        (Image.new("RGBA", SCENE.size), "wholly transparent"),
        (noisy(Image.new("RGB", SCENE.size, "grey")), "noise"),
    ],
)
def test_an_empty_picture_is_called_by_what_it_looks_like(
    found: Examine, candidate: Image.Image, looks: str
) -> None:
    empty = one(found(SCENE, candidate, "blank"), "empty", Arm.CANDIDATE)
    assert (empty.value, empty.raw["looks"]) == (1, looks)


def test_a_fingerprint_tells_where_a_picture_grows_brighter_from_left_to_right() -> None:
    rising = Image.linear_gradient("L").rotate(90).convert("RGB")
    halves = Image.new("RGB", (90, 80), "black")
    halves.paste("white", (50, 0, 90, 40))
    prints = [fingerprint(Picture(one, cache=FeatureCache(1 << 24))) for one in (rising, halves)]
    assert prints == ["ffffffffffffffff", "0808080800000000"]


def test_a_pale_picture_shows_something(found: Examine) -> None:
    sticker = Image.new("RGBA", SCENE.size)
    sticker.paste((128, 128, 128, 255), (20, 20, 60, 60))
    print_ = Image.new("RGB", SCENE.size, (17, 17, 17))
    print_.paste((15, 30, 60), (30, 30, 36, 60))
    for picture in (sticker, print_):
        assert value(found(SCENE, picture, "blank"), "empty", Arm.CANDIDATE) == 0


def test_the_same_pixels_on_both_arms_are_noticed(found: Examine) -> None:
    assert value(found(SCENE, SCENE.copy(), "blank"), "identical") == 1
    assert value(found(SCENE, blurred(SCENE), "blank"), "identical") == 0
