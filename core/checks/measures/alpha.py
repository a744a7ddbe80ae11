"""Is the background transparent as expected, with clean edges? Band, coverage, holes, mattes, fringe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.checks.card import Finding, NotApplicable
from core.checks.cutout.fringe import NEIGHBOURS, Fringe, fringe_of
from core.checks.cutout.matte import baked_matte
from core.checks.pair import PairToExamine
from core.checks.picture import OPAQUE, Picture
from core.config.settings import Settings
from core.formatting import percent
from core.records import Arm, Box, Case, MeasurementStatus, Region

MASK = 128
"""Alpha from which a pixel belongs to the subject."""
SPECK = 4
"""Parts of fewer pixels than this are noise, not islands or holes."""


class Fault(NamedTuple):
    """What is wrong with a picture's transparency, and where."""

    words: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What the alpha channel of one picture is like."""

    coverage: float
    halo_width: float
    islands: int
    holes: tuple[Box, ...]
    fringe: Fringe


def measure(pair: PairToExamine, settings: Settings) -> list[Finding] | NotApplicable:
    """Values of each arm, and how the two masks compare; not applicable where all is opaque by right."""
    pictures = {arm: pair.picture(arm) for arm in pair.arms()}
    if pair.case.expects_alpha is None and all(p.is_opaque for p in pictures.values()):
        return NotApplicable(
            reason="the case expects nothing of the background, and both pictures are opaque"
        )
    found = [f for arm, picture in pictures.items() for f in _of_arm(picture, arm, pair.case)]
    return found + (_compared(*pair.pictures()) if len(pictures) == len(Arm) else [])


def mask_of(picture: Picture) -> Mask:
    """The alpha channel examined; remembered with the picture."""
    return picture.feature("mask", lambda: _examined(picture))


def subject_mask(picture: Picture) -> NDArray[np.bool_]:
    """Pixels that belong to the subject, shape ``(height, width)``."""
    return picture.alpha >= MASK


def _of_arm(picture: Picture, arm: Arm, case: Case) -> list[Finding]:
    mask, faults = mask_of(picture), faults_of(picture, case)
    band = "an alpha channel" if picture.has_alpha_band else f"no alpha channel (mode {picture.image.mode})"
    fringe = mask.fringe
    holes = tuple(Region(box=box, label="hole", arm=arm) for box in mask.holes)
    return [
        Finding(
            metric="faults",
            arm=arm,
            value=len(faults),
            reason="; ".join(fault.words for fault in faults) or f"{band}, no fault",
            regions=tuple(
                Region(box=box, label=fault.words, arm=arm) for fault in faults for box in fault.boxes
            ),
        ),
        _band_present(picture, arm, case, band),
        Finding(
            metric="coverage",
            arm=arm,
            value=mask.coverage,
            reason=f"{percent(mask.coverage)} of the picture is covered",
        ),
        Finding(
            metric="fringe",
            arm=arm,
            value=fringe.levels,
            reason=f"edges are {fringe.levels:.1f} of 255 levels off the ink beside them",
            raw={"matte": fringe.matte, "share": fringe.share, "explained": fringe.explained},
        ),
        Finding(
            metric="halo_width",
            arm=arm,
            value=mask.halo_width,
            reason=f"edges fade over {mask.halo_width:.1f} px",
        ),
        Finding(
            metric="islands", arm=arm, value=mask.islands, reason=f"{mask.islands} separate opaque parts"
        ),
        Finding(
            metric="holes",
            arm=arm,
            value=len(holes),
            reason=f"{len(holes)} enclosed transparent parts",
            regions=holes,
        ),
    ]


def _band_present(picture: Picture, arm: Arm, case: Case, band: str) -> Finding:
    if case.expects_alpha is False:
        reason = f"the case expects an opaque picture; there is {band}"
        status = MeasurementStatus.NOT_APPLICABLE
        return Finding(metric="band_present", arm=arm, value=None, status=status, reason=reason)
    return Finding(metric="band_present", arm=arm, value=float(picture.has_alpha_band), reason=band)


def faults_of(picture: Picture, case: Case) -> list[Fault]:
    """What is wrong with a picture's transparency: where the case expects some, or where it expects none."""
    return list(_shining(picture) if case.expects_alpha is False else _faults(picture))


def _shining(picture: Picture) -> Iterator[Fault]:
    """Transparency where none is wanted; single pixels of a decoder's noise cannot be seen."""
    if boxes := _largest_boxes(picture.alpha < OPAQUE):
        share = np.mean(picture.alpha < OPAQUE)
        yield Fault(f"expected an opaque picture, {percent(float(share))} of it shines through", boxes)


def _faults(picture: Picture) -> Iterator[Fault]:
    everywhere = (picture.frame,)
    if not picture.has_alpha_band:
        yield Fault(f"expected alpha channel, found null (mode {picture.image.mode})", everywhere)
    elif picture.is_opaque:
        yield Fault("alpha is full everywhere: nothing is transparent", everywhere)
    elif not picture.alpha.any():
        yield Fault("alpha is 0 everywhere: nothing can be seen", everywhere)
    if picture.is_opaque and (matte := baked_matte(picture.rgb)):
        yield Fault(f"{matte} is painted in instead of transparency", everywhere)
    fringe = mask_of(picture).fringe
    if fringe.is_fault:
        soft = (picture.alpha > 0) & (picture.alpha < 255)
        words = f"{fringe.matte} matte in the edges ({percent(fringe.share)}), as if saved premultiplied"
        yield Fault(words, _largest_boxes(soft))


def _compared(a: Picture, b: Picture) -> list[Finding]:
    same = a.has_alpha_band == b.has_alpha_band
    covered = mask_of(a).coverage, mask_of(b).coverage
    return [
        Finding(
            metric="parity",
            value=float(same),
            reason=f"baseline {a.image.mode}, candidate {b.image.mode}",
        ),
        Finding(
            metric="coverage_difference",
            value=abs(covered[1] - covered[0]),
            reason=f"covered: baseline {percent(covered[0])}, candidate {percent(covered[1])}",
        ),
        _overlap(a, b),
    ]


def _overlap(a: Picture, b: Picture) -> Finding:
    if a.size != b.size:
        return Finding(
            metric="mask_iou",
            value=None,
            status=MeasurementStatus.ERROR,
            reason=f"expected two pictures of one size, got {a.size} and {b.size}",
        )
    mask_a, mask_b = subject_mask(a), subject_mask(b)
    union, changed = mask_a | mask_b, mask_a ^ mask_b
    iou = float((mask_a & mask_b).sum() / union.sum()) if union.any() else 1.0
    return Finding(
        metric="mask_iou",
        value=iou,
        reason=f"the masks overlap by {percent(iou)}",
        regions=tuple(Region(box=box, label="mask differs") for box in _largest_boxes(changed)),
    )


def _examined(picture: Picture) -> Mask:
    inside = subject_mask(picture)
    soft = (picture.alpha > 0) & (picture.alpha < 255)
    rim = inside & ~ndimage.binary_erosion(inside, NEIGHBOURS, border_value=1)
    enclosed, _ = ndimage.label(~inside)
    touching = np.unique(np.concatenate([enclosed[0], enclosed[-1], enclosed[:, 0], enclosed[:, -1]]))
    return Mask(
        coverage=float(picture.alpha.mean() / 255),
        halo_width=float(soft.sum() / rim.sum()) if rim.any() else 0.0,
        islands=len(_boxes(inside)),
        holes=tuple(_boxes((~inside) & ~np.isin(enclosed, touching))),
        fringe=fringe_of(picture.rgb, picture.alpha),
    )


def _boxes(mask: NDArray[np.bool_]) -> list[Box]:
    """Bounding boxes of the connected parts that are no specks."""
    labelled, count = ndimage.label(mask, NEIGHBOURS)
    areas = ndimage.sum_labels(mask, labelled, range(1, count + 1)) if count else []
    parts = zip(ndimage.find_objects(labelled), areas, strict=True)
    return [
        Box(x.start, y.start, x.stop - x.start, y.stop - y.start) for (y, x), area in parts if area >= SPECK
    ]


def _largest_boxes(mask: NDArray[np.bool_], limit: int = 8) -> tuple[Box, ...]:
    return tuple(sorted(_boxes(mask), key=lambda box: -box.width * box.height)[:limit])
