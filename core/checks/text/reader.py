"""Reads lettering: where lines stand and what they say, by the OCR models inside the rapidocr wheel.

Two of its networks are used apart. The *detector* finds lines at the picture's own size. The *recogniser*
reads one line: each is cut out of the picture and enlarged to the 48 px it was trained on, so that letters
of 10 px are read as well as it can. Where the detector misses a line whose place is known, the recogniser
reads that place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.checks.picture import Pixels
from core.errors import CheckUnavailable
from core.records import Box

LINE_HEIGHT = 48
"""Height in pixels of the recogniser's input."""
MIN_WIDTH = 96
"""Width its input is padded to: 320 as in its training reads no line better and takes twice as long."""
DETECTION_SIDE = 1536
"""Longer side of the detector's input; larger pictures are reduced for finding, not for reading."""
GLANCE_FROM = 384
"""Longer side from which a glance at half size finds letters of 10 px, in a quarter of the time."""


LEVEL_DEGREES = 4.0
"""A line tilted by more is turned level before it is read."""

Corners = NDArray[np.float64]
"""Four points ``(x, y)`` around a line, shape ``(4, 2)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One line as read."""

    text: str
    score: float
    """Mean probability of its letters, 0–1; 0 for an empty text."""
    box: Box
    """Where it stands, in pixels of the picture."""


class Reader:
    """The two networks, one thread each; made by :func:`load_reader`."""

    def __init__(self, detector: Any, recogniser: Any, *, engine: str) -> None:
        self._detector, self._recogniser = detector, recogniser
        self._characters: Sequence[str] = recogniser.postprocess_op.character
        self.engine = engine

    def lines(self, pixels: Pixels, *, glance: bool = False) -> tuple[Reading, ...]:
        """Every line of an RGB picture ``(height, width, 3)``, from top to bottom and left to right.

        At a ``glance`` a large picture is searched at half size: letters under 10 px may be missed.
        """
        readings = [self._read_corners(pixels, corners) for corners in self._find(pixels, glance=glance)]
        return tuple(sorted((r for r in readings if r.text), key=lambda r: _row_and_column(r.box)))

    def _find(self, pixels: Pixels, *, glance: bool) -> list[Corners]:
        """The corners of every line, clockwise from where it begins."""
        side = max(pixels.shape[:2])
        scale = min(0.5 if glance and side >= GLANCE_FROM else 1.0, DETECTION_SIDE / side)
        found = self._detector(_scaled(pixels, scale)[..., ::-1])
        return [] if found.boxes is None else [corners / scale for corners in found.boxes]

    def _read_corners(self, pixels: Pixels, corners: Corners) -> Reading:
        box = _upright(corners, pixels.shape)
        level = abs(_tilt(corners)) <= LEVEL_DEGREES
        line = _cut(pixels, box) if level else _levelled(pixels, corners)
        # A tall line runs up or down, unless it is a single narrow letter: the likeliest of the three counts.
        turns = (0, 1, -1) if line.shape[0] > 1.5 * line.shape[1] else (0,)
        text, score = max((self._recognise(np.rot90(line, turn)) for turn in turns), key=lambda read: read[1])
        return Reading(text=text, score=score, box=box)

    def read(self, pixels: Pixels, box: Box) -> Reading:
        """What the recogniser alone reads inside a box; the text may be empty."""
        text, score = self._recognise(_cut(pixels, box))
        return Reading(text=text, score=score, box=box)

    def _recognise(self, line: Pixels) -> tuple[str, float]:
        width = max(1, math.ceil(LINE_HEIGHT * line.shape[1] / line.shape[0]))
        enlarged = Image.fromarray(line).resize((width, LINE_HEIGHT), Image.Resampling.BICUBIC)
        padded = np.zeros((1, 3, LINE_HEIGHT, max(width, MIN_WIDTH)), np.float32)
        padded[0, :, :, :width] = (np.asarray(enlarged)[..., ::-1] / 127.5 - 1).transpose(2, 0, 1)
        return self._decoded(self._recogniser.session(padded)[0])

    def _decoded(self, probabilities: NDArray[np.float32]) -> tuple[str, float]:
        """Greedy CTC: the likeliest symbol of each column, repetitions and blanks (0) dropped."""
        best = probabilities.argmax(axis=1)
        new = (best != 0) & (np.diff(best, prepend=-1) != 0)
        if not new.any():
            return "", 0.0
        text = "".join(self._characters[i] for i in best[new])
        return text.strip(), float(probabilities.max(axis=1)[new].mean())


@cache
def load_reader() -> Reader:
    """The OCR networks, loaded once per process (0.6 s), one thread each and silent.

    Raises:
        CheckUnavailable: when rapidocr, its runtime or its models are missing or broken.
    """
    try:
        from rapidocr import RapidOCR

        engine = RapidOCR(params=_PARAMETERS)
        detector, recogniser = engine._load_det_model(), engine._load_rec_model()
    except Exception as error:  # the runtime raises its own kinds for a broken model file
        raise CheckUnavailable(f"OCR cannot start: {error}", remedy="run `make setup`") from error
    model = engine.cfg.Rec
    name = f"rapidocr {version('rapidocr')} {model.ocr_version.value} {model.model_type.value}"
    return Reader(detector, recogniser, engine=name)


_PARAMETERS: dict[str, object] = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Det.limit_type": "min",
    "Det.limit_side_len": 32,  # its default enlarges every picture to 736 px: slow, and no better here
}


def _cut(pixels: Pixels, box: Box) -> Pixels:
    return pixels[box.y : box.y + box.height, box.x : box.x + box.width]


def _tilt(corners: Corners) -> float:
    """Degrees by which a line is turned from the level."""
    across, down = corners[1] - corners[0]
    return math.degrees(math.atan2(down, across))


def _levelled(pixels: Pixels, corners: Corners) -> Pixels:
    """A tilted line turned level."""
    width, height = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    size = max(1, round(float(width))), max(1, round(float(height)))
    line = cv2.warpPerspective(pixels, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, np.uint8)


def _row_and_column(box: Box) -> tuple[int, int]:
    return round((box.y + box.height / 2) / max(8, box.height / 2)), box.x


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return pixels
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _upright(corners: Corners, shape: tuple[int, ...]) -> Box:
    """The bounding box of a detected quadrilateral, inside the picture."""
    left, top = np.floor(corners.min(axis=0)).clip(0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    right, bottom = min(int(right), shape[1]), min(int(bottom), shape[0])
    return Box(int(left), int(top), right - int(left), bottom - int(top))
