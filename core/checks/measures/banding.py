"""Banding: gentle slopes that come out as stairs, the mark of a decoder or a format with too few levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.checks.card import Finding
from core.checks.maps import regions_of
from core.checks.pair import PairToExamine
from core.checks.picture import Picture, Pixels
from core.config.settings import Settings
from core.formatting import percent
from core.records import Arm, Region

STEP = (3, 16)
"""Levels of a visible stair: smaller ones belong to a smooth 8-bit slope, larger ones are edges of things."""
LINES = 3
"""Every third row and column tells as much as all of them."""
TREAD = 4
"""Equal pixels on both sides that make a stair of a step."""
POINTED_AT = 0.05
"""Share of stairs below which single ones lie about: there is no place to show."""
CELLS = 16
"""Cells along each side of the grid in which stairs are counted to find their place."""

Planes = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """Share of each picture's gentle slopes that are stairs, and where most of them are."""
    return [_finding(pair.picture(arm), arm) for arm in pair.arms()]


def _finding(picture: Picture, arm: Arm) -> Finding:
    pixels = picture.over("white")
    value = stairs(pixels)
    return Finding(
        metric="banding",
        arm=arm,
        value=value,
        reason=f"{percent(value)} of the gentle slopes are stairs",
        regions=_places(picture, pixels, arm) if value >= POINTED_AT else (),
    )


def stairs(pixels: Pixels) -> float:
    """Stairs among all changes of 1 to 16 levels between neighbours, in each channel along both axes; 0–1."""
    counts = np.sum([[steps.sum() for steps in planes] for planes in _both_axes(pixels)], axis=0)
    return float(counts[0] / counts[1]) if counts[1] else 0.0


def _both_axes(pixels: Pixels) -> list[Planes]:
    """Stairs and gentle changes of each channel, along the rows and then along the columns."""
    channels = np.moveaxis(pixels.astype(np.int16), 2, 0)
    return [_steps(plane[::LINES]) for channel in channels for plane in (channel, channel.T)]


def _steps(plane: NDArray[np.int16]) -> Planes:
    """Where the rows have stairs, and where gentle changes; both without the first and last ``TREAD``."""
    step = np.abs(np.diff(plane, axis=1))
    inner = step[:, TREAD:-TREAD]
    width = inner.shape[1]
    sides = [step[:, TREAD + by : TREAD + by + width] for by in range(-TREAD, TREAD + 1) if by]
    flat_around = np.all([side == 0 for side in sides], axis=0)
    gentle = (inner >= 1) & (inner <= STEP[1])
    return gentle & (inner >= STEP[0]) & flat_around, gentle


def _places(picture: Picture, pixels: Pixels, arm: Arm) -> tuple[Region, ...]:
    """Boxes around the parts of the picture with the most stairs."""
    counts, (height, width) = np.zeros((CELLS, CELLS), np.float32), pixels.shape[:2]
    for number, (found, _) in enumerate(_both_axes(pixels)):
        across, along = np.nonzero(found)
        across, along = across * LINES, along + TREAD
        y, x = (across, along) if number % 2 == 0 else (along, across)
        np.add.at(counts, (y * CELLS // height, x * CELLS // width), 1)
    return regions_of(counts / counts.max(), picture.size, label="stairs", arm=arm)
