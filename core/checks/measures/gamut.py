"""Gamut: does the candidate use as many different colours as the baseline? Faded pictures do not."""

from __future__ import annotations

import numpy as np

from core.checks.card import Finding
from core.checks.comparison import reduced
from core.checks.measures.colour import MAX_SIDE, lab_of
from core.checks.pair import PairToExamine
from core.checks.picture import Picture
from core.config.settings import Settings

CELL = 8
"""Width of a cell of the a*b* plane: colours that far apart have names of their own."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """The cells that the candidate's colours fill, in shares of the baseline's."""
    before, after = map(colours_in, pair.pictures())
    reason = f"different colours: baseline {before}, candidate {after}"
    return [Finding(metric="gamut_ratio", value=after / before, reason=reason)]


def colours_in(picture: Picture) -> int:
    """Occupied cells of the a*b* plane over white, at least 1; remembered with the picture."""
    return picture.feature("colours", lambda: _occupied(picture))


def _occupied(picture: Picture) -> int:
    lab = lab_of(picture, "white", reduced(picture.size, MAX_SIDE))
    # a* and b* of sRGB lie between -108 and 99 (CIE 1976, D65): none is below 0 once 128 is added
    a, b = (np.floor(lab[..., axis] / CELL).astype(int) + 128 // CELL for axis in (1, 2))
    return int(np.count_nonzero(np.bincount((256 // CELL * a + b).ravel())))
