"""Measures what a packed model draws against what its prompts say: text, shapes, transparency, colours, time.

Lines are read by the product's own reader (`core.checks.text.lettering`). O, 0 and Q count as one glyph, I
and 1 too: OCR confuses them on perfect drawings as well, which is why the same posters drawn by the renderer
are scored beside every model. The style that a seed chooses is known from its noise (`latents.style_in`), so
each drawing is compared with the drawing it should have become.
"""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import SupportsFloat, TypedDict

import numpy as np
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from core.checks.picture import Picture
from core.checks.text.lettering import read_lettering
from core.checks.text.reader import load_reader
from core.decisions.proportions import wilson
from core.records import Box, ExpectedText
from training import glyphs
from training.drawings import Drawing, style_of_seed
from training.heldout import is_word, numbered
from training.posters import (
    COLORS,
    NATIVE,
    TRANSPARENT,
    Poster,
    Style,
    ink_mask,
    layout,
    render,
    shape_box,
)

SHAPE_MATCH = 0.6
"""Overlap (IoU) with the named shape that a drawn one needs, and no other shape may fit better."""
_CONFUSED = str.maketrans({"O": "0", "Q": "0", "I": "1"})


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many, with the 95% Wilson interval."""

    hits: int
    total: int

    def __str__(self) -> str:
        if not self.total:
            return "–"
        share, low, high = wilson(self.hits, self.total, level=0.95)
        return f"{100 * share:.1f}% ({100 * low:.0f}–{100 * high:.0f})"


class Measured(TypedDict):
    """`Scores` as plain numbers: rates as [hits, total], medians and means of the rest, or None for none."""

    lines: dict[str, list[int]]
    shapes: list[int]
    coverage_error: float | None
    color_difference: float | None
    shape_color_difference: float | None
    seconds: float | None
    mode: str


@dataclass(slots=True)
class Scores:
    """Counts and values collected over many drawings; `as_dict` is what reports store."""

    lines: dict[str, list[bool]] = field(default_factory=dict)
    shapes: list[bool] = field(default_factory=list)
    coverage_errors: list[float] = field(default_factory=list)
    color_differences: list[float] = field(default_factory=list)
    shape_color_differences: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)

    def as_dict(self) -> Measured:
        """Plain numbers, rounded to four places."""
        return {
            "lines": {name: [sum(read), len(read)] for name, read in sorted(self.lines.items())},
            "shapes": [sum(self.shapes), len(self.shapes)],
            "coverage_error": _rounded(np.mean, self.coverage_errors),
            "color_difference": _rounded(np.median, self.color_differences),
            "shape_color_difference": _rounded(np.median, self.shape_color_differences),
            "seconds": _rounded(np.median, self.seconds),
            "mode": "/".join(sorted(self.modes)),
        }


def _rounded(statistic: Callable[[list[float]], SupportsFloat], values: list[float]) -> float | None:
    return round(float(statistic(values)), 4) if values else None


def measure(draw: Drawing, posters: list[Poster]) -> Scores:
    """Draw every poster once, each with its own seed, and judge all that its prompt says."""
    scores = Scores()
    for seed, poster in numbered(posters):
        start = time.thread_time()
        image = draw(poster, seed)
        scores.seconds.append(time.thread_time() - start)
        judge(scores, image, poster, style_of_seed(seed))
    return scores


def judge(scores: Scores, image: Image.Image, poster: Poster, style: Style) -> None:
    """Add one drawing's figures."""
    scores.modes.add(image.mode)
    lines = layout(poster, style)
    for line, right in zip(lines, lines_read(image, poster, style), strict=True):
        kind = "words" if is_word(poster) else "strings"
        for name in (line.size, f"{line.size} {kind}", f"line {1 + lines.index(line)}"):
            scores.lines.setdefault(name, []).append(right)
    pixels = np.asarray(image)
    if poster.shape and pixels.shape[2] == 4:
        scores.shapes.append(shape_drawn(pixels, poster))
    if poster.shape:
        scores.shape_color_differences.append(shape_color_difference(pixels, poster))
    wanted = render(poster, style)
    if poster.ground == TRANSPARENT and pixels.shape[2] == 4:
        scores.coverage_errors.append(abs(float(pixels[..., 3].mean() / 255 - wanted[..., 3].mean())))
    scores.color_differences.extend(color_differences(pixels, poster, style))


def read_on(draw: Drawing, posters: list[Poster], canvas: tuple[int, int]) -> dict[str, list[int]]:
    """Lines read exactly, [hits, total] by size, on any canvas; the layout cuts what does not fit."""
    counts: dict[str, list[int]] = {}
    for seed, poster in numbered(posters):
        style = style_of_seed(seed, canvas)
        read = lines_read(draw(poster, seed, canvas), poster, style, canvas)
        for line, right in zip(layout(poster, style, canvas), read, strict=True):
            count = counts.setdefault(line.size, [0, 0])
            count[0] += right
            count[1] += 1
    return counts


def lines_read(
    image: Image.Image, poster: Poster, style: Style, canvas: tuple[int, int] = NATIVE
) -> list[bool]:
    """For each line, whether it reads as written, confusable glyphs folded and spaces left out."""
    expected = [
        ExpectedText(
            text=line.text,
            box=Box(
                line.x,
                line.y,
                glyphs.ADVANCE_PX[line.size] * len(line.text),
                glyphs.CELL_HEIGHT_PX[line.size],
            ),
        )
        for line in layout(poster, style, canvas)
    ]
    seen = read_lettering(Picture(image), expected, load_reader())
    return [folded(line.text) == folded(line.expected.text) for line in seen.lines]


def folded(text: str) -> str:
    """Letters, digits and marks only, O/0/Q and I/1 made equal.

    >>> folded("QUIZ 10") == folded("OU1Z I0")
    True
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c in glyphs.CHARACTERS).translate(_CONFUSED)


def shape_drawn(pixels: np.ndarray, poster: Poster) -> bool:
    """Whether the named shape stands in its corner: its mask fits best of all, and well; RGBA pixels only."""
    assert poster.shape  # asked of posters with a shape
    left, top, right, bottom = shape_box(poster.shape)
    region = pixels[top:bottom, left:right].astype(float)
    if poster.ground == TRANSPARENT:
        drawn = region[..., 3] > 127
    else:
        assert poster.shape_color  # goes with a shape
        ground, ink = np.array(COLORS[poster.ground], float), np.array(COLORS[poster.shape_color], float)
        drawn = (region[..., :3] - ground) @ (ink - ground) > 0.5 * ((ink - ground) ** 2).sum()
    fits = {name: _overlap(drawn, glyphs.shape(name) > 0.5) for name in glyphs.SHAPES}
    return fits[poster.shape] >= SHAPE_MATCH and max(fits, key=fits.__getitem__) == poster.shape


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def color_differences(pixels: np.ndarray, poster: Poster, style: Style) -> list[float]:
    """ΔE2000 of ink and ground, each the median inside its own area, from the colours named."""
    mask = ink_mask(poster, style)
    if poster.shape:
        left, top, right, bottom = shape_box(poster.shape)
        mask[top:bottom, left:right] = np.nan
    pairs = [(mask > 0.95, poster.ink)]
    if poster.ground != TRANSPARENT:
        pairs.append((mask < 0.05, poster.ground))
    found = [(pixels[_core(where)][:, :3], name) for where, name in pairs]
    return [_difference(np.median(colors, axis=0), name) for colors, name in found if len(colors) >= 8]


def shape_color_difference(pixels: np.ndarray, poster: Poster) -> float:
    """ΔE2000 of the median colour where the named shape should be from the colour named for it."""
    assert poster.shape  # asked of posters with a shape
    assert poster.shape_color  # goes with a shape
    left, top, right, bottom = shape_box(poster.shape)
    inside = pixels[top:bottom, left:right][_core(glyphs.shape(poster.shape) > 0.95)][:, :3]
    return _difference(np.median(inside, axis=0), poster.shape_color)


def _core(mask: np.ndarray) -> np.ndarray:
    """The mask less its outermost pixel."""
    inner = mask.copy()
    for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inner &= np.roll(mask, shift, axis)
    return inner


def _difference(found: np.ndarray, name: str) -> float:
    return float(deltaE_ciede2000(rgb2lab(found / 255), rgb2lab(np.array(COLORS[name]) / 255)))
