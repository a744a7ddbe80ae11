"""What is drawn of differences, boxes and maps, over pictures made here; see :mod:`tests.core.known`.

python -m tests.core.images.known_values
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
from PIL import Image

from core.images.annotate import figure
from core.images.colormap import coloured
from core.images.differences import Differences, mean_difference
from core.records import Box
from tests.core.known import one_face, picture, write

SIZES = {
    "of one size": ((60, 44), (60, 44)),
    "of two sizes": ((60, 20), (44, 50)),
    "large": ((1_100, 900), (1_100, 898)),
}
SHARE = {"large": 0.02}
"""How much of a pair differs; elsewhere a fifth."""


def pair(name: str) -> tuple[Image.Image, Image.Image]:
    """Two pictures of blocks that are opaque, translucent or clear, alike in most places."""
    one, two = SIZES[name]
    chance = np.random.default_rng(one[0] + two[1])
    first = _blocks(chance, one)
    second = first.crop((0, 0, *two))
    return first, Image.composite(_blocks(chance, two), second, _some(chance, two, SHARE.get(name, 0.2)))


def _blocks(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    pixels = chance.integers(0, 256, (-(-size[1] // 8), -(-size[0] // 8), 4), np.uint8)
    pixels[..., 3] = chance.choice([0, 0, 120, 255, 255], pixels.shape[:2])
    return Image.fromarray(pixels, "RGBA").resize(size, Image.Resampling.NEAREST)


def _some(chance: np.random.Generator, size: tuple[int, int], share: float) -> Image.Image:
    chosen = 255 * (chance.random((-(-size[1] // 6), -(-size[0] // 6))) < share)
    return Image.fromarray(chosen.astype(np.uint8)).resize(size, Image.Resampling.NEAREST)


def differences() -> dict[str, object]:
    """Counts, picture and places of pairs."""
    return {name: dict(_differences(*pair(name))) for name in SIZES}


def _differences(one: Image.Image, two: Image.Image) -> Iterator[tuple[str, object]]:
    found = Differences(one, two)
    yield "summary", asdict(found.summary())
    yield "picture", picture(found.picture())
    yield "visible", int(found.visible.sum())
    yield "regions", [f"{box.x},{box.y} {box.width}×{box.height}" for box in found.regions()]
    yield "mean over grey", round(mean_difference(one, two), 4)


@one_face()
def figures() -> dict[str, str]:
    """Boxes with their numbers: at the edges of a render, inside it, over one another."""
    boxes = [(1, Box(0, 0, 9, 5)), (2, Box(40, 20, 12, 8)), (10, Box(44, 24, 16, 20))]
    shown = {}
    for width in (60, 511, 512, 513):
        render = _blocks(np.random.default_rng(width), (width, 44))
        shown[f"{width} pixels wide"] = picture(Image.open(io.BytesIO(figure(render, boxes))))
    return shown


def maps() -> list[str]:
    """The colour of every fifteenth level of a heat map."""
    grey = io.BytesIO()
    Image.fromarray(np.arange(0, 256, 15, dtype=np.uint8)[None]).save(grey, "PNG")
    map_ = np.asarray(Image.open(io.BytesIO(coloured(grey.getvalue()))))
    return [" ".join(map(str, colour)) for colour in map_[0]]


KNOWN = {"differences": differences, "figures": figures, "maps": maps}

if __name__ == "__main__":
    write(__file__, KNOWN)
