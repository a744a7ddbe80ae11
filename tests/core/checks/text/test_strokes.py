"""Crispness is the inverse of an edge's width in pixels, whatever the colours."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.checks.picture import FeatureCache, Picture
from core.checks.text.lettering import Lettering, read_lettering
from core.checks.text.strokes import Strokes, compared, strokes_in
from core.records import Arm, Box, ExpectedText, MeasurementStatus
from tests.core.checks.scripted_reader import ScriptedReader, said

WHOLE = Box(0, 0, 20, 10)


def edge(dark: int, light: int, *, soft: int = 0) -> np.ndarray:
    """A step from dark to light in the middle of twenty columns, over so many columns more."""
    columns = np.concatenate(
        [np.full(10 - soft, dark), np.linspace(dark, light, 2 * soft + 2)[1:-1], np.full(10 - soft, light)]
    )
    return np.repeat(columns.round().astype(np.uint8)[None, :20, None], 10, axis=0).repeat(3, axis=2)


@pytest.mark.parametrize(("dark", "light"), [(0, 255), (100, 180), (100, 101)])
def test_a_hard_edge_has_half_of_its_span_in_each_of_two_pixels(dark: int, light: int) -> None:
    assert strokes_in(edge(dark, light), WHOLE) == Strokes(contrast=light - dark, sharpness=0.5)


def test_a_soft_edge_is_less_sharp_and_as_strong_and_flat_ground_is_neither() -> None:
    soft = strokes_in(edge(0, 240, soft=2), WHOLE)
    assert (soft.contrast, soft.sharpness) == (240, pytest.approx(0.2, abs=0.01))
    assert strokes_in(edge(90, 90), WHOLE) == Strokes(contrast=0, sharpness=0)


def test_only_what_is_inside_the_box_counts() -> None:
    assert strokes_in(edge(0, 255), Box(0, 2, 9, 6)) == Strokes(contrast=0, sharpness=0)
    assert strokes_in(edge(0, 255), Box(5, 2, 10, 6)).contrast == 255


def test_the_faintest_and_the_strongest_fiftieth_of_a_line_are_specks() -> None:
    for level, span in ((0, 200), (255, 155)):
        few, many = edge(100, 200), edge(100, 200)
        few[0, -3:], many[0, -5:] = level, level  # 3 and 5 of 200 pixels
        assert strokes_in(few, WHOLE).contrast == 100
        assert strokes_in(many, WHOLE).contrast == span


def read(image: Image.Image, *boxes: Box) -> tuple[Picture, Lettering]:
    """The picture with a line read in each box."""
    reader, texts = ScriptedReader(), [f"LINE {'ABC'[number]}" for number in range(len(boxes))]
    reader.shows(image, *(said(text, *box) for text, box in zip(texts, boxes, strict=True)))
    picture = Picture(image, cache=FeatureCache(1 << 22))
    return picture, read_lettering(
        picture, [ExpectedText(text=text) for text in ("LINE A", "LINE B")], reader
    )


def test_lines_that_were_found_and_drawn_on_both_arms_are_compared() -> None:
    page = np.zeros((60, 40, 3), np.uint8)
    page[10:20, 10:30] = edge(0, 200)
    image = Image.fromarray(page)
    (a, lettering), place = read(image, Box(10, 10, 20, 10)), Box(10, 10, 20, 10)
    pale = Image.fromarray(page // 2)
    b, other = read(pale, place)
    sharpness, contrast = compared(a, b, lettering, other)
    assert (sharpness.metric, sharpness.subject, sharpness.value) == ("sharpness_ratio", "LINE A", 1)
    assert sharpness.reason == "edges: 0.50 per px on the baseline, 0.50 here"
    assert (contrast.metric, contrast.value) == ("contrast_ratio", 0.5)
    assert contrast.reason == "contrast: 200 levels on the baseline, 100 here"
    assert [(region.box, region.arm) for region in contrast.regions] == [(place, Arm.CANDIDATE)]


def test_lines_where_the_baseline_drew_nothing_are_not_compared() -> None:
    flat = Image.new("RGB", (40, 60), "teal")
    a, lettering = read(flat, Box(10, 10, 20, 10))
    found = list(compared(a, a, lettering, lettering))
    assert [one.metric for one in found] == ["sharpness_ratio", "contrast_ratio"]
    assert {one.status for one in found} == {MeasurementStatus.NOT_APPLICABLE}
