"""Foreign colour at the soft edges of a cut-out: bleeding mattes, and colour that was premultiplied.

Where alpha is between 0 and 1 the straight colour ``c`` should be the colour of the ink beside it. A picture
that was premultiplied, or cut from a matte ``m``, holds ``alpha·ink + (1 − alpha)·m`` instead; the share of
matte is fitted over all edge pixels, for a black and for a white matte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.checks.picture import Pixels

VISIBLE = 8.0
"""Levels of 255 that an edge's colour may be off before it is a fault: above what a decoder's noise gives."""
NEIGHBOURS = np.ones((3, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """Foreign colour at the soft edges of a cut-out."""

    levels: float
    """Mean distance of the edge's colour from the ink beside it, 0–255."""
    matte: str
    """Which matte explains it, ``black`` or ``white``."""
    share: float
    """How much of the matte is mixed in: 0 none, 1 as much as premultiplying does."""
    explained: float
    """How much of the foreign colour this matte explains, 0–1; a soft shadow leaves much unexplained."""

    @property
    def is_fault(self) -> bool:
        """True above VISIBLE levels when a matte share of 0.4–1.1 explains over 95% of the foreign colour."""
        return self.levels > VISIBLE and 0.4 < self.share < 1.1 and self.explained > 0.95


def fringe_of(rgb: Pixels, alpha: Pixels) -> Fringe:
    """The fringe of straight colour ``(height, width, 3)`` under an alpha ``(height, width)``."""
    edge = (alpha >= 32) & (alpha <= 223) & ndimage.binary_dilation(alpha == 255, NEIGHBOURS, iterations=2)
    if not edge.any():
        return Fringe(levels=0.0, matte="black", share=0.0, explained=0.0)
    nearest = ndimage.distance_transform_edt(alpha < 255, return_distances=False, return_indices=True)
    ink = rgb[nearest[0][edge], nearest[1][edge]].astype(np.float64)
    seen, through = rgb[edge].astype(np.float64), 1 - alpha[edge, None] / 255
    fits = {name: _fit(seen - ink, (level - ink) * through) for name, level in (("black", 0), ("white", 255))}
    matte = max(fits, key=lambda name: fits[name][1])
    share, explained = fits[matte]
    return Fringe(levels=float(np.abs(seen - ink).mean()), matte=matte, share=share, explained=explained)


def _fit(difference: NDArray[np.float64], admixture: NDArray[np.float64]) -> tuple[float, float]:
    """Least squares: the share of an admixture in a difference, and how much of that it explains."""
    power, total = float((admixture**2).sum()), float((difference**2).sum())
    if power == 0 or total == 0:
        return 0.0, 0.0
    share = float((difference * admixture).sum()) / power
    return share, share * share * power / total
