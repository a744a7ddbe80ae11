"""Pixel masks of the letters and shapes that posters are set with.

The typeface is the one that ships inside Pillow (`ImageFont.load_default(size)`): Aileron Regular by Sora
Sagano, dedicated to the public domain (CC0), emboldened here by a stroke. Every glyph is drawn four times
too large and reduced, and stands in a cell of fixed width, so that text always meets the 16 px token grid
of the transformer. O and 0, I and 1 differ only by width, as in most grotesque faces: readers confuse them.
"""

import math
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!?&%-."
SHAPES = ("circle", "star", "square", "arrow")
SIZES = ("large", "small")
ADVANCE_PX = {"large": 24, "small": 16}
"""Width of a glyph's cell."""
CELL_HEIGHT_PX = {"large": 32, "small": 16}
SHAPE_PX = 34
_CAP_HEIGHT_PX = {"large": 24.5, "small": 13.5}
_WIDEST_PX = {"large": 22.5, "small": 15.0}
_STROKE_SHARE = {"large": 0.045, "small": 0.038}
_OVERSAMPLING = 4


@cache
def glyph(character: str, size: str) -> np.ndarray:
    """Coverage of one character, float32 (height, width) in 0..1; narrowed where it exceeds its cell."""
    width, height = ADVANCE_PX[size] * _OVERSAMPLING, CELL_HEIGHT_PX[size] * _OVERSAMPLING
    font, stroke = _font(size)
    top, cap_height = _cap_box(font, stroke)
    left, _, right, _ = font.getbbox(character, stroke_width=stroke)
    drawn = Image.new("L", (math.ceil(right - left) + 8, height), 0)
    origin = (4 - left, (height - cap_height) / 2 - top)
    ImageDraw.Draw(drawn).text(origin, character, fill=255, font=font, stroke_width=stroke)
    widest = int(_WIDEST_PX[size] * _OVERSAMPLING)
    if right - left > widest:
        drawn = drawn.resize((int(drawn.width * widest / (right - left)), height), Image.Resampling.LANCZOS)
    cell = Image.new("L", (width, height), 0)
    cell.paste(drawn, ((width - drawn.width) // 2, 0))
    return _reduced(cell)


@cache
def shape(name: str) -> np.ndarray:
    """Coverage of one shape, float32 (SHAPE_PX, SHAPE_PX) in 0..1."""
    side = SHAPE_PX * _OVERSAMPLING
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    if name == "circle":
        draw.ellipse((2, 2, side - 3, side - 3), fill=255)
    elif name == "square":
        draw.rectangle((10, 10, side - 11, side - 11), fill=255)
    elif name == "star":
        draw.polygon(_star(side), fill=255)
    elif name == "arrow":
        draw.polygon([(x * side, y * side) for x, y in _ARROW], fill=255)
    else:
        raise ValueError(f"expected a shape of {SHAPES}, got {name!r}")
    return _reduced(image)


_ARROW = ((0.02, 0.36), (0.5, 0.36), (0.5, 0.08), (0.98, 0.5), (0.5, 0.92), (0.5, 0.64), (0.02, 0.64))
"""Pointing right, in shares of the side."""


def _star(side: int) -> list[tuple[float, float]]:
    radii = (side / 2 - 2, side / 4.6)
    angles = [k * math.pi / 5 for k in range(10)]
    return [
        (side / 2 + radii[k % 2] * math.sin(a), side * 0.53 - radii[k % 2] * math.cos(a))
        for k, a in enumerate(angles)
    ]


@cache
def _font(size: str) -> tuple[ImageFont.FreeTypeFont, int]:
    """The face scaled so that its stroked capitals have the wanted height, and the stroke's width."""
    wanted = _CAP_HEIGHT_PX[size] * _OVERSAMPLING
    em = wanted / 0.72
    for _ in range(4):
        font, stroke = _face(em), max(1, round(em * _STROKE_SHARE[size]))
        em *= wanted / _cap_box(font, stroke)[1]
    return font, stroke


def _face(em: float) -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(em)
    assert isinstance(face, ImageFont.FreeTypeFont)  # the other kind is of a Pillow built without FreeType
    return face


def _cap_box(font: ImageFont.FreeTypeFont, stroke: int) -> tuple[float, float]:
    _, top, _, bottom = font.getbbox("H", stroke_width=stroke)
    return top, bottom - top


def _reduced(image: Image.Image) -> np.ndarray:
    size = (image.width // _OVERSAMPLING, image.height // _OVERSAMPLING)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS), np.float32) / 255
