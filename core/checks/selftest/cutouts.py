"""Cut-outs with a known alpha, and what goes wrong with them between a model and a layout."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

OVERSAMPLING = 4


def draw_cutout(seed: int, *, side: int = 128) -> Image.Image:
    """A bright shape with soft edges on full transparency: straight colour, mode RGBA.

    The ink is bright because premultiplying dark ink changes nothing that an eye could see or a check find.
    """
    rng = random.Random(seed)
    ink = tuple(rng.randrange(120, 256) for _ in range(3))
    mask = Image.new("L", (side * OVERSAMPLING,) * 2, 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(rng.randint(1, 3)):
        draw.polygon(_shape(rng, side * OVERSAMPLING), fill=255)
    image = Image.new("RGBA", (side, side), (*ink, 0))
    image.putalpha(mask.resize((side, side), Image.Resampling.BOX))
    return image


def _shape(rng: random.Random, side: int) -> list[tuple[float, float]]:
    """A star, polygon or near-circle somewhere in the frame."""
    corners, inner = rng.choice([(5, 0.45), (3, 1.0), (4, 1.0), (48, 1.0)])
    x, y, radius = (
        rng.uniform(0.35, 0.65) * side,
        rng.uniform(0.35, 0.65) * side,
        rng.uniform(0.15, 0.3) * side,
    )
    turn = rng.uniform(0, math.tau)
    radii = (radius, radius * inner) * corners
    angles = (turn + math.tau * i / len(radii) for i in range(len(radii)))
    return [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


def without_hidden_colour(image: Image.Image) -> Image.Image:
    """Black where nothing is seen, as PNG optimisers leave it: a clean cut-out all the same."""
    pixels = np.array(image)
    pixels[pixels[..., 3] == 0] = 0
    return Image.fromarray(pixels, "RGBA")


def with_shadow(image: Image.Image) -> Image.Image:
    """With a soft black shadow under the shape: clean, although its edges are of another colour."""
    offset = max(2, image.width // 40)
    shade = ImageChops.offset(image.getchannel("A"), offset).filter(ImageFilter.GaussianBlur(offset))
    shadow = Image.new("RGBA", image.size, (0, 0, 0, 0))
    shadow.putalpha(shade.point(lambda level: level // 2))
    return Image.alpha_composite(shadow, image)


def on_white(image: Image.Image) -> Image.Image:
    """RGBA with an opaque white background: the exporter flattened it."""
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


def alpha_full(image: Image.Image) -> Image.Image:
    """Alpha 255 everywhere: the channel survived, its content did not."""
    return _with_alpha(image, 255)


def alpha_empty(image: Image.Image) -> Image.Image:
    """Alpha 0 everywhere: nothing can be seen."""
    return _with_alpha(image, 0)


def on_checkerboard(image: Image.Image) -> Image.Image:
    """A model that learned from screenshots paints transparency as a checkerboard; mode RGB."""
    rows, columns = np.indices((image.height, image.width)) // 8
    board = np.where((rows + columns) % 2, 255, 204).astype(np.uint8)
    ground = Image.fromarray(board).convert("RGBA")
    return Image.alpha_composite(ground, image).convert("RGB")


def alpha_dropped(image: Image.Image) -> Image.Image:
    """A watermarker that knows RGB only."""
    return image.convert("RGB")


def premultiplied(image: Image.Image) -> Image.Image:
    """Colour multiplied by alpha and saved as if it were straight: dark edges on anything bright."""
    pixels = np.asarray(image).astype(np.uint16)
    colour = pixels[..., :3] * pixels[..., 3:] // 255
    return Image.fromarray(np.concatenate([colour, pixels[..., 3:]], axis=2).astype(np.uint8), "RGBA")


def white_fringe(image: Image.Image) -> Image.Image:
    """Cut out of a white matte without taking its colour from the edges."""
    flat, alpha = on_white(image).convert("RGB"), image.getchannel("A")
    flat.putalpha(alpha)
    return flat


CLEAN: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as drawn": Image.Image.copy,
    "hidden colour removed": without_hidden_colour,
    "soft shadow": with_shadow,
}
"""What may be done to transparency without harm, by name."""
FAULTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "opaque white background": on_white,
    "alpha full everywhere": alpha_full,
    "alpha empty everywhere": alpha_empty,
    "checkerboard painted in": on_checkerboard,
    "alpha channel dropped": alpha_dropped,
    "premultiplied saved as straight": premultiplied,
    "white matte in the edges": white_fringe,
}
"""What goes wrong with transparency, by name."""


def _with_alpha(image: Image.Image, value: int) -> Image.Image:
    changed = image.copy()
    changed.putalpha(value)
    return changed
