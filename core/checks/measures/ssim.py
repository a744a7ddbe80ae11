"""SSIM: how much of the local structure is kept, in luminance, windows of 7×7.

Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004; equal to
``skimage.metrics.structural_similarity`` with its defaults. What depends on one picture alone is kept with
it.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks.card import Finding
from core.checks.comparison import at_size, same_size, worst_background
from core.checks.pair import PairToExamine
from core.checks.picture import Picture
from core.config.settings import Settings
from core.records import Size

Plane = NDArray[np.float64]

WINDOW = 7
RANGE = 255.0
LUMA = np.array([0.2125, 0.7154, 0.0721])
"""Weights of red, green and blue, as scikit-image's ``rgb2gray`` has them (ITU-R BT.709)."""


class Structure(NamedTuple):
    """Luminance with its local mean and local variance, one value per window."""

    luminance: Plane
    mean: Plane
    variance: Plane


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """Mean SSIM of the two arms, worst background."""
    a, b = pair.pictures()
    size = same_size(a, b, min_side=WINDOW)
    worst = worst_background(
        a, b, lambda name: 1 - similarity(structure_of(a, name, size), structure_of(b, name, size))
    )
    value = 1 - worst.value
    return [
        Finding(
            metric="ssim",
            value=value,
            reason=f"similarity {value:.4f} at {size}{worst.words}; 1 is identical",
            raw={
                "window": WINDOW,
                "size": str(size),
                "by_background": {name: 1 - value for name, value in worst.by_background.items()},
            },
        )
    ]


def structure_of(picture: Picture, background: str, size: Size) -> Structure:
    """Luminance and local moments, remembered with the picture."""
    name = ("ssim", background, size)
    return picture.feature(name, lambda: structure(at_size(picture, background, size) @ LUMA))


def structure(luminance: Plane) -> Structure:
    """Local moments of a plane, 0–255."""
    mean = _local_mean(luminance)
    return Structure(luminance, mean, _unbiased(_local_mean(luminance**2) - mean**2))


def similarity(a: Structure, b: Structure) -> float:
    """Mean SSIM, at most 1."""
    covariance = _unbiased(_local_mean(a.luminance * b.luminance) - a.mean * b.mean)
    c1, c2 = (0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2
    light = (2 * a.mean * b.mean + c1) / (a.mean**2 + b.mean**2 + c1)
    pattern = (2 * covariance + c2) / (a.variance + b.variance + c2)
    return float((light * pattern).mean())


def _local_mean(plane: Plane) -> Plane:
    """Means over all windows that lie inside the plane."""
    means: Plane = np.asarray(cv2.boxFilter(plane, cv2.CV_64F, (WINDOW, WINDOW)), np.float64)
    margin = WINDOW // 2
    return means[margin:-margin, margin:-margin]


def _unbiased(variance: Plane) -> Plane:
    return variance * (WINDOW**2 / (WINDOW**2 - 1))
