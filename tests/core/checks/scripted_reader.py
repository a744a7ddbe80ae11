"""A reader that says what it was told to: which lines it finds in a picture, and what it reads at a place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

from core.checks.text.reader import Reading
from core.records import Box

ENGINE = "rapidocr 3.10.0 PP-OCRv6 small"
"""The engine whose confusions are listed."""


class ScriptedReader:
    """Stands in for :class:`core.checks.text.reader.Reader` where its networks do not matter."""

    def __init__(self, *, engine: str = ENGINE) -> None:
        self.engine = engine
        self.glances: list[bool] = []
        """For each search, whether it was a glance."""
        self.places: list[Box] = []
        """Where it was asked to look again."""
        self._found: dict[tuple[bytes, bool], tuple[Reading, ...]] = {}
        self._at: Mapping[Box, Reading] = {}

    def shows(self, image: Image.Image, *found: Reading, glance: bool | None = None) -> Image.Image:
        """The image, in which these lines are found from now on: at a glance, at a long look, or at both."""
        for look in (True, False) if glance is None else (glance,):
            self._found[np.asarray(image).tobytes(), look] = found
        return image

    def reads(self, *readings: Reading) -> None:
        """What is read where it is asked to look again."""
        self._at = {reading.box: reading for reading in readings}

    def lines(self, pixels: np.ndarray, *, glance: bool = False) -> tuple[Reading, ...]:
        """The lines it was told."""
        self.glances.append(glance)
        return self._found.get((pixels.tobytes(), glance), ())

    def read(self, pixels: np.ndarray, box: Box) -> Reading:
        """What stands at the place; nothing where it was not told."""
        self.places.append(box)
        return self._at.get(box, Reading(text="", score=0.0, box=box))


def said(
    text: str, x: int = 10, y: int = 10, width: int = 60, height: int = 20, *, score: float = 0.9
) -> Reading:
    """A reading in a box."""
    return Reading(text=text, score=score, box=Box(x, y, width, height))
