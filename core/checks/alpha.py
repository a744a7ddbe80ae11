"""Is the background transparent as expected, with clean edges? Band, coverage, fringe, baked-in mattes.

Fringe: where alpha is between 0 and 1 the straight colour ``c`` should be the colour of the ink beside it.
A picture that was premultiplied, or cut from a matte ``m``, holds ``alpha·ink + (1 − alpha)·m`` instead;
the share of matte is fitted over all edge pixels, for a black and for a white matte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.checks.card import Finding, NotApplicable
from core.checks.evidence import PairEvidence
from core.checks.matte import baked_matte
from core.checks.picture import OPAQUE, Picture, Pixels
from core.records import Arm, Box, Case, MeasurementStatus, Region
from core.settings import Settings

MASK = 128
"""Alpha from which a pixel belongs to the subject."""
SPECK = 4
"""Parts of fewer pixels than this are noise, not islands or holes."""
VISIBLE_FRINGE = 8.0
"""Levels of 255 that an edge's colour may be off before it is a fault: above what a decoder's noise gives."""
_NEIGHBOURS = np.ones((3, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """Foreign colour at the soft edges of a cut-out."""

    levels: float
    """Mean distance of the edge's colour from the ink beside it, 0–255."""
    matte: str
    """Which matte explains it, ``black`` or ``white``."""
    share: float
    """How much of the matte is mixed in: 0 none, 1 as much as premultiplying does."""
    explained: float
    """How much of the foreign colour this matte explains, 0–1; a soft shadow leaves much unexplained."""

    @property
    def is_fault(self) -> bool:
        """Whether somebody would see it, and a matte is what it is."""
        return self.levels > VISIBLE_FRINGE and 0.4 < self.share < 1.1 and self.explained > 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What the alpha channel of one picture is like."""

    coverage: float
    halo_width: float
    islands: int
    holes: tuple[Box, ...]
    fringe: Fringe


def measure(evidence: PairEvidence, settings: Settings) -> list[Finding] | NotApplicable:
    """Values of each arm, and how the two masks compare; not applicable where all is opaque by right."""
    pictures = {arm: evidence.picture(arm) for arm in evidence.arms()}
    if evidence.case.expects_alpha is None and all(p.is_opaque for p in pictures.values()):
        return NotApplicable(
            reason="the case expects nothing of the background, and both pictures are opaque"
        )
    found = [f for arm, picture in pictures.items() for f in _of_arm(picture, arm, evidence.case)]
    return found + (_compared(*evidence.pictures()) if len(pictures) == len(Arm) else [])


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
        Finding(metric="faults", arm=arm, value=len(faults), reason="; ".join(faults) or f"{band}, no fault"),
        _band_present(picture, arm, case, band),
        Finding(
            metric="coverage",
            arm=arm,
            value=mask.coverage,
            reason=f"{mask.coverage:.1%} of the picture is covered",
        ),
        Finding(
            metric="fringe",
            arm=arm,
            value=fringe.levels,
            reason=f"edges are {fringe.levels:.1f} of 255 levels off the ink beside them",
            evidence={"matte": fringe.matte, "share": fringe.share, "explained": fringe.explained},
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


def faults_of(picture: Picture, case: Case) -> list[str]:
    """What is wrong with a picture's transparency where the case expects some, in words."""
    return list(_faults(picture, case))


def _faults(picture: Picture, case: Case) -> Iterator[str]:
    if case.expects_alpha is False:
        if not picture.is_opaque:
            yield f"expected an opaque picture, {np.mean(picture.alpha < OPAQUE):.1%} of it shines through"
        return
    if not picture.has_alpha_band:
        yield f"expected alpha channel, found null (mode {picture.image.mode})"
    elif picture.is_opaque:
        yield "alpha is full everywhere: nothing is transparent"
    elif not picture.alpha.any():
        yield "alpha is 0 everywhere: nothing can be seen"
    if picture.is_opaque and (matte := baked_matte(picture.rgb)):
        yield f"{matte} is painted in instead of transparency"
    fringe = mask_of(picture).fringe
    if fringe.is_fault:
        yield f"{fringe.matte} matte in the edges ({fringe.share:.0%}), as if saved premultiplied"


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
            reason=f"covered: baseline {covered[0]:.1%}, candidate {covered[1]:.1%}",
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
        reason=f"the masks overlap by {iou:.1%}",
        regions=tuple(Region(box=box, label="mask differs") for box in _largest_boxes(changed)),
    )


def _examined(picture: Picture) -> Mask:
    inside = subject_mask(picture)
    soft = (picture.alpha > 0) & (picture.alpha < 255)
    rim = inside & ~ndimage.binary_erosion(inside, _NEIGHBOURS, border_value=1)
    enclosed, _ = ndimage.label(~inside)
    touching = np.unique(np.concatenate([enclosed[0], enclosed[-1], enclosed[:, 0], enclosed[:, -1]]))
    return Mask(
        coverage=float(picture.alpha.mean() / 255),
        halo_width=float(soft.sum() / rim.sum()) if rim.any() else 0.0,
        islands=len(_boxes(inside)),
        holes=tuple(_boxes((~inside) & ~np.isin(enclosed, touching))),
        fringe=_fringe(picture.rgb, picture.alpha),
    )


def _fringe(rgb: Pixels, alpha: Pixels) -> Fringe:
    edge = (alpha >= 32) & (alpha <= 223) & ndimage.binary_dilation(alpha == 255, _NEIGHBOURS, iterations=2)
    if not edge.any():
        return Fringe(levels=0.0, matte="black", share=0.0, explained=0.0)
    nearest = ndimage.distance_transform_edt(alpha < 255, return_distances=False, return_indices=True)
    ink = rgb[nearest[0][edge], nearest[1][edge]].astype(np.float64)
    seen, through = rgb[edge].astype(np.float64), 1 - alpha[edge, None] / 255
    fits = {name: _fit(seen - ink, (level - ink) * through) for name, level in (("black", 0), ("white", 255))}
    matte = max(fits, key=lambda name: fits[name][1])
    share, explained = fits[matte]
    return Fringe(levels=float(np.abs(seen - ink).mean()), matte=matte, share=share, explained=explained)


def _fit(difference: NDArray[np.float64], admixture: NDArray[np.float64]) -> tuple[float, float]:
    """Least squares: the share of an admixture in a difference, and how much of that it explains."""
    power, total = float((admixture**2).sum()), float((difference**2).sum())
    if power == 0 or total == 0:
        return 0.0, 0.0
    share = float((difference * admixture).sum()) / power
    return share, share * share * power / total


def _boxes(mask: NDArray[np.bool_]) -> list[Box]:
    """Bounding boxes of the connected parts that are no specks."""
    labelled, count = ndimage.label(mask, _NEIGHBOURS)
    areas = ndimage.sum_labels(mask, labelled, range(1, count + 1)) if count else []
    parts = zip(ndimage.find_objects(labelled), areas, strict=True)
    return [
        Box(x.start, y.start, x.stop - x.start, y.stop - y.start) for (y, x), area in parts if area >= SPECK
    ]


def _largest_boxes(mask: NDArray[np.bool_], limit: int = 8) -> list[Box]:
    return sorted(_boxes(mask), key=lambda box: -box.width * box.height)[:limit]
