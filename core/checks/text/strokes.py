"""Are the letters drawn as crisply as the baseline's? Edge contrast and sharpness inside a line's box.

OCR reads soft or pale letters without complaint; a designer does not. Contrast is the span of luminance
between ink and ground; sharpness is the steepest tenth of the gradient divided by that span, so the inverse
of the width of an edge in pixels, whatever the colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from core.checks.card import Finding
from core.checks.picture import Picture, Pixels
from core.checks.text.lettering import Lettering
from core.records import Arm, Box, MeasurementStatus, Region


class Strokes(NamedTuple):
    """How the letters of one line are drawn."""

    contrast: float
    """Levels between the 2nd and the 98th percentile of luminance, 0–255."""
    sharpness: float
    """1 / width of an edge, per pixel: 0.5 is crisp, 0.1 is soft. 0 where there is no contrast."""


def strokes_in(pixels: Pixels, box: Box) -> Strokes:
    """The strokes inside a box of an RGB picture."""
    line = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    grey = cv2.cvtColor(np.ascontiguousarray(line), cv2.COLOR_RGB2GRAY)
    low, high = np.percentile(grey, (2, 98))
    if high - low < 1:
        return Strokes(contrast=0.0, sharpness=0.0)
    gradient = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
    steepest = gradient[gradient >= np.percentile(gradient, 90)]
    return Strokes(contrast=float(high - low), sharpness=float(steepest.mean() / (high - low)))


def compared(a: Picture, b: Picture, baseline: Lettering, candidate: Lettering) -> Iterator[Finding]:
    """How crisply each line is drawn on the candidate ``b``, as a ratio to the baseline ``a``."""
    before, after = a.over(baseline.background), b.over(candidate.background)
    count = 0
    for line, other in zip(baseline.lines, candidate.lines, strict=True):
        if line.reading and other.reading:
            old, new = strokes_in(before, line.reading.box), strokes_in(after, other.reading.box)
            if old.sharpness > 0:
                count += 1
                where = Region(box=other.reading.box, label=f"«{other.text}»", arm=Arm.CANDIDATE)
                yield from _ratios(line.expected.text, old, new, where)
    if not count:
        for metric in ("sharpness_ratio", "contrast_ratio"):
            yield Finding(
                metric=metric,
                value=None,
                status=MeasurementStatus.NOT_APPLICABLE,
                reason="no line was found on both arms",
            )


def _ratios(subject: str, before: Strokes, after: Strokes, where: Region) -> Iterator[Finding]:
    yield Finding(
        metric="sharpness_ratio",
        subject=subject,
        value=after.sharpness / before.sharpness,
        reason=f"edges: {before.sharpness:.2f} per px on the baseline, {after.sharpness:.2f} here",
        regions=(where,),
    )
    yield Finding(
        metric="contrast_ratio",
        subject=subject,
        value=after.contrast / before.contrast,
        reason=f"contrast: {before.contrast:.0f} levels on the baseline, {after.contrast:.0f} here",
        regions=(where,),
    )
