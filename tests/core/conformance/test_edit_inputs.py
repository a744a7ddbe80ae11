"""An edit takes a picture as it is, or refuses it with what to do; nothing is converted on the way."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from core.conformance.edit_inputs import ORIENTATION, validated_input
from core.errors import InvalidImage
from core.records import Size


def picture(mode: str = "RGB", size: tuple[int, int] = (16, 8)) -> Image.Image:
    return Image.new(mode, size)


def turned(orientation: int) -> Image.Image:
    image = picture()
    image.getexif()[ORIENTATION] = orientation
    return image


def profiled(profile: bytes) -> Image.Image:
    image = picture()
    image.info["icc_profile"] = profile
    return image


def colours(space: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "image", [picture(), picture("RGBA"), turned(1), profiled(colours("sRGB")), profiled(b"")]
)
def test_an_upright_picture_of_srgb_comes_back_as_it_is(image: Image.Image) -> None:
    assert validated_input(image) is image
    assert validated_input(image, size=Size(16, 8)) is image


@pytest.mark.parametrize(
    ("image", "message", "remedy"),
    [
        (picture("L"), "expected mode RGB or RGBA, got L", "convert it"),
        (turned(6), "expected an upright picture, got EXIF orientation 6", "turn the pixels"),
        (turned(2), "expected an upright picture, got EXIF orientation 2", "turn the pixels"),
        (
            profiled(colours("LAB")),
            "expected sRGB, got the colour profile 'Lab identity",
            "convert it to sRGB",
        ),
        (profiled(b"none"), "expected a readable colour profile", "drop the profile"),
        (picture(size=(16, 12)), "expected sides in multiples of 8, got 16×12", ""),
        (picture(size=(12, 16)), "expected sides in multiples of 8, got 12×16", ""),
        (picture(size=(0, 8)), "expected sides in multiples of 8, got 0×8", ""),
    ],
)
def test_any_other_picture_is_refused_with_what_to_do(image: Image.Image, message: str, remedy: str) -> None:
    with pytest.raises(InvalidImage, match=message) as refused:
        validated_input(image)
    assert remedy in refused.value.remedy


def test_the_size_and_the_multiple_are_those_that_were_asked_for() -> None:
    with pytest.raises(InvalidImage, match="expected size 8×16, got 16×8"):
        validated_input(picture(), size=Size(8, 16))
    assert validated_input(picture(size=(6, 9)), multiple=3).size == (6, 9)
    assert ORIENTATION == 0x0112
