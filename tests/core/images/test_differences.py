"""What differs between two renders: identity, the three kinds, sizes, and places worth a visit."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from core.images.colormap import coloured
from core.images.differences import Differences, mean_difference

RGBA = arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4)))


def plain(size: tuple[int, int] = (64, 48), colour: tuple[int, ...] = (10, 20, 30, 255)) -> Image.Image:
    return Image.new("RGBA", size, colour)


def with_pixel(at: tuple[int, int], colour: tuple[int, ...], base: Image.Image | None = None) -> Image.Image:
    image = (base or plain()).copy()
    image.putpixel(at, colour)
    return image


@given(RGBA)
def test_an_image_does_not_differ_from_itself(pixels: np.ndarray) -> None:
    image = Image.fromarray(pixels, "RGBA")
    found = Differences(image, image)
    assert found.summary().differing_pixels == 0
    assert found.regions() == ()
    assert not np.asarray(found.picture()).any()


@given(RGBA, RGBA)
def test_the_order_of_the_images_does_not_matter(one: np.ndarray, two: np.ndarray) -> None:
    a, b = Image.fromarray(one, "RGBA"), Image.fromarray(two, "RGBA")
    there, back = Differences(a, b), Differences(b, a)
    assert there.summary() == back.summary()
    assert there.picture().tobytes() == back.picture().tobytes()
    assert there.regions() == back.regions()


@given(RGBA, RGBA)
def test_every_pixel_that_differs_is_counted_and_painted(one: np.ndarray, two: np.ndarray) -> None:
    height, width = min(len(one), len(two)), min(one.shape[1], two.shape[1])
    a, b = one[:height, :width], two[:height, :width]
    found = Differences(Image.fromarray(a, "RGBA"), Image.fromarray(b, "RGBA"))
    assert found.summary().differing_pixels == int((a != b).any(axis=2).sum())


def test_a_difference_of_colour_is_grey_and_as_bright_as_it_is_large() -> None:
    found = Differences(plain(), with_pixel((5, 7), (10, 60, 30, 255)))
    assert found.picture().getpixel((5, 7)) == (40, 40, 40)
    assert found.summary().max_difference == 40


def test_transparency_alone_has_a_colour_of_its_own() -> None:
    found = Differences(plain(), with_pixel((5, 7), (10, 20, 30, 155)))
    red, green, blue = found.picture().getpixel((5, 7))
    assert red > green > blue == 0
    assert (found.summary().alpha_pixels, found.summary().hidden_pixels) == (1, 0)


def test_what_nobody_can_see_is_told_but_not_visited() -> None:
    clear = plain(colour=(1, 2, 3, 0))
    found = Differences(clear, with_pixel((5, 7), (200, 2, 3, 0), clear))
    red, green, blue = found.picture().getpixel((5, 7))
    assert blue > green > red == 0
    summary = found.summary()
    assert (summary.hidden_pixels, summary.max_difference, found.regions()) == (1, 0, ())


def test_rgb_counts_as_opaque() -> None:
    assert Differences(plain(), plain().convert("RGB")).summary().differing_pixels == 0


def test_of_unequal_sizes_everything_beyond_the_smaller_differs() -> None:
    found = Differences(plain((20, 10)), plain((10, 10)))
    assert found.size == (20, 10)
    assert found.summary().differing_pixels == 100


def test_places_are_tight_boxes_the_strongest_first() -> None:
    changed = plain((256, 256))
    draw = ImageDraw.Draw(changed)
    draw.rectangle((20, 30, 23, 31), fill=(60, 20, 30, 255))
    draw.rectangle((200, 100, 219, 139), fill=(255, 255, 255, 255))
    assert Differences(plain((256, 256)), changed).regions() == ((200, 100, 20, 40), (20, 30, 4, 2))


def test_places_touch_at_corners_and_of_equal_ones_the_upper_left_comes_first() -> None:
    changed = plain((256, 256))
    draw = ImageDraw.Draw(changed)
    for x, y in ((200, 8), (8, 8), (100, 200), (108, 208)):  # tiles of 8 pixels; the last two touch
        draw.rectangle((x, y, x + 7, y + 7), fill=(60, 20, 30, 255))
    boxes = Differences(plain((256, 256)), changed).regions()
    assert boxes == ((100, 200, 16, 16), (8, 8, 8, 8), (200, 8, 8, 8))


def test_where_everything_differs_the_busiest_quarter_is_visited() -> None:
    noise = np.random.default_rng(3).integers(0, 20, (256, 256, 4), np.uint8)
    noise[..., 3] = 255
    noise[40:60, 40:60, :3] = 255
    found = Differences(plain((256, 256), (0, 0, 0, 255)), Image.fromarray(noise, "RGBA")).regions()
    x, y, width, height = found[0]
    assert x <= 40 < x + width
    assert y <= 40 < y + height
    assert all(w < 256 or h < 256 for _, _, w, h in found)


def test_the_png_holds_the_picture() -> None:
    found = Differences(plain(), with_pixel((5, 7), (255, 20, 30, 255)))
    assert Image.open(io.BytesIO(found.png())).tobytes() == found.picture().tobytes()


def test_closeness_is_zero_for_itself_and_grows() -> None:
    image, near, far = plain(), with_pixel((1, 1), (255, 255, 255, 255)), plain(colour=(255, 255, 255, 255))
    assert mean_difference(image, image) == 0
    assert mean_difference(image, near) < mean_difference(image, far)


def test_a_map_is_lighter_and_more_opaque_where_it_is_stronger() -> None:
    grey = io.BytesIO()
    Image.linear_gradient("L").save(grey, "PNG")
    picture = np.asarray(Image.open(io.BytesIO(coloured(grey.getvalue()))), np.int16)[:, 0]
    assert (picture[0, 3], picture[-1, 3]) == (0, 255)
    lightness = picture[:, :3] @ [2, 7, 1]
    assert (np.diff(lightness) >= 0).all()
    assert (np.diff(picture[:, 3]) >= 0).all()


def test_colour_of_what_is_transparent_on_both_is_counted_as_hidden_and_not_as_alpha() -> None:
    one = plain((4, 1), (10, 20, 30, 0))
    two = plain((4, 1), (10, 20, 90, 0))
    found = Differences(one, two).summary()
    assert (found.hidden_pixels, found.differing_pixels, found.alpha_pixels, found.max_difference) == (
        4,
        4,
        0,
        0,
    )


def test_a_pixel_whose_alpha_alone_changed_is_counted_as_alpha() -> None:
    found = Differences(plain(), with_pixel((3, 4), (10, 20, 30, 200))).summary()
    assert (found.alpha_pixels, found.differing_pixels, found.hidden_pixels) == (1, 1, 0)
    assert found.max_difference == 55


def test_the_scale_of_a_heat_map_runs_from_nothing_to_pale_yellow() -> None:
    grey = io.BytesIO()
    Image.fromarray(np.array([[0, 64, 128, 191, 255]], np.uint8)).save(grey, "PNG")
    shown = np.asarray(Image.open(io.BytesIO(coloured(grey.getvalue())))).astype(int)[0]
    assert (shown[0] == (0, 0, 4, 0)).all()
    assert (shown[-1] == (252, 253, 191, 255)).all()
    assert (np.diff(shown[:, :3].sum(axis=1)) > 0).all()
    assert np.abs(shown[3, :3] - (252, 137, 97)).max() <= 2
