"""Posters drawn by code: what the models learn from and what their drawings are measured against.

A `Poster` is what a prompt says; a `Style` is what it leaves open and the seed decides. `render` draws both
as RGBA. Everything stands on the 16 px grid of the transformer's tokens, and rows of text are fixed by what
the prompt says: only then can a network of a few megabytes place letters sharply.
"""

from dataclasses import dataclass

import numpy as np

from training import glyphs
from training.glyphs import ADVANCE_PX, CELL_HEIGHT_PX, SHAPE_PX

KINDS = ("poster", "banner", "badge")
COLORS = {
    "white": (250, 250, 248),
    "black": (16, 16, 18),
    "red": (205, 32, 44),
    "orange": (240, 130, 30),
    "yellow": (250, 210, 50),
    "green": (40, 140, 70),
    "teal": (0, 128, 128),
    "blue": (40, 90, 220),
    "navy": (16, 30, 90),
    "purple": (110, 50, 150),
    "pink": (245, 150, 180),
    "cream": (245, 232, 205),
}
TRANSPARENT = "transparent"
NATIVE = (256, 128)
CANVASES = (NATIVE, (256, 64), (128, 128))
"""Sizes (width, height) the models draw; a strip holds one line and no shape."""
MAX_CHARACTERS = 9
MAX_LINES = 2
TOKEN_PX = 16
_SHAPE_MARGIN_PX = 12
_SHAPE_CORNER = {
    "circle": ("top", "left"),
    "star": ("top", "right"),
    "square": ("bottom", "left"),
    "arrow": ("bottom", "right"),
}
_JITTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What a prompt asks for. `sizes` has one entry per line; `shape_color` is None without a shape."""

    kind: str = "poster"
    lines: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    ink: str = "black"
    ground: str = "white"
    shape: str | None = None
    shape_color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the seed decides: `left` or centred text, one of four frames, light from above or the left."""

    left: bool = False
    frame: int = 0
    light_above: bool = False


STYLE_BITS = 4


def style_of(bits: int) -> Style:
    """The style numbered 0..15: bit 0 is the alignment, bits 1 and 2 the frame, bit 3 the light."""
    return Style(left=bool(bits & 1), frame=bits >> 1 & 3, light_above=bool(bits >> 3 & 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLine:
    """One line as it stands on the canvas: what fits of its text, and its top left corner in pixels."""

    text: str
    size: str
    x: int
    y: int


def layout(poster: Poster, style: Style, canvas: tuple[int, int] = NATIVE) -> list[SetLine]:
    """Where the lines stand. What does not fit is cut: letters at the right, on a strip the second line."""
    width, height = canvas
    lines = list(zip(poster.lines, poster.sizes, strict=True))[: 1 if height < 128 else MAX_LINES]
    y = _first_row([size for _, size in lines], drawn_shape(poster, canvas), height) * TOKEN_PX
    placed = []
    for text, size in lines:
        text = text[: min(MAX_CHARACTERS, (width - 2 * TOKEN_PX) // ADVANCE_PX[size])]
        spare = width - ADVANCE_PX[size] * len(text)
        x = TOKEN_PX if style.left else (spare // 2 + 7) // TOKEN_PX * TOKEN_PX
        placed.append(SetLine(text=text, size=size, x=x, y=y))
        y += CELL_HEIGHT_PX[size] + (0 if len(set(poster.sizes)) == 1 and size == "large" else TOKEN_PX)
    return placed


def _first_row(sizes: list[str], shape: str | None, height: int) -> int:
    """Row of 16 px where the text begins: as near the middle as the shape's band allows."""
    block = {("large",): 2, ("small",): 1, ("large", "large"): 4, ("small", "small"): 3}.get(tuple(sizes), 4)
    centred = (height // TOKEN_PX - block) // 2
    if shape is None:
        return centred
    return centred + (1 if _SHAPE_CORNER[shape][0] == "top" else -1)


def drawn_shape(poster: Poster, canvas: tuple[int, int]) -> str | None:
    """The shape that is drawn: none on a strip, which has no room for it."""
    return poster.shape if canvas[1] >= 128 else None


def shape_box(shape: str, canvas: tuple[int, int] = NATIVE) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels of a shape; each shape has its own corner."""
    vertical, horizontal = _SHAPE_CORNER[shape]
    x = _SHAPE_MARGIN_PX if horizontal == "left" else canvas[0] - _SHAPE_MARGIN_PX - SHAPE_PX
    y = _SHAPE_MARGIN_PX if vertical == "top" else canvas[1] - _SHAPE_MARGIN_PX - SHAPE_PX
    return x, y, x + SHAPE_PX, y + SHAPE_PX


def render(
    poster: Poster, style: Style, canvas: tuple[int, int] = NATIVE, *, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Draw as float32 (height, width, 4), straight alpha, all in 0..1.

    Without `rng` the colours are exactly the named ones; with it they differ by up to 3 of 255 steps.
    """
    width, height = canvas
    mask = ink_mask(poster, style, canvas)
    ink = _color(poster.ink, rng)
    image = np.empty((height, width, 4), np.float32)
    if poster.ground == TRANSPARENT:
        image[..., :3], image[..., 3] = ink, mask
    else:
        ground = np.clip(_color(poster.ground, rng) + _light(style, canvas), 0, 1)
        image[..., :3] = ground * (1 - mask[..., None]) + ink * mask[..., None]
        image[..., 3] = 1
    shape = drawn_shape(poster, canvas)
    if shape is not None:
        _stamp(image, shape, _color(poster.shape_color or poster.ink, rng), canvas)
    return image


def ink_mask(poster: Poster, style: Style, canvas: tuple[int, int] = NATIVE) -> np.ndarray:
    """Coverage (height, width) of everything in the ink's colour: the frame and the text."""
    mask = frame_mask(poster.kind, style.frame, canvas)
    for line in layout(poster, style, canvas):
        _set_line(mask, line)
    return mask


def _set_line(mask: np.ndarray, line: SetLine) -> None:
    advance, cell = ADVANCE_PX[line.size], CELL_HEIGHT_PX[line.size]
    for k, character in enumerate(line.text):
        if character != " ":
            x = line.x + k * advance
            mask[line.y : line.y + cell, x : x + advance] = glyphs.glyph(character, line.size)


def frame_mask(kind: str, frame: int, canvas: tuple[int, int]) -> np.ndarray:
    """The four frames of each kind as coverage (height, width): ticks and rules, bars, borders."""
    width, height = canvas
    mask = np.zeros((height, width), np.float32)
    if kind == "poster":
        _poster_frame(mask, frame)
    elif kind == "banner":
        thickness = (8, 4, 6, 8)[frame]
        mask[:thickness] = mask[-thickness:] = 1
        if frame == 1:
            mask[6:8] = mask[-8:-6] = 1
        elif frame == 2:
            mask[:thickness] = 0
        elif frame == 3:
            mask[:, np.arange(width) % 32 >= 16] = 0
    else:
        outer, inner = ((4, 8), (2, 4), (0, 8), (4, 8))[frame]
        mask[outer : height - outer, outer : width - outer] = 1
        mask[inner : height - inner, inner : width - inner] = 0
        if frame == 1:
            mask[6:-6, 6:-6] = 1
            mask[8:-8, 8:-8] = 0
        elif frame == 3:
            for rows in (slice(0, 12), slice(-12, None)):
                mask[rows, :12] = mask[rows, -12:] = 0
    return mask


def _poster_frame(mask: np.ndarray, frame: int) -> None:
    if frame == 1:
        mask[-8:-4, 16:-16] = 1
    elif frame == 2:
        mask[16:-16, :8] = 1
    elif frame == 3:
        for rows in (slice(4, 8), slice(-8, -4)):
            mask[rows, 4:28] = mask[rows, -28:-4] = 1
        for columns in (slice(4, 8), slice(-8, -4)):
            mask[4:28, columns] = mask[-28:-4, columns] = 1


def _color(name: str, rng: np.random.Generator | None) -> np.ndarray:
    jitter = 0 if rng is None else rng.integers(-_JITTER, _JITTER + 1, 3)
    return np.clip(np.array(COLORS[name]) + jitter, 0, 255).astype(np.float32) / 255


def _light(style: Style, canvas: tuple[int, int]) -> np.ndarray:
    """A faint gradient (height, width, 1) of ±0.03 around the named colour."""
    width, height = canvas
    if style.light_above:
        return np.linspace(0.03, -0.03, height, dtype=np.float32)[:, None, None]
    return np.linspace(0.03, -0.03, width, dtype=np.float32)[None, :, None]


def _stamp(image: np.ndarray, shape: str, color: np.ndarray, canvas: tuple[int, int]) -> None:
    left, top, right, bottom = shape_box(shape, canvas)
    coverage = glyphs.shape(shape)
    region = image[top:bottom, left:right]
    if region[..., 3].min() < 1:
        # On a transparent ground the whole box takes the shape's colour, so that soft edges have no rim.
        region[..., :3] = color
        region[..., 3] = np.maximum(region[..., 3], coverage)
    else:
        region[..., :3] += (color - region[..., :3]) * coverage[..., None]
