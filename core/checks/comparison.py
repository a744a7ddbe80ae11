"""At which size and over which background two pictures are compared; shared by every paired distance.

A distance depends on the scale it is taken at, so there is one: longer sides above 512 px are reduced to
it, smaller pictures stay as they are (ST-LPIPS and colours: 256 px). Transparent pictures are composited over
white, black and mid grey, and the worst background counts, so that no distance is blind to alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from PIL import Image

from core.checks.picture import Picture, Pixels, backgrounds_of
from core.errors import CheckUnavailable
from core.records import Size

COMPARISON_SIDE = 512
"""Longer side at which pictures are compared, in pixels: the size published LPIPS gates are set at."""


class Worst(NamedTuple):
    """The largest value over the backgrounds."""

    value: float
    background: str
    by_background: Mapping[str, float]

    @property
    def words(self) -> str:
        """Which background it was, when there was a choice."""
        if len(self.by_background) == 1:
            return ""
        return f" over {self.background}, the worst of {len(self.by_background)} backgrounds"


def same_size(a: Picture, b: Picture, *, max_side: int = COMPARISON_SIDE, min_side: int = 1) -> Size:
    """The size two pictures are compared at.

    Raises:
        CheckUnavailable: when they differ in size, or are too small for the measure.
    """
    if a.size != b.size:
        raise CheckUnavailable(
            f"expected two pictures of one size, got {a.size} and {b.size}",
            remedy="a distance across sizes would depend on how one was rescaled; see the contract check",
        )
    if min(a.size) < min_side:
        raise CheckUnavailable(f"expected at least {min_side} px on each side, got {a.size}")
    return reduced(a.size, max_side)


def reduced(size: Size, max_side: int) -> Size:
    """The size with its longer side brought down to ``max_side``; never enlarged."""
    scale = min(1.0, max_side / max(size))
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def at_size(picture: Picture, background: str, size: Size) -> Pixels:
    """The picture over a background at ``size``, by Lanczos where it has another; remembered with it."""
    pixels = picture.over(background)
    if picture.size == size:
        return pixels
    shown = "any" if picture.is_opaque else background
    return picture.feature(
        ("at size", shown, size),
        lambda: np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)),
    )


def worst_background(a: Picture, b: Picture, distance: Callable[[str], float]) -> Worst:
    """The largest distance over the backgrounds that can make a difference."""
    by_background = {name: distance(name) for name in backgrounds_of(a, b)}
    background = max(by_background, key=lambda name: by_background[name])
    return Worst(by_background[background], background, by_background)
