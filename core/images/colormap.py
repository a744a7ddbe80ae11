"""Heat maps: the grey map that a check keeps with its finding, coloured to lie over a render."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

STOPS: Final = ((0, 0, 4), (81, 18, 124), (183, 55, 121), (252, 137, 97), (252, 253, 191))
"""Dark violet to pale yellow, ever lighter, so that the order shows without telling hues apart."""


def coloured(grey_png: bytes) -> bytes:
    """A grey PNG (0 no difference, 255 full scale), lighter and more opaque where it is stronger."""
    levels = np.asarray(Image.open(io.BytesIO(grey_png)).convert("L"))
    at = np.linspace(0, 255, len(STOPS))
    channels = [np.interp(levels, at, [stop[channel] for stop in STOPS]) for channel in range(3)]
    rgba = np.stack([*channels, np.minimum(levels * 2.0, 255)], axis=2)
    file = io.BytesIO()
    Image.fromarray(np.rint(rgba).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
