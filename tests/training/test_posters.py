"""The renderer draws what a poster says, on the token grid, inside the canvas."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import glyphs
from training.grammar import random_poster
from training.posters import (
    CANVASES,
    COLORS,
    NATIVE,
    Poster,
    Style,
    ink_mask,
    layout,
    render,
    shape_box,
    style_of,
)

posters = st.integers(0, 10**6).map(lambda seed: random_poster(random.Random(seed)))


@given(poster=posters, bits=st.integers(0, 15), canvas=st.sampled_from(CANVASES))
@settings(max_examples=40, deadline=None)
def test_every_line_stands_inside_the_canvas_and_on_the_token_grid(poster, bits, canvas):
    for line in layout(poster, style_of(bits), canvas):
        assert line.x % 16 == line.y % 16 == 0
        assert 0 <= line.x <= canvas[0] - len(line.text) * glyphs.ADVANCE_PX[line.size]
        assert 0 <= line.y <= canvas[1] - glyphs.CELL_HEIGHT_PX[line.size]


@given(poster=posters, bits=st.integers(0, 15), canvas=st.sampled_from(CANVASES))
@settings(max_examples=40, deadline=None)
def test_a_drawing_is_rgba_in_range_and_opaque_unless_transparent_was_asked(poster, bits, canvas):
    drawn = render(poster, style_of(bits), canvas)
    assert drawn.shape == (canvas[1], canvas[0], 4)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert (drawn[..., 3].min() == 1) == (poster.ground != "transparent")


@pytest.mark.parametrize("shape", glyphs.SHAPES)
@pytest.mark.parametrize(
    "sizes", [("large",), ("small",), ("large", "small"), ("large", "large"), ("small", "small")]
)
def test_a_shape_never_touches_the_text(shape, sizes):
    poster = Poster(
        lines=("WWWWWWWWW",) * len(sizes), sizes=sizes, shape=shape, shape_color="red", ground="transparent"
    )
    left, top, right, bottom = shape_box(shape)
    for bits in range(2):
        assert ink_mask(poster, style_of(bits))[top:bottom, left:right].max() == 0


def test_the_seed_changes_alignment_frame_and_light():
    poster = Poster(kind="banner", lines=("OPEN",), sizes=("large",), ink="white", ground="blue")
    drawings = {render(poster, style_of(bits)).tobytes() for bits in range(16)}
    assert len(drawings) == 16
    centred, left = (layout(poster, Style(left=left))[0].x for left in (False, True))
    assert left < centred


def test_named_colours_are_met_exactly_without_jitter_and_within_three_steps_with_it():
    poster = Poster(ink="white", ground="teal")
    ground = render(poster, Style())[..., :3].reshape(-1, 3) * 255
    assert np.abs(np.median(ground, axis=0) - COLORS["teal"]).max() <= 1
    jittered = render(poster, Style(), rng=np.random.default_rng(1))[..., :3].reshape(-1, 3) * 255
    assert 0 < np.abs(np.median(jittered, axis=0) - np.median(ground, axis=0)).max() <= 3.5


def test_glyphs_differ_from_one_another_at_both_sizes():
    for size in glyphs.SIZES:
        drawn = [glyphs.glyph(character, size) for character in glyphs.CHARACTERS]
        for k, one in enumerate(drawn):
            assert all(np.abs(one - other).mean() > 0.01 for other in drawn[k + 1 :])


def test_an_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="expected a shape"):
        glyphs.shape("heart")


def test_a_strip_holds_one_line_and_no_shape():
    poster = Poster(
        lines=("ONE", "TWO"), sizes=("large", "large"), shape="star", shape_color="red", ground="transparent"
    )
    assert len(layout(poster, Style(), (256, 64))) == 1
    without = Poster(lines=("ONE",), sizes=("large",), ground="transparent")
    assert np.array_equal(render(poster, Style(), (256, 64)), render(without, Style(), (256, 64)))
    assert NATIVE in CANVASES
