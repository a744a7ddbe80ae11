"""Banding: gentle slopes that come out as stairs, the mark of a decoder or a format with too few levels."""

from __future__ import annotations

import numpy as np

from core.checks.card import Finding
from core.checks.evidence import PairEvidence
from core.checks.picture import Pixels
from core.records import Arm
from core.settings import Settings

STEP = (3, 16)
"""Levels of a visible stair: smaller ones belong to a smooth 8-bit slope, larger ones are edges of things."""
LINES = 3
"""Every third row and column tells as much as all of them."""
TREAD = 4
"""Equal pixels on both sides that make a stair of a step."""


def measure(evidence: PairEvidence, settings: Settings) -> list[Finding]:
    """Share of each picture's gentle slopes that are stairs."""
    return [_finding(evidence.picture(arm).over("white"), arm) for arm in evidence.arms()]


def _finding(pixels: Pixels, arm: Arm) -> Finding:
    value = stairs(pixels)
    return Finding(
        metric="banding", arm=arm, value=value, reason=f"{value:.1%} of the gentle slopes are stairs"
    )


def stairs(pixels: Pixels) -> float:
    """Stairs among all changes of 1 to 16 levels between neighbours, in each channel along both axes; 0–1."""
    channels = np.moveaxis(pixels.astype(np.int16), 2, 0)
    rows = [plane[::LINES] for channel in channels for plane in (channel, channel.T)]
    counts = np.sum([_counted(plane) for plane in rows], axis=0)
    return float(counts[0] / counts[1]) if counts[1] else 0.0


def _counted(plane: np.typing.NDArray[np.int16]) -> tuple[int, int]:
    """Stairs and gentle changes along the rows."""
    step = np.abs(np.diff(plane, axis=1))
    inner = step[:, TREAD:-TREAD]
    width = inner.shape[1]
    sides = [step[:, TREAD + by : TREAD + by + width] for by in range(-TREAD, TREAD + 1) if by]
    flat_around = np.all([side == 0 for side in sides], axis=0)
    gentle = (inner >= 1) & (inner <= STEP[1])
    return int((gentle & (inner >= STEP[0]) & flat_around).sum()), int(gentle.sum())
