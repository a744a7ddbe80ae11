"""What differs between two renders, pixel by pixel, from straight RGBA: a picture and places to visit.

Three kinds of difference are told apart, because a screen shows only one of them: *colour* that is seen,
*alpha* alone (also where one of the two is fully transparent), and colour *hidden* under full transparency in
both. Nothing is weighted or smoothed; how much of it matters is a check's business.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.records import Box

ALPHA_COLOUR = (255, 140, 0)
"""Orange: differs in transparency alone."""
HIDDEN_COLOUR = (0, 120, 255)
"""Blue: differs only under full transparency, so no viewer shows it."""
MAX_REGIONS = 24
BUSIEST_SHARE = 0.25
"""Where most of the picture differs, only its busiest quarter is worth a visit."""
TOUCHING = np.ones((3, 3))
"""Tiles that touch make one place, corners included."""

Values = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much differs, over the frame that holds both renders."""

    width: int
    height: int
    differing_pixels: int
    alpha_pixels: int
    """Pixels that differ in transparency alone."""
    hidden_pixels: int
    """Pixels that differ only under full transparency."""
    max_difference: int
    """Largest difference of a channel, 0–255, hidden ones left out."""


class Differences:
    """The differences of two images of mode RGB or RGBA. Of unequal sizes, both start top left."""

    def __init__(self, first: Image.Image, second: Image.Image) -> None:
        self.size = (max(first.width, second.width), max(first.height, second.height))
        one, two = _padded(first, self.size), _padded(second, self.size)
        colour = np.abs(one[..., :3] - two[..., :3]).max(axis=2)
        self._alpha = np.abs(one[..., 3] - two[..., 3])
        clear = (one[..., 3] == 0).astype(np.int16) + (two[..., 3] == 0)
        self._hidden = np.where(clear == 2, colour, 0)
        self._colour = np.where(clear == 0, np.maximum(colour, np.where(colour > 0, self._alpha, 0)), 0)

    @cached_property
    def visible(self) -> Values:
        """Largest channel difference of each pixel that can be seen, 0–255, shape ``(height, width)``."""
        strongest: Values = np.maximum(self._colour, self._alpha)
        return strongest

    def summary(self) -> Summary:
        """The counts behind the picture."""
        hidden = int((self._hidden > 0).sum())
        return Summary(
            width=self.size[0],
            height=self.size[1],
            differing_pixels=int((self.visible > 0).sum()) + hidden,
            alpha_pixels=int(((self.visible > 0) & (self._colour == 0)).sum()),
            hidden_pixels=hidden,
            max_difference=int(self.visible.max(initial=0)),
        )

    def picture(self) -> Image.Image:
        """The differences as an opaque image: colour in grey, alpha alone in orange, hidden colour in blue.

        Brightness is the difference itself (0–255), so that a gain may be applied on screen.
        """
        grey = np.repeat(self._colour[..., None], 3, axis=2)
        alpha = _tinted(np.where(self._colour == 0, self._alpha, 0), ALPHA_COLOUR)
        hidden = _tinted(self._hidden, HIDDEN_COLOUR)
        return Image.fromarray((grey + alpha + hidden).astype(np.uint8), "RGB")

    def png(self) -> bytes:
        """:meth:`picture` as a PNG file."""
        file = io.BytesIO()
        self.picture().save(file, "PNG", compress_level=1)
        return file.getvalue()

    def regions(self) -> tuple[Box, ...]:
        """Places to visit, the strongest first: neighbouring tiles that differ."""
        side = max(8, max(self.size) // 64)
        energy = _tiles(self.visible, side)
        busy = energy > np.quantile(energy, 1 - BUSIEST_SHARE)
        if not busy.any():  # an even difference has no busiest part
            busy = energy > 0
        groups, count = ndimage.label(busy, TOUCHING)
        energies = ndimage.sum_labels(energy, groups, range(1, count + 1))
        places = ndimage.find_objects(groups)
        strongest = np.argsort(-energies, kind="stable")[:MAX_REGIONS]
        return tuple(self._box(places[group], side) for group in strongest)

    def _box(self, place: tuple[slice, slice], side: int) -> Box:
        """The tight box of the pixels that differ inside a rectangle of tiles."""
        rows, columns = (slice(span.start * side, span.stop * side) for span in place)
        top, left = rows.start, columns.start
        part = self.visible[rows, columns] > 0
        ys, xs = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        return Box(int(left + xs[0]), int(top + ys[0]), int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1))


def mean_difference(first: Image.Image, second: Image.Image) -> float:
    """Mean difference of two images as they look over mid grey, both shrunk to 64×64: 0 (alike) to 255."""
    one, two = (np.asarray(_on_grey(image)).astype(np.int16) for image in (first, second))
    return float(np.abs(one - two).mean())


def _on_grey(image: Image.Image) -> Image.Image:
    grey = Image.new("RGBA", image.size, (128, 128, 128, 255))
    seen = Image.alpha_composite(grey, image.convert("RGBA")).convert("RGB")
    return seen.resize((64, 64), Image.Resampling.BOX)


def _padded(image: Image.Image, size: tuple[int, int]) -> Values:
    """RGBA as signed numbers, shape ``(height, width, 4)``; beyond the image everything is 0."""
    frame = np.zeros((size[1], size[0], 4), np.int16)
    frame[: image.height, : image.width] = np.asarray(image.convert("RGBA"))
    return frame


def _tinted(values: Values, tint: tuple[int, int, int]) -> Values:
    tinted: Values = (values[..., None].astype(np.int32) * np.array(tint) // 255).astype(np.int16)
    return tinted


def _tiles(values: Values, side: int) -> NDArray[np.int64]:
    """Sums over square tiles; the last row and column may be smaller."""
    rows = np.add.reduceat(values.astype(np.int64), range(0, values.shape[0], side), axis=0)
    return np.add.reduceat(rows, range(0, values.shape[1], side), axis=1)
