"""A figure of a render with numbered boxes around what the checks found; the render itself is not touched."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from core.records import Box

LEAST_WIDTH: Final = 512
"""Smaller renders are enlarged by a whole factor, pixel by pixel, so that small letters can be looked at."""
GREY: Final = (128, 128, 128)
INK: Final = (213, 94, 0)
"""Vermilion: told from every other colour by people who see few of them."""
LINE: Final = 2
NUMBER: Final = 16


def figure(render: Image.Image, boxes: Iterable[tuple[int, Box]]) -> bytes:
    """A PNG of the render over mid grey, enlarged where it is small, with a number at each box."""
    factor = -(-LEAST_WIDTH // render.width)
    size = render.width * factor, render.height * factor
    shown = Image.new("RGBA", size, GREY)
    shown.alpha_composite(render.convert("RGBA").resize(size, Image.Resampling.NEAREST))
    draw, face = ImageDraw.Draw(shown), ImageFont.load_default(NUMBER)
    for number, box in boxes:
        left, top = box.x * factor - LINE, box.y * factor - LINE
        right, bottom = (box.x + box.width) * factor + LINE - 1, (box.y + box.height) * factor + LINE - 1
        draw.rectangle((left, top, right, bottom), outline=INK, width=LINE)
        _numbered(draw, face, number, max(0, left), max(0, top - NUMBER - LINE))
    file = io.BytesIO()
    shown.convert("RGB").save(file, "PNG", compress_level=1)
    return file.getvalue()


def _numbered(
    draw: ImageDraw.ImageDraw,
    face: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    number: int,
    left: int,
    top: int,
) -> None:
    """The number in white on a small plate of the box's colour."""
    width = round(draw.textlength(str(number), face))
    draw.rectangle((left, top, left + width + 2 * LINE + 1, top + NUMBER + LINE), fill=INK)
    draw.text((left + LINE + 1, top), str(number), "white", face)
