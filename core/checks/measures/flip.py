"""NVIDIA's FLIP for screens: what a viewer sees who flips between the two pictures, at 67 pixels per degree.

Andersson et al., "FLIP: A Difference Evaluator for Alternating Images", HPG 2020 (LDR). Written anew so
that the half that depends on one picture alone is computed once per render; equal to the authors'
``flip-evaluator``. FLIP is dominated by colour over large areas; it says little about small lettering.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks.card import Finding
from core.checks.comparison import at_size, same_size, worst_background
from core.checks.maps import regions_of, stored
from core.checks.pair import PairToExamine
from core.checks.picture import Picture, Pixels
from core.config.settings import Settings
from core.records import Size

Plane = NDArray[np.float32]

PIXELS_PER_DEGREE = 67.0
"""The authors' default: a 4K screen 0.7 m wide seen from 0.7 m."""

_TO_XYZ = np.array(
    [
        [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
        [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
        [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
    ],
    np.float32,
)
"""Linear sRGB to CIE XYZ."""
_WHITE = _TO_XYZ.sum(axis=1)
_CSF = (((1.0, 0.0047),), ((1.0, 0.0053),), ((34.1, 0.04), (13.5, 0.025)))
"""Contrast sensitivity of the channels luminance, red–green, blue–yellow as sums of Gaussians (weight, b)."""
_FEATURE_WIDTH = 0.082
"""Degrees: the width of the edge and point detectors."""


class Seen(NamedTuple):
    """One picture as an eye sees it."""

    colour: Plane
    """Hunt-adjusted L*a*b* after the contrast sensitivity filters, shape ``(height, width, 3)``."""
    edges: Plane
    points: Plane


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """Mean FLIP of the two arms, worst background."""
    a, b = pair.pictures()
    size = same_size(a, b)
    maps: dict[str, Plane] = {}

    def mean_of(background: str) -> float:
        maps[background] = flip_map(a, b, background, size)
        return float(maps[background].mean())

    worst = worst_background(a, b, mean_of)
    where = maps[worst.background]
    return [
        Finding(
            metric="flip",
            value=worst.value,
            regions=regions_of(where, a.size),
            reason=f"mean {worst.value:.4f} at {size}{worst.words}; 0 is identical, 1 is farthest",
            raw={
                "pixels_per_degree": PIXELS_PER_DEGREE,
                "size": str(size),
                "by_background": worst.by_background,
                **stored(where),
            },
        )
    ]


def flip_map(a: Picture, b: Picture, background: str, size: Size) -> Plane:
    """FLIP of each pixel, 0–1, shape ``(height, width)``."""
    return difference(seen_of(a, background, size), seen_of(b, background, size))


def seen_of(picture: Picture, background: str, size: Size) -> Seen:
    """The picture as an eye sees it, remembered with the picture."""
    return picture.feature(("flip", background, size), lambda: see(at_size(picture, background, size)))


def see(rgb: Pixels) -> Seen:
    """sRGB bytes ``(height, width, 3)`` → what an eye sees of them."""
    opponent = _to_opponent(_linear()[rgb] @ _TO_XYZ.T)
    filtered = np.stack([_csf_filtered(opponent[..., i], _CSF[i]) for i in range(3)], axis=2)
    xyz = np.clip(_from_opponent(filtered) @ np.linalg.inv(_TO_XYZ).T, 0, 1) @ _TO_XYZ.T
    luminance = np.ascontiguousarray((opponent[..., 0] + 16) / 116, np.float32)
    return Seen(_hunt_lab(xyz), _detected(luminance, order=1), _detected(luminance, order=2))


def difference(a: Seen, b: Seen) -> Plane:
    """Colour difference, raised where edges or points differ."""
    colour = _remapped(_hyab(a.colour, b.colour) ** np.float32(0.7))
    feature = np.maximum(np.abs(a.edges - b.edges), np.abs(a.points - b.points)) / np.float32(np.sqrt(2))
    result: Plane = colour ** (1 - np.sqrt(feature))
    return result


@cache
def _linear() -> Plane:
    """Linear light of each of the 256 levels of sRGB."""
    level = np.arange(256) / 255
    curve = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return curve.astype(np.float32)


def _to_opponent(xyz: Plane) -> Plane:
    x, y, z = np.moveaxis(xyz / _WHITE, 2, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2)


def _from_opponent(opponent: Plane) -> Plane:
    y = (opponent[..., 0] + 16) / 116
    xyz = np.stack([y + opponent[..., 1] / 500, y, y - opponent[..., 2] / 200], axis=2)
    result: Plane = xyz * _WHITE
    return result


def _csf_filtered(channel: Plane, gaussians: tuple[tuple[float, float], ...]) -> Plane:
    """The channel behind its contrast sensitivity: a sum of Gaussians whose weights add up to 1."""
    widest = max(b for channel_csf in _CSF for _, b in channel_csf)
    radius = int(np.ceil(3 * np.sqrt(widest / (2 * np.pi**2)) * PIXELS_PER_DEGREE))
    degrees = np.arange(-radius, radius + 1) / PIXELS_PER_DEGREE
    kernels = [np.exp(-(np.pi**2) * degrees**2 / b) for _, b in gaussians]
    weights = [a * np.sqrt(np.pi / b) for a, b in gaussians]
    total = sum(w * k.sum() ** 2 for w, k in zip(weights, kernels, strict=True))
    parts = [w / total * _separable(channel, k, k) for w, k in zip(weights, kernels, strict=True)]
    result: Plane = np.sum(parts, axis=0, dtype=np.float32)
    return result


def _detected(luminance: Plane, *, order: int) -> Plane:
    """Strength of edges (``order`` 1) or points (2): Gaussian derivatives along both axes."""
    sigma = 0.5 * _FEATURE_WIDTH * PIXELS_PER_DEGREE
    x = np.arange(-np.ceil(3 * sigma), np.ceil(3 * sigma) + 1)
    gaussian = np.exp(-(x**2) / (2 * sigma**2))
    derivative = -x * gaussian if order == 1 else (x**2 / sigma**2 - 1) * gaussian
    positive, negative = derivative[derivative > 0].sum(), -derivative[derivative < 0].sum()
    derivative = np.where(derivative > 0, derivative / positive, derivative / negative)
    smooth = gaussian / gaussian.sum()
    across, down = _separable(luminance, derivative, smooth), _separable(luminance, smooth, derivative)
    result: Plane = np.sqrt(across**2 + down**2)
    return result


def _separable(plane: Plane, horizontal: NDArray[np.float64], vertical: NDArray[np.float64]) -> Plane:
    filtered = cv2.sepFilter2D(plane, cv2.CV_32F, horizontal, vertical, borderType=cv2.BORDER_REPLICATE)
    result: Plane = np.asarray(filtered, np.float32)
    return result


def _hunt_lab(xyz: Plane) -> Plane:
    """L*a*b* with the chroma scaled by lightness: colours of dark areas differ less to an eye."""
    delta = 6 / 29
    ratio = xyz / _WHITE
    f = np.where(ratio > delta**3, np.power(ratio, np.float32(1 / 3)), ratio / (3 * delta**2) + 4 / 29)
    lightness = 116 * f[..., 1] - 16
    chroma = (500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2]))
    hunt = [0.01 * lightness * channel for channel in chroma]
    return np.stack([lightness, *hunt], axis=2).astype(np.float32)


def _hyab(a: Plane, b: Plane) -> Plane:
    """Distance for large colour differences: city block in lightness, Euclidean in chroma."""
    difference = a - b
    result: Plane = np.abs(difference[..., 0]) + np.hypot(difference[..., 1], difference[..., 2])
    return result


@cache
def _largest_difference() -> float:
    """Between pure green and pure blue, the farthest two colours of sRGB."""
    colours = np.array([[[0, 1, 0], [0, 0, 1]]], np.float32)
    green, blue = np.split(_hunt_lab(colours @ _TO_XYZ.T), 2, axis=1)
    return math.pow(_hyab(green, blue)[0, 0], 0.7)


def _remapped(distance: Plane) -> Plane:
    """0–1: distances up to 0.4 of the largest fill 0–0.95, the rest is compressed above."""
    knee, largest = np.float32(0.4 * _largest_difference()), np.float32(_largest_difference())
    above = 0.95 + (distance - knee) / (largest - knee) * np.float32(0.05)
    result: Plane = np.where(distance < knee, distance * (np.float32(0.95) / knee), above)
    return result
