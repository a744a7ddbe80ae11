"""Lines of a picture are joined, told apart and looked for again by where they stand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.checks.picture import FeatureCache, Picture
from core.checks.text.lettering import _around, _by_contrast, _inside, _overlaps, _same_row, ink_rows
from core.checks.text.reader import Reader
from core.records import Box


def frame(height: int = 60, width: int = 100) -> np.ndarray:
    return np.full((height, width, 3), 240, np.uint8)


@pytest.mark.parametrize(("drop", "on_one_row"), [(0, True), (9, True), (10, False), (25, False)])
def test_two_boxes_stand_on_a_row_when_they_share_more_than_half_of_the_lower_one(
    drop: int, on_one_row: bool
) -> None:
    left, right = Box(10, 10, 30, 20), Box(50, 10 + drop, 30, 20)
    assert _same_row(left, right) is on_one_row
    assert not _same_row(right, left), "a row runs from left to right"


@pytest.mark.parametrize(("shift", "overlap"), [(0, True), (4, True), (5, False), (10, False), (30, False)])
def test_two_boxes_overlap_when_they_share_more_than_half_of_the_smaller(shift: int, overlap: bool) -> None:
    large, small = Box(0, 0, 40, 20), Box(30 + shift, 5, 10, 10)
    assert _overlaps(large, small) is _overlaps(small, large) is overlap


def test_the_box_around_two_boxes_holds_both() -> None:
    assert _around(Box(10, 20, 5, 5), Box(30, 12, 8, 6)) == Box(10, 12, 28, 13)


@pytest.mark.parametrize(
    ("box", "margin", "cut"),
    [
        (Box(20, 20, 30, 10), 3, Box(17, 17, 36, 16)),
        (Box(1, 1, 98, 58), 3, Box(0, 0, 100, 60)),
        (Box(20, 20, 30, 10), -5, Box(25, 25, 20, 1)),
        (Box(500, 500, 10, 10), 0, Box(99, 59, 1, 1)),
    ],
)
def test_a_box_with_a_margin_stays_inside_the_picture_and_is_never_empty(
    box: Box, margin: int, cut: Box
) -> None:
    assert _inside(box, frame(), margin=margin) == cut


def test_rows_of_ink_are_found_with_their_margin_and_what_is_no_line_is_left_out() -> None:
    pixels = frame(100)
    pixels[10:22, 20:60] = 0  # a line
    pixels[40:45, 20:60] = 0  # too thin: five rows
    pixels[60:66, 30:40] = 0  # six rows are a line
    assert ink_rows(pixels) == [Box(17, 7, 46, 18), Box(28, 58, 14, 10)]
    assert ink_rows(frame()) == []
    whole = frame(100)
    whole[5:66, 20:60] = 0  # higher than six tenths of the picture: no line of text
    assert ink_rows(whole) == []


def columns(*best: int) -> np.ndarray:
    """Probabilities of so many columns, in each of which one symbol is sure by 0.9."""
    found = np.full((len(best), 4), 0.03, np.float32)
    found[range(len(best)), best] = 0.9
    return found


@pytest.mark.parametrize(
    ("best", "text", "score"),
    [((0, 0, 0), "", 0.0), ((1, 1, 0, 1, 2), "aab", 0.9), ((0, 3, 1, 0), "a", 0.9)],
)
def test_columns_of_a_line_become_text_without_blanks_and_repetitions(
    best: tuple[int, ...], text: str, score: float
) -> None:
    symbols = SimpleNamespace(_characters=("blank", "a", "b", " "))
    read, certainty = Reader._decoded(symbols, columns(*best))
    assert (read, certainty) == (text, pytest.approx(score))


def test_a_picture_is_read_over_the_ground_its_ink_stands_out_from() -> None:
    for ink, first in (("white", "black"), ("black", "white")):
        image = Image.new("RGBA", (64, 32), "#0000")
        ImageDraw.Draw(image).rectangle((8, 8, 40, 20), fill=ink)
        assert _by_contrast(Picture(image, cache=FeatureCache(1 << 20)))[0] == first
