"""Where two pictures differ, as a check sees it: a map to lay over them, and regions to visit.

A check stores a small map with its finding, so that a page can show it without the network behind it
(:func:`stored_map`).
"""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.records import Arm, Box, Measurement, Region, Size

Plane = NDArray[np.float32]

STORED_SIDE = 128
"""Longer side of a stored map: features of LPIPS are no finer on a picture of 512 px."""
MAX_REGIONS = 8


def regions_of(
    values: Plane, size: Size, *, label: str = "strongest difference", arm: Arm | None = None
) -> tuple[Region, ...]:
    """Boxes, in pixels of a picture of ``size``, around what reaches half of the largest value.

    ``values`` is a map of any resolution, 0–1. A map that stays below 0.1 points nowhere.
    """
    peak = float(values.max(initial=0))
    if peak < 0.1:
        return ()
    labelled, count = ndimage.label(values >= peak / 2, np.ones((3, 3)))
    weights = ndimage.sum_labels(values, labelled, range(1, count + 1))
    found = sorted(zip(weights, ndimage.find_objects(labelled), strict=True), key=lambda part: -part[0])
    scale = size.width / values.shape[1], size.height / values.shape[0]
    return tuple(
        Region(box=_scaled(place, scale), label=f"{label} {number}", arm=arm)
        for number, (_, place) in enumerate(found[:MAX_REGIONS], start=1)
    )


def stored(values: Plane) -> dict[str, object]:
    """A map as small raw material of a finding: a grey PNG in base64, and the value that 255 stands for."""
    image, file = _grey(values), io.BytesIO()
    image.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.BOX)
    image.save(file, "PNG", optimize=True)
    return {"map_png": base64.b64encode(file.getvalue()).decode(), "map_peak": float(values.max(initial=0))}


def stored_map(measurement: Measurement) -> bytes | None:
    """The PNG that a check stored with its finding, at most 128 px wide or high; None when it stored none."""
    encoded = measurement.raw.get("map_png")
    return base64.b64decode(encoded) if isinstance(encoded, str) else None


def _grey(values: Plane) -> Image.Image:
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))


def _scaled(place: tuple[slice, slice], scale: tuple[float, float]) -> Box:
    rows, columns = place
    left, right = round(columns.start * scale[0]), round(columns.stop * scale[0])
    top, bottom = round(rows.start * scale[1]), round(rows.stop * scale[1])
    return Box(left, top, max(1, right - left), max(1, bottom - top))
