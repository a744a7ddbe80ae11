"""Finds a background that was painted where transparency should be: a flat colour or a checkerboard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.checks.picture import Pixels

FLAT_TOLERANCE = 6
"""Levels by which a flat background may vary: JPEG and decoders add this much."""
CELLS = range(4, 33)
"""Sizes of a checkerboard's squares that are looked for, in pixels."""


def baked_matte(rgb: Pixels) -> str | None:
    """``a flat white background``, ``a checkerboard of 8 px``, or None when neither is there."""
    border = _border(rgb)
    if cell := checkerboard_cell(rgb):
        return f"a checkerboard of {cell} px"
    middle = np.median(border, axis=0)
    if (np.abs(border - middle).max(axis=1) <= FLAT_TOLERANCE).mean() < 0.95:
        return None
    red, green, blue = (int(channel) for channel in middle)
    named = {(255, 255, 255): "white", (0, 0, 0): "black"}
    colour = named.get((red, green, blue), f"#{red:02x}{green:02x}{blue:02x}")
    return f"a flat {colour} background"


def checkerboard_cell(rgb: Pixels) -> int | None:
    """Side of the squares of a painted checkerboard, or None.

    Shifted by one square along either axis the pattern turns into its opposite, shifted along both into
    itself.
    """
    signs = _two_tones(rgb)
    if signs is None:
        return None
    for cell in CELLS:
        if min(signs.shape) > 2 * cell and _agreement(signs, cell, cell) > 0.9:
            across, down = _agreement(signs, cell, 0), _agreement(signs, 0, cell)
            if across < -0.9 and down < -0.9:
                return cell
    return None


def _two_tones(rgb: Pixels) -> NDArray[np.int8] | None:
    """+1 where the lighter of the border's two grey tones stands, −1 for the darker, 0 elsewhere; or None."""
    border = _border(rgb)
    neutral = border[np.ptp(border, axis=1) <= FLAT_TOLERANCE].mean(axis=1)
    if len(neutral) < 0.8 * len(border) or np.ptp(neutral) < 2 * FLAT_TOLERANCE:
        return None
    middle = (neutral.min() + neutral.max()) / 2
    tones = np.median(neutral[neutral < middle]), np.median(neutral[neutral >= middle])
    if min((neutral < middle).mean(), (neutral >= middle).mean()) < 0.2:
        return None
    dark, light = ((np.abs(rgb - tone).max(axis=2) <= FLAT_TOLERANCE).astype(np.int8) for tone in tones)
    signs: NDArray[np.int8] = light - dark
    return signs


def _agreement(signs: NDArray[np.int8], dx: int, dy: int) -> float:
    """Correlation of the two tones with themselves, shifted; only where both are one of the tones."""
    height, width = signs.shape
    product = signs[dy:, dx:] * signs[: height - dy, : width - dx]
    seen = np.count_nonzero(product)
    return float(product.sum() / seen) if seen > 0.1 * signs.size else 0.0


def _border(rgb: Pixels) -> NDArray[np.float64]:
    """The outermost pixels, about 4% of each side, shape ``(n, 3)``."""
    depth = max(1, min(rgb.shape[:2]) // 25)
    sides = (rgb[:depth], rgb[-depth:], rgb[:, :depth], rgb[:, -depth:])
    return np.concatenate([side.reshape(-1, 3) for side in sides]).astype(np.float64)
