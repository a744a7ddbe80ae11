"""Are the letters drawn as crisply as the baseline's? Edge contrast and sharpness inside a line's box.

OCR reads soft or pale letters without complaint; a designer does not. Contrast is the span of luminance
between ink and ground; sharpness is the steepest tenth of the gradient divided by that span, so the inverse
of the width of an edge in pixels, whatever the colours.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from core.checks.picture import Pixels
from core.records import Box


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
