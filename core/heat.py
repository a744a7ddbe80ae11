"""Heat maps of perceptual distances: kept small inside a measurement, drawn as a picture on demand.

A check that knows where two renders differ may leave its map in the measurement's evidence as
``{"map": {"width": …, "height": …, "levels": <base64 of one byte a cell, 0–255>}}``.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.records import Measurement

MAX_SIDE: Final = 256
STOPS: Final = ((0, 0, 4), (81, 18, 124), (183, 55, 121), (252, 137, 97), (252, 253, 191))
"""Dark violet to pale yellow, ever lighter, so that the order shows without telling hues apart."""


def map_of(distances: NDArray[np.floating], *, full_scale: float) -> dict[str, object]:
    """Evidence for a map of distances, shape ``(height, width)``; ``full_scale`` becomes level 255.

    Raises:
        ValueError: a side is longer than 256 cells: shrink it first.
    """
    height, width = distances.shape
    if max(height, width) > MAX_SIDE:
        raise ValueError(f"expected at most {MAX_SIDE} cells a side, got {width}×{height}")
    levels = np.clip(np.rint(distances / full_scale * 255), 0, 255).astype(np.uint8)
    packed = base64.b64encode(levels.tobytes()).decode()
    return {"width": width, "height": height, "levels": packed, "full_scale": full_scale}


def levels_of(measurement: Measurement) -> NDArray[np.uint8] | None:
    """The map inside a measurement, shape ``(height, width)``; None when it carries none."""
    kept = measurement.evidence.get("map")
    if not isinstance(kept, Mapping):
        return None
    cells = np.frombuffer(base64.b64decode(str(kept["levels"])), np.uint8)
    return cells.reshape(int(str(kept["height"])), int(str(kept["width"])))


def heat_png(levels: NDArray[np.uint8]) -> bytes:
    """A map as a PNG file: the stronger, the lighter and the more opaque."""
    at = np.linspace(0, 255, len(STOPS))
    channels = [np.interp(levels, at, [stop[channel] for stop in STOPS]) for channel in range(3)]
    rgba = np.stack([*channels, np.minimum(levels * 2.0, 255)], axis=2)
    file = io.BytesIO()
    Image.fromarray(np.rint(rgba).astype(np.uint8), "RGBA").save(file, "PNG")
    return file.getvalue()
