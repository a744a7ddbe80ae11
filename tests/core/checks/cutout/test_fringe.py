"""Colour that bleeds in at soft edges is measured where an edge is soft, against the ink beside it."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.cutout.fringe import Fringe, fringe_of

Pixel = tuple[int, int, int]


def strip(*alphas: int, ink: Pixel = (200, 100, 50), edge: Pixel = (190, 90, 40)) -> Fringe:
    """The fringe of a row: opaque ink, then pixels of the edge's colour with these alphas."""
    alpha = np.array([[255, 255, *alphas]], np.uint8)
    rgb = np.array([[ink if level == 255 else edge for level in alpha[0]]], np.uint8)
    return fringe_of(rgb, alpha)


@pytest.mark.parametrize(
    ("alphas", "levels"),
    [((32,), 10), ((31,), 0), ((223,), 10), ((224,), 0), ((0, 128), 10), ((0, 0, 128), 0)],
)
def test_an_edge_is_half_transparent_and_at_most_two_pixels_from_the_ink(
    alphas: tuple[int, ...], levels: float
) -> None:
    assert strip(*alphas).levels == levels


@pytest.mark.parametrize(("gap", "levels"), [(1, 10), (2, 0)])
def test_an_edge_lies_as_near_on_every_side(gap: int, levels: float) -> None:
    alpha = np.array([[255, *[0] * gap, 128]], np.uint8)
    rgb = np.array([[(200, 100, 50), *[(0, 0, 0)] * gap, (190, 90, 40)]], np.uint8)
    for turns in range(4):
        assert fringe_of(np.rot90(rgb, turns), np.rot90(alpha, turns)).levels == levels


def test_an_edge_is_compared_with_the_ink_nearest_to_it() -> None:
    rgb = np.array([[(200, 0, 0), (200, 0, 0), (0, 200, 0), (0, 200, 0)]], np.uint8)
    alpha = np.array([[255, 128, 128, 255]], np.uint8)
    assert fringe_of(rgb, alpha).levels == 0


@pytest.mark.parametrize(
    ("ink", "matte"), [((255, 255, 255), "black"), ((0, 0, 0), "white"), ((200, 100, 50), "black")]
)
def test_a_matte_is_named_and_how_much_of_it_is_mixed_in(ink: Pixel, matte: str) -> None:
    """White ink holds no white matte, nor black ink a black one: there is nothing to fit."""
    level = 0 if matte == "black" else 255
    mixed = tuple(round((one * 128 + level * 127) / 255) for one in ink)
    found = strip(128, 128, ink=ink, edge=mixed)
    assert (found.matte, found.share, found.explained) == (
        matte,
        pytest.approx(1, abs=0.02),
        pytest.approx(1, abs=0.01),
    )
    assert found.is_fault
    half = tuple(round((one + two) / 2) for one, two in zip(ink, mixed, strict=True))
    assert strip(128, 128, ink=ink, edge=half).share == pytest.approx(0.5, abs=0.02)


def test_an_edge_of_the_ink_s_own_colour_has_no_matte_in_it() -> None:
    found = strip(128, edge=(200, 100, 50))
    assert (found.levels, found.share, found.explained, found.is_fault) == (0, 0, 0, False)
    nothing = strip()
    assert (nothing.levels, nothing.matte, nothing.share, nothing.explained) == (0, "black", 0, 0)


@pytest.mark.parametrize(
    ("levels", "share", "explained", "fault"),
    [
        (8.1, 0.5, 0.96, True),
        (8.0, 0.5, 0.96, False),
        (9.0, 0.4, 0.96, False),
        (9.0, 0.41, 0.96, True),
        (9.0, 1.09, 0.96, True),
        (9.0, 1.1, 0.96, False),
        (9.0, 0.5, 0.95, False),
    ],
)
def test_a_fringe_is_a_fault_when_it_is_seen_and_one_matte_explains_it(
    levels: float, share: float, explained: float, fault: bool
) -> None:
    assert Fringe(levels=levels, matte="black", share=share, explained=explained).is_fault is fault
