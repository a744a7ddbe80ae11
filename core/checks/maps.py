"""Where two pictures differ, as a check sees it: a map to lay over them, and regions to visit.

A check stores a small map with its finding, so that a page can show it without the network behind it
(:func:`stored_map`). :func:`difference_map` computes one on demand, in a process that may load it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.checks.picture import Picture
from core.config.settings import Settings
from core.errors import UnknownName
from core.records import Arm, Box, Measurement, Region, Size

Plane = NDArray[np.float32]

STORED_SIDE = 128
"""Longer side of a stored map: features of LPIPS are no finer on a picture of 512 px."""
MAX_REGIONS = 8


class DifferenceMap(NamedTuple):
    """A map at the pictures' size and the places it points at."""

    image: NDArray[np.uint8]
    """0 no difference, 255 the check's full scale; shape ``(height, width)``."""
    regions: tuple[Region, ...]


def difference_map(kind: str, a: Picture, b: Picture, settings: Settings) -> DifferenceMap:
    """The map of ``lpips`` or ``flip`` for two pictures of one size, over the worst background.

    The network sees the comparison size (512 px) however large the pictures are, and the map is enlarged:
    what is finer than a pixel there, 6 px of 3072, counts as a mean of its surroundings. So LPIPS of two
    opaque pictures of 2048 px takes 0.4 CPU seconds and of 3072 px 0.6, where 512 px take 0.3; transparent
    ones are first put on three backgrounds at full size: 1.9 and 4.0 s, and 100 and 370 MB. FLIP takes a
    little less time.

    Raises:
        UnknownName: for a check that has no map.
        CheckUnavailable: when the check cannot run, or the pictures differ in size.
    """
    if kind not in _MAPS:
        raise UnknownName.of("map", kind, _MAPS)
    values = _MAPS[kind](a, b, settings)
    image = _grey(values).resize(a.size, Image.Resampling.BILINEAR)
    return DifferenceMap(np.asarray(image), regions_of(values, a.size))


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
    """A map as small evidence of a finding: a grey PNG in base64, and the value that 255 stands for."""
    image, file = _grey(values), io.BytesIO()
    image.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.BOX)
    image.save(file, "PNG", optimize=True)
    return {"map_png": base64.b64encode(file.getvalue()).decode(), "map_peak": float(values.max(initial=0))}


def stored_map(measurement: Measurement) -> bytes | None:
    """The PNG that a check stored with its finding, at most 128 px wide or high; None when it stored none."""
    encoded = measurement.evidence.get("map_png")
    return base64.b64decode(encoded) if isinstance(encoded, str) else None


def _grey(values: Plane) -> Image.Image:
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))


def _scaled(place: tuple[slice, slice], scale: tuple[float, float]) -> Box:
    rows, columns = place
    left, right = round(columns.start * scale[0]), round(columns.stop * scale[0])
    top, bottom = round(rows.start * scale[1]), round(rows.stop * scale[1])
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def _lpips_map(a: Picture, b: Picture, settings: Settings) -> Plane:
    from core.checks.measures.lpips import spatial_map

    return spatial_map(a, b, settings)


def _flip_map(a: Picture, b: Picture, settings: Settings) -> Plane:
    from core.checks.measures.flip import worst_map

    return worst_map(a, b)


_MAPS: Mapping[str, Callable[[Picture, Picture, Settings], Plane]] = {"lpips": _lpips_map, "flip": _flip_map}
