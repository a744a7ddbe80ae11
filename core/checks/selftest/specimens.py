"""Drawings whose truth is known: lettering of a known height in a known place, cut-outs with a known alpha.

The self-tests and the benchmarks measure the checks on them. Fonts are those of the machine, Pillow's own
where it has none, so that the test speaks of the lettering this machine can draw.
"""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core.errors import CheckUnavailable
from core.records import Box, ExpectedText, Size

FONT_FOLDERS: dict[str, tuple[str, ...]] = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "darwin": ("/System/Library/Fonts/Supplemental", "/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
FONT_NAMES = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansCondensed", "DejaVuSansMono", "DejaVuSerif"),
    *(
        "LiberationSans-Regular",
        "LiberationSans-Bold",
        "LiberationSans-Italic",
        "LiberationSansNarrow-Regular",
    ),
    *("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationMono-Regular"),
    *("Arial", "Georgia", "Verdana", "Courier New", "Times New Roman", "Trebuchet MS"),
    *("arial", "georgia", "verdana", "cour", "times", "trebuc"),
)
"""Common text faces under the names their files have on Linux, macOS and Windows."""
ALPHABETS = (ascii_uppercase, ascii_lowercase, digits)
BUILT_IN = ""
"""Stands for the face inside Pillow, in place of a font file."""
MARGIN = 1.0
"""Clear space around a line, in letter heights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A drawn line of lettering and what a reader must find in it."""

    image: Image.Image
    drawn: str
    expected: ExpectedText


@cache
def text_fonts() -> tuple[str, ...]:
    """Files of the common text faces on this machine; only Pillow's own face where there is none."""
    folders = FONT_FOLDERS.get(sys.platform, ())
    files = {file.stem: str(file) for folder in folders for file in sorted(Path(folder).rglob("*.[to]tf"))}
    return tuple(files[name] for name in FONT_NAMES if name in files) or (BUILT_IN,)


def draw_card(
    text: str,
    *,
    letter_height_px: int,
    font: str,
    seed: int,
    expected: str | None = None,
    textured: bool = False,
    least: tuple[int, int] = (1, 1),
) -> Card:
    """One line in the middle of a picture of at least the size ``least``, with clear space around it.

    Colours follow from ``seed`` and differ by a WCAG contrast of at least 4.5. ``expected`` is what a reader
    is told to expect, when the drawing is to be wrong on purpose. The background is plain or, ``textured``,
    smooth noise such as a photograph has out of focus.
    """
    face, (ink, paper) = _face(font, letter_height_px), _colours(random.Random(seed))
    left, top, right, bottom = (round(value) for value in face.getbbox(text))
    line, margin = Size(right - left, bottom - top), max(4, round(MARGIN * letter_height_px))
    width, height = (max(a, b + 2 * margin) for a, b in zip(least, line, strict=True))
    image = _texture(width, height, paper, seed) if textured else Image.new("RGB", (width, height), paper)
    x, y = (width - line.width) // 2, (height - line.height) // 2
    ImageDraw.Draw(image).text((x - left, y - top), text, fill=ink, font=face)
    told = ExpectedText(
        text=text if expected is None else expected,
        letter_height_px=letter_height_px,
        box=Box(x, y, *line),
    )
    return Card(image=image, drawn=text, expected=told)


def with_one_letter_changed(text: str, seed: int) -> str:
    """The text with one letter or digit replaced by another of its kind (capital, small letter, digit)."""
    rng = random.Random(seed)
    at = rng.choice([i for i, letter in enumerate(text) if any(letter in kind for kind in ALPHABETS)])
    kind = next(kind for kind in ALPHABETS if text[at] in kind)
    return text[:at] + rng.choice(kind.replace(text[at], "")) + text[at + 1 :]


@cache
def _face(font: str, letter_height_px: int) -> ImageFont.FreeTypeFont:
    """The smallest size of a font whose capital H is at least that high."""
    sizes = (_sized(font, points) for points in range(letter_height_px, 4 * letter_height_px))
    return next(face for face in sizes if _cap_height(face) >= letter_height_px)


def _sized(font: str, points: int) -> ImageFont.FreeTypeFont:
    if font != BUILT_IN:
        return ImageFont.truetype(font, points)
    face = ImageFont.load_default(points)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise CheckUnavailable("Pillow was built without FreeType", remedy="run `make setup`")
    return face


def _cap_height(face: ImageFont.FreeTypeFont) -> float:
    _, top, _, bottom = face.getbbox("H")
    return bottom - top


def _colours(rng: random.Random) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Ink and paper of a WCAG contrast of at least 4.5."""
    while True:
        ink, paper = ((rng.randrange(256), rng.randrange(256), rng.randrange(256)) for _ in range(2))
        lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
        if (lighter + 0.05) / (darker + 0.05) >= 4.5:
            return ink, paper


def _luminance(colour: tuple[int, int, int]) -> float:
    red, green, blue = (math.pow(level / 255, 2.2) for level in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _texture(width: int, height: int, colour: tuple[int, int, int], seed: int) -> Image.Image:
    """Noise of three scales around a colour, ± about 25 levels."""
    noise = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for radius, strength in ((1, 6.0), (4, 12.0), (12, 14.0)):
        layer = Image.fromarray(noise.integers(0, 256, (height, width, 3), dtype=np.uint8))
        blurred = np.asarray(layer.filter(ImageFilter.GaussianBlur(radius)), np.float64)
        total += strength * (blurred - blurred.mean()) / max(1.0, float(blurred.std()))
    return Image.fromarray((total + colour).clip(0, 255).astype(np.uint8))
