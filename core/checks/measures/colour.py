"""Colour and sharpness: mean ΔE2000 and its worst place, saturation, contrast, edges, clipping, profile.

"Saturated and lost edge detail" is what a wrong scheduler looks like in numbers: chroma up, edge energy down.
Colours are compared in CIE L*a*b* at no more than 256 px: ΔE is for areas an eye can fix on, not for pixels.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from core.checks.card import Finding
from core.checks.comparison import at_size, reduced, same_size, worst_background
from core.checks.pair import PairToExamine
from core.checks.picture import Picture, Pixels
from core.config.settings import Settings
from core.formatting import percent
from core.records import Box, Region, Size

Plane = NDArray[np.float64]

MAX_SIDE = 256
CELLS = 8
"""The worst place is looked for on a grid of that many cells along the longer side."""


class Palette(NamedTuple):
    """Colour statistics of one picture over white."""

    chroma: float
    """Mean C*: 0 for greys, about 100 for the purest colours."""
    contrast: float
    """Standard deviation of L*, 0–50."""
    edge_energy: float
    """Mean square of the luminance's gradient, at full size: what blurring takes away first."""
    clipped: float
    """Share of pixels that are plain black or plain white: no detail is left in them."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """How colour, contrast and edges of the candidate differ from the baseline's."""
    a, b = pair.pictures()
    return [*_distances(a, b), *_shifts(palette_of(a), palette_of(b)), _profiles(a, b)]


def palette_of(picture: Picture) -> Palette:
    """Colour statistics, remembered with the picture."""
    return picture.feature("palette", lambda: _palette(picture))


def lab_of(picture: Picture, background: str, size: Size) -> Plane:
    """L*a*b* at a size, shape ``(height, width, 3)``, remembered with the picture."""
    return picture.feature(
        ("lab", background, size), lambda: np.asarray(rgb2lab(at_size(picture, background, size)))
    )


def _palette(picture: Picture) -> Palette:
    pixels = picture.over("white")
    lab = lab_of(picture, "white", reduced(picture.size, MAX_SIDE))
    clipped = (pixels == 0).all(axis=2) | (pixels == 255).all(axis=2)
    return Palette(
        chroma=float(np.hypot(lab[..., 1], lab[..., 2]).mean()),
        contrast=float(lab[..., 0].std()),
        edge_energy=edge_energy(pixels),
        clipped=float(clipped.mean()),
    )


def edge_energy(pixels: Pixels) -> float:
    """Mean square of the Sobel gradient of the luminance, (levels per pixel)²."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float((across**2 + down**2).mean() / 64)


def _distances(a: Picture, b: Picture) -> list[Finding]:
    size = same_size(a, b, max_side=MAX_SIDE)
    maps = {}

    def mean_of(background: str) -> float:
        maps[background] = deltaE_ciede2000(lab_of(a, background, size), lab_of(b, background, size))
        return float(maps[background].mean())

    worst = worst_background(a, b, mean_of)
    value, place = _worst_cell(maps[worst.background], a.size)
    reason = f"mean ΔE2000 {worst.value:.1f} at {size}{worst.words}; 1 is just noticeable"
    return [
        Finding(metric="delta_e", value=worst.value, reason=reason),
        Finding(
            metric="delta_e_worst",
            value=value,
            reason=f"ΔE2000 {value:.1f} in the region that changed most",
            regions=(Region(box=place, label=f"ΔE {value:.1f}"),) if value > 0 else (),
        ),
    ]


def _worst_cell(delta: Plane, size: Size) -> tuple[float, Box]:
    """Mean of the worst grid cell, and where it is in the full picture."""
    side = max(1, max(delta.shape) // CELLS)
    rows = np.add.reduceat(delta, range(0, delta.shape[0], side), axis=0)
    sums = np.add.reduceat(rows, range(0, delta.shape[1], side), axis=1)
    heights = np.diff([*range(0, delta.shape[0], side), delta.shape[0]])
    widths = np.diff([*range(0, delta.shape[1], side), delta.shape[1]])
    means = sums / np.outer(heights, widths)
    row, column = np.unravel_index(int(means.argmax()), means.shape)
    scale = size.width / delta.shape[1]
    x, y = round(column * side * scale), round(row * side * scale)
    box = Box(x, y, round(int(widths[column]) * scale), round(int(heights[row]) * scale))
    return float(means[row, column]), box


def _shifts(a: Palette, b: Palette) -> list[Finding]:
    edges = b.edge_energy / a.edge_energy if a.edge_energy > 0 else 1.0
    return [
        Finding(
            metric="saturation_shift",
            value=b.chroma - a.chroma,
            reason=f"mean chroma: baseline {a.chroma:.1f}, candidate {b.chroma:.1f}",
        ),
        Finding(
            metric="contrast_shift",
            value=b.contrast - a.contrast,
            reason=f"contrast (deviation of L*): baseline {a.contrast:.1f}, candidate {b.contrast:.1f}",
        ),
        Finding(
            metric="edge_energy_ratio",
            value=edges,
            reason=f"the candidate has {percent(edges)} of the baseline's edge energy",
        ),
        Finding(
            metric="clipping_increase",
            value=b.clipped - a.clipped,
            reason=f"crushed to black or blown to white: baseline {percent(a.clipped)}, "
            f"candidate {percent(b.clipped)}",
        ),
    ]


def _profiles(a: Picture, b: Picture) -> Finding:
    profiles = [_profile(picture) for picture in (a, b)]
    return Finding(
        metric="profile_parity",
        value=float(profiles[0] == profiles[1]),
        reason=f"colour profile: baseline {profiles[0]}, candidate {profiles[1]}",
    )


def _profile(picture: Picture) -> str:
    """``none (sRGB is assumed)`` or a digest of the embedded ICC profile."""
    profile = picture.image.info.get("icc_profile")
    return f"ICC {hashlib.sha256(profile).hexdigest()[:8]}" if profile else "none (sRGB is assumed)"
