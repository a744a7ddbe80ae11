"""An edit that touches what it should leave alone is found; unusable inputs are refused by name."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from core.checks.pair import Edit
from core.checks.selftest.scenes import draw_scene, inverted, last_bit
from core.conformance.edit_inputs import ORIENTATION, validated_input
from core.errors import InvalidImage
from core.records import Arm, ExpectedText, MeasurementStatus, Size
from tests.core.checks.conftest import Examine, one

SCENE = draw_scene(3, side=128)
MASK = Image.new("L", SCENE.size)
MASK.paste(255, (32, 32, 96, 96))
INSIDE = Image.composite(inverted(SCENE), SCENE, MASK)


def edits(**edit: Any) -> dict[str, Any]:
    return {"edits": {arm: Edit(**edit) for arm in Arm}}


def test_an_edit_inside_its_mask_leaves_the_rest_bit_identical(found: Examine) -> None:
    measured = found(INSIDE, INSIDE, "edits", parts=edits(source=SCENE, mask=MASK))
    outside = one(measured, "outside_changed", Arm.CANDIDATE)
    assert (outside.value, outside.reason) == (0, "bit-identical outside")


def test_one_level_outside_the_mask_is_found_and_shown(found: Examine) -> None:
    touched = INSIDE.copy()
    touched.putpixel((5, 9), tuple(level ^ 1 for level in touched.getpixel((5, 9))))
    measured = found(INSIDE, touched, "edits", parts=edits(source=SCENE, mask=MASK))
    outside = one(measured, "outside_changed", Arm.CANDIDATE)
    assert outside.value == 1
    assert outside.regions[0].box == (5, 9, 1, 1)


def test_lost_transparency_outside_the_mask_is_a_change(found: Examine) -> None:
    glass = SCENE.convert("RGBA")
    glass.putalpha(120)
    measured = found(INSIDE, INSIDE, "edits", parts=edits(source=glass, mask=MASK))
    assert one(measured, "outside_changed", Arm.BASELINE).value == 128 * 128 - 64 * 64


def test_a_second_edit_that_drifts_more_than_the_baseline_s_is_told(found: Examine) -> None:
    parts = {
        "edits": {
            Arm.BASELINE: Edit(source=SCENE, again=last_bit(INSIDE)),
            Arm.CANDIDATE: Edit(source=SCENE, again=SCENE),
        }
    }
    measured = found(INSIDE, INSIDE, "edits", parts=parts)
    calm, wild = (one(measured, "second_edit_drift", arm).value for arm in Arm)
    assert calm is not None
    assert wild is not None
    assert calm < 0.2 < wild
    assert one(measured, "drift_increase").value == pytest.approx(wild - calm)


def test_an_upscaled_render_must_keep_its_text_and_alpha(found: Examine) -> None:
    poster = Image.new("RGBA", (128, 64))
    ImageDraw.Draw(poster).text((64, 32), "OPEN", "white", font_size=28, anchor="mm")
    crisp = poster.resize((256, 128), Image.Resampling.BICUBIC)
    broken = Image.new("RGB", (256, 128), "teal")
    ImageDraw.Draw(broken).text((128, 64), "OBEN", "white", font_size=56, anchor="mm")
    measured = found(
        crisp,
        broken,
        "edits",
        parts=edits(source=poster),
        expected_text=(ExpectedText(text="OPEN", letter_height_px=20),),
    )
    assert one(measured, "upscaled_text_kept", Arm.BASELINE).value == 1
    assert one(measured, "upscaled_text_kept", Arm.CANDIDATE).reason == "lost: «OPEN»"
    assert one(measured, "upscaled_alpha_iou", Arm.BASELINE).value > 0.85
    assert "found null" in one(measured, "upscaled_alpha_iou", Arm.CANDIDATE).reason


def test_pictures_from_a_prompt_alone_are_no_edits(found: Examine) -> None:
    assert {m.status for m in found(SCENE, SCENE, "edits")} == {MeasurementStatus.NOT_APPLICABLE}


def test_a_mask_of_another_size_is_an_error(found: Examine) -> None:
    measured = found(SCENE, SCENE, "edits", parts=edits(source=SCENE, mask=Image.new("L", (8, 8))))
    assert one(measured, "outside_changed", Arm.BASELINE).status is MeasurementStatus.ERROR


def tagged(**tags: Any) -> Image.Image:
    file = io.BytesIO()
    SCENE.save(file, "PNG", **tags)
    return Image.open(file)


def turned() -> Image.Image:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return tagged(exif=exif)


def in_lab() -> Image.Image:
    return tagged(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (SCENE.convert("CMYK"), "expected mode RGB or RGBA, got CMYK"),
        (SCENE.convert("P"), "expected mode RGB or RGBA, got P"),
        (turned(), "expected an upright picture, got EXIF orientation 6"),
        (in_lab(), "expected sRGB, got the colour profile"),
        (tagged(icc_profile=b"no profile"), "expected a readable colour profile"),
        (SCENE.resize((130, 128)), "expected sides in multiples of 8, got 130×128"),
        (SCENE.resize((64, 64)), "expected size 128×128, got 64×64"),
    ],
)
def test_an_input_that_an_edit_cannot_take_is_refused(image: Image.Image, reason: str) -> None:
    size = Size(128, 128) if image.width == 64 else None
    with pytest.raises(InvalidImage, match=reason):
        validated_input(image, size=size)


def test_an_srgb_input_is_taken_as_it_is() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = tagged(icc_profile=profile)
    assert validated_input(image, size=Size(128, 128)) is image
