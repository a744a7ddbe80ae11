"""A painted background is told from a real one by its border: how flat, how many tones, how regular."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.cutout.matte import _agreement, _border, _two_tones, baked_matte, checkerboard_cell

Pixel = tuple[int, int, int]


def plain(colour: Pixel = (255, 255, 255), *, height: int = 100, width: int = 100) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def banded(rows: int, colour: Pixel, ground: np.ndarray | None = None) -> np.ndarray:
    """With so many rows of a colour across the middle: each is a two hundredth of the border of 100×100."""
    pixels = plain() if ground is None else ground.copy()
    pixels[30 : 30 + rows] = colour
    return pixels


def board(cell: int, dark: Pixel = (204, 204, 204), *, height: int = 100, width: int = 120) -> np.ndarray:
    rows, columns = np.indices((height, width)) // cell
    return np.where(((rows + columns) % 2)[..., None], 255, np.array(dark)).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "count"), [((100, 100), 1600), ((20, 20), 80), ((50, 30), 160), ((50, 75), 500)]
)
def test_the_border_is_a_twenty_fifth_of_the_shorter_side_and_at_least_a_pixel(
    size: tuple[int, int], count: int
) -> None:
    assert _border(np.zeros((*size, 3), np.uint8)).shape == (count, 3)


@pytest.mark.parametrize(
    ("colour", "named"),
    [
        ((255, 255, 255), "white"),
        ((0, 0, 0), "black"),
        ((10, 128, 255), "#0a80ff"),
        ((255, 255, 254), "#fffffe"),
    ],
)
def test_a_flat_background_is_named_by_its_colour(colour: Pixel, named: str) -> None:
    assert baked_matte(plain(colour)) == f"a flat {named} background"


@pytest.mark.parametrize(
    ("rows", "level", "flat"),
    [(10, 0, True), (11, 0, False), (90, 249, True), (11, 249, True), (11, 248, False)],
)
def test_a_background_is_flat_when_19_of_20_pixels_of_the_border_are_within_six_levels(
    rows: int, level: int, flat: bool
) -> None:
    pixels = banded(rows, (level, 255, 255)) if rows < 70 else banded(60, (level, 255, 255))
    assert (baked_matte(pixels) is not None) is flat


@pytest.mark.parametrize(("cell", "found"), [(4, 4), (8, 8), (32, 32), (33, None)])
def test_squares_of_4_to_32_px_make_a_checkerboard(cell: int, found: int | None) -> None:
    assert checkerboard_cell(board(cell, height=150, width=150)) == found


def test_a_checkerboard_has_more_than_two_squares_along_each_side() -> None:
    assert checkerboard_cell(board(32, height=64, width=200)) is None
    assert checkerboard_cell(board(32, height=65, width=200)) == 32
    assert baked_matte(board(8)) == "a checkerboard of 8 px"


@pytest.mark.parametrize(
    ("dark", "found"),
    [((243, 243, 243), 8), ((244, 244, 244), None), ((200, 206, 200), 8), ((200, 207, 200), None)],
)
def test_the_tones_of_a_checkerboard_are_grey_and_12_levels_apart(dark: Pixel, found: int | None) -> None:
    assert checkerboard_cell(board(8, dark)) == found


def test_stripes_and_boards_that_are_mostly_covered_are_no_checkerboard() -> None:
    stripes = board(8)
    stripes[:] = stripes[0]
    assert checkerboard_cell(stripes) is None
    assert checkerboard_cell(stripes.transpose(1, 0, 2)) is None
    covered = board(8)
    covered[16:-16, 16:-16] = (180, 30, 30)
    assert checkerboard_cell(covered) == 8
    noisy = board(8)
    noisy[:, ::7] = 255
    assert checkerboard_cell(noisy) is None


@pytest.mark.parametrize(("rows", "two"), [(39, False), (40, True)])
@pytest.mark.parametrize("tones", [(255, 204), (204, 255)])
def test_each_of_two_tones_covers_a_fifth_of_the_border(rows: int, two: bool, tones: tuple[int, int]) -> None:
    most, few = tones
    signs = _two_tones(banded(rows, (few,) * 3, plain((most,) * 3)))
    assert (signs is not None) is two
    if signs is not None:
        assert (signs[0, 0], signs[50, 50]) == ((1, -1) if most > few else (-1, 1))


@pytest.mark.parametrize(("rows", "two"), [(40, True), (41, False)])
def test_four_fifths_of_the_border_are_grey_where_a_checkerboard_is(rows: int, two: bool) -> None:
    halves = plain()
    halves[:, :50] = 204
    assert (_two_tones(banded(rows, (180, 30, 30), halves)) is not None) is two


def test_a_pixel_belongs_to_a_tone_within_six_levels() -> None:
    halves = plain((246, 246, 246))
    halves[:, :50] = 204
    halves[50, 60:64, 0] = (240, 239, 252, 253)
    halves[50, 10:14, 0] = (198, 197, 210, 211)
    signs = _two_tones(halves)
    assert signs is not None
    assert signs[50, 60:64].tolist() == [1, 0, 1, 0]
    assert signs[50, 10:14].tolist() == [-1, 0, -1, 0]


def test_tones_agree_where_both_are_seen_and_they_are_seen_in_more_than_a_tenth() -> None:
    signs = np.zeros((10, 10), np.int8)
    signs.flat[:10] = 1
    assert _agreement(signs, 0, 0) == 0
    signs.flat[:11] = 1
    assert _agreement(signs, 0, 0) == 1
    turned = np.array([[1, -1, 1, -1]] * 3, np.int8)
    assert (_agreement(turned, 1, 0), _agreement(turned, 2, 0), _agreement(turned, 0, 1)) == (-1, 1, 1)
