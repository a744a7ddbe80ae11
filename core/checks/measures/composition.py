"""Composition: same size and shape, the subject where it was, the lines of text where they were.

The subject is what the alpha channel shows, or, in an opaque picture, what differs from the border's colour.
Models compose anew, so these are signals for a reviewer rather than faults.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.checks.card import Finding
from core.checks.measures.alpha import subject_mask
from core.checks.pair import PairToExamine
from core.checks.picture import Picture
from core.checks.text.lettering import Lettering, read_lettering
from core.checks.text.reader import load_reader
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.formatting import percent
from core.records import Arm, Box, MeasurementStatus, Region

STANDS_OUT = 48
"""Levels by which a pixel must differ from the border's colour to belong to the subject."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """Size and aspect parity, shift of the subject, shift of the lines."""
    a, b = pair.pictures()
    return [*_frames(a, b), *_subjects(a, b), _layout(pair)]


def subject_box(picture: Picture) -> Box | None:
    """The box around what the picture shows; None when nothing stands out. Remembered with the picture."""
    return picture.feature("subject", lambda: _box_of(_salient(picture)))


def _salient(picture: Picture) -> NDArray[np.bool_]:
    if not picture.is_opaque:
        return subject_mask(picture)
    rgb = picture.rgb
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    ground = np.median(border, axis=0).astype(np.int16)
    far: NDArray[np.bool_] = (np.abs(rgb.astype(np.int16) - ground) > STANDS_OUT).any(axis=2)
    return far


def _box_of(mask: NDArray[np.bool_]) -> Box | None:
    """The box that holds the mask but for 1% of it on each side: single pixels do not move a subject."""
    if not mask.any():
        return None
    top, bottom = _extent(mask.sum(axis=1))
    left, right = _extent(mask.sum(axis=0))
    return Box(left, top, right - left, bottom - top)


def _extent(counts: NDArray[np.int64]) -> tuple[int, int]:
    share = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(share, 0.01)), int(np.searchsorted(share, 0.99)) + 1


def _frames(a: Picture, b: Picture) -> Iterator[Finding]:
    yield Finding(
        metric="size_parity",
        value=float(a.size == b.size),
        reason=f"baseline {a.size}, candidate {b.size}",
    )
    aspects = [picture.size.width / picture.size.height for picture in (a, b)]
    yield Finding(
        metric="aspect_change",
        value=abs(aspects[1] / aspects[0] - 1),
        reason=f"width : height {aspects[0]:.3f} on the baseline, {aspects[1]:.3f} on the candidate",
    )


def _subjects(a: Picture, b: Picture) -> Iterator[Finding]:
    """Shift of the subject's centre in shares of the diagonal, and overlap of the boxes."""
    boxes = subject_box(a), subject_box(b)
    if boxes[0] is None or boxes[1] is None:
        nothing = " and ".join(name for name, box in zip(Arm, boxes, strict=True) if box is None)
        for metric in ("centre_shift", "subject_overlap"):
            yield Finding(
                metric=metric,
                value=None,
                status=MeasurementStatus.NOT_APPLICABLE,
                reason=f"nothing stands out on the {nothing}",
            )
        return
    (x, y), (other_x, other_y) = (_centre(box, p) for box, p in zip(boxes, (a, b), strict=True) if box)
    shift = float(np.hypot(other_x - x, other_y - y) / np.sqrt(2))
    regions = tuple(
        Region(box=box, label="subject", arm=arm) for arm, box in zip(Arm, boxes, strict=True) if box
    )
    yield Finding(
        metric="centre_shift",
        value=shift,
        reason=f"the subject's centre moved by {percent(shift)} of the diagonal",
        regions=regions,
    )
    overlap = _iou(boxes[0], boxes[1])
    yield Finding(
        metric="subject_overlap",
        value=overlap,
        reason=f"the boxes around the subject overlap by {percent(overlap)}",
        regions=regions,
    )


def _centre(box: Box, picture: Picture) -> tuple[float, float]:
    """The middle of a box in shares of the frame."""
    return (box.x + box.width / 2) / picture.size.width, (box.y + box.height / 2) / picture.size.height


def _iou(a: Box, b: Box) -> float:
    width = max(0, min(a.x + a.width, b.x + b.width) - max(a.x, b.x))
    height = max(0, min(a.y + a.height, b.y + b.height) - max(a.y, b.y))
    shared = width * height
    return shared / (a.width * a.height + b.width * b.height - shared)


def _layout(pair: PairToExamine) -> Finding:
    """How far the lines of text moved, in pixels: the largest distance between a line's two centres."""
    expected = pair.case.expected_text
    if not expected:
        return _no_layout(MeasurementStatus.NOT_APPLICABLE, "the case expects no exact text")
    try:
        reader = load_reader()
    except CheckUnavailable as error:
        return _no_layout(MeasurementStatus.ERROR, f"{error}; {error.remedy}")
    baseline, candidate = (read_lettering(picture, expected, reader) for picture in pair.pictures())
    moves = list(_moves(baseline, candidate))
    if not moves:
        return _no_layout(MeasurementStatus.NOT_APPLICABLE, "no line was found on both arms")
    shift, text, regions = max(moves)
    return Finding(
        metric="layout_shift",
        value=shift,
        reason=f"«{text}» moved by {shift:.0f} px, the most of {len(moves)} lines",
        regions=regions,
    )


def _no_layout(status: MeasurementStatus, reason: str) -> Finding:
    return Finding(metric="layout_shift", value=None, status=status, reason=reason)


def _moves(a: Lettering, b: Lettering) -> Iterator[tuple[float, str, tuple[Region, ...]]]:
    for line, other in zip(a.lines, b.lines, strict=True):
        if line.reading and other.reading:
            boxes = line.reading.box, other.reading.box
            middles = [np.array([box.x + box.width / 2, box.y + box.height / 2]) for box in boxes]
            text = line.expected.text
            regions = (
                Region(box=boxes[0], label=f"«{text}»", arm=Arm.BASELINE),
                Region(box=boxes[1], label=f"«{text}»", arm=Arm.CANDIDATE),
            )
            yield float(np.linalg.norm(middles[1] - middles[0])), text, regions
