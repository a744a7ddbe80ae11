"""Edit stability: an edit changes what it was asked to change and nothing else.

Judged on image-to-image, inpainting and upscaling: what lies outside the mask stays as it was, bit for bit;
an edit of an edit drifts no further than the baseline's; an upscaled render keeps its text, its alpha and
its colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.checks.card import Finding, NotApplicable
from core.checks.measures.alpha import subject_mask
from core.checks.pair import Edit, PairToExamine
from core.checks.picture import FeatureCache, Picture
from core.checks.text.lettering import Legibility, read_lettering
from core.checks.text.reader import load_reader
from core.config.settings import Settings
from core.errors import InvalidImage
from core.formatting import percent
from core.records import Arm, Box, Case, ExpectedText, MeasurementStatus, Region, Size


def measure(pair: PairToExamine, settings: Settings) -> list[Finding] | NotApplicable:
    """Findings on both arms' edits; not applicable to pictures that were made from a prompt alone."""
    if not pair.edits:
        return NotApplicable(reason="the pictures are no edits")
    return findings_of(pair)


def findings_of(pair: PairToExamine) -> list[Finding]:
    """Findings on the edits of the arms that have one, and how much more the candidate's drifts."""
    found = [finding for arm in pair.arms() for finding in _of_arm(pair, arm)]
    return [*found, _drift_increase(pair)]


def changed_outside(before: Picture, after: Picture, mask: Image.Image) -> NDArray[np.bool_]:
    """Pixels outside the mask (white is what may change) that are not exactly as they were.

    Raises:
        InvalidImage: when the three differ in size.
    """
    sizes = {before.size, after.size, Size(*mask.size)}
    if len(sizes) > 1:
        raise InvalidImage(f"expected input, edit and mask of one size, got {' and '.join(map(str, sizes))}")
    kept = np.asarray(mask.convert("L")) < 128
    differs = (before.rgb != after.rgb).any(axis=2) | (before.alpha != after.alpha)
    changed: NDArray[np.bool_] = differs & kept
    return changed


def _of_arm(pair: PairToExamine, arm: Arm) -> Iterator[Finding]:
    edit, after = pair.edits.get(arm), pair.picture(arm)
    if edit is None:
        return
    before = Picture(edit.source, cache=pair.cache)
    yield _outside(before, after, edit, arm)
    yield _drift(pair, edit, arm)
    if after.size == before.size:
        for metric in ("upscaled_text_kept", "upscaled_alpha_iou"):
            yield _skipped(metric, arm, "the edit is no upscaling")
        return
    yield _text_kept(pair, before, after, arm)
    yield _alpha_kept(before, after, arm)


def _outside(before: Picture, after: Picture, edit: Edit, arm: Arm) -> Finding:
    if edit.mask is None:
        return _skipped("outside_changed", arm, "the edit has no mask")
    changed = changed_outside(before, after, edit.mask)
    count = int(changed.sum())
    return Finding(
        metric="outside_changed",
        arm=arm,
        value=count,
        reason=f"{count} pixels outside the mask are not as they were" if count else "bit-identical outside",
        regions=(Region(box=_around(changed), label="changed outside the mask", arm=arm),) if count else (),
    )


def _drift(pair: PairToExamine, edit: Edit, arm: Arm) -> Finding:
    """Mean absolute difference, in levels, between an edit and the same edit made of it once more."""
    if edit.again is None:
        return _skipped("second_edit_drift", arm, "no second edit was made")
    drift = drift_of(pair.picture(arm), Picture(edit.again, cache=pair.cache))
    reason = f"the edit of the edit is {drift:.2f} of 255 levels away"
    return Finding(metric="second_edit_drift", arm=arm, value=drift, reason=reason)


def drift_of(first: Picture, second: Picture) -> float:
    """Mean absolute difference of two pictures of one size over mid grey, in levels.

    Raises:
        InvalidImage: when they differ in size.
    """
    if first.size != second.size:
        raise InvalidImage(f"expected two edits of one size, got {first.size} and {second.size}")
    return float(np.abs(first.over("grey").astype(np.int16) - second.over("grey")).mean())


def _drift_increase(pair: PairToExamine) -> Finding:
    drifts = {}
    for arm in pair.arms():
        edit = pair.edits.get(arm)
        if edit is not None and edit.again is not None:
            drifts[arm] = drift_of(pair.picture(arm), Picture(edit.again, cache=pair.cache))
    if len(drifts) < len(Arm):
        return _skipped("drift_increase", None, "no second edit was made on both arms")
    before, after = drifts[Arm.BASELINE], drifts[Arm.CANDIDATE]
    return Finding(
        metric="drift_increase",
        value=after - before,
        reason=f"a second edit drifts by {before:.2f} levels on the baseline, {after:.2f} on the candidate",
    )


def _text_kept(pair: PairToExamine, before: Picture, after: Picture, arm: Arm) -> Finding:
    """Lines that could be read before the upscaling and can be read after it."""
    if not pair.case.expected_text:
        return _skipped("upscaled_text_kept", arm, "the case expects no exact text")
    reader = load_reader()
    lines = [
        read_lettering(picture, _placed_in(picture, pair.case), reader).lines for picture in (before, after)
    ]
    readable = [(a, b) for a, b in zip(*lines, strict=True) if a.legibility is Legibility.RIGHT]
    if not readable:
        return _skipped("upscaled_text_kept", arm, "no line could be read before")
    lost = [b.expected.text for _, b in readable if b.legibility is Legibility.WRONG]
    return Finding(
        metric="upscaled_text_kept",
        arm=arm,
        value=1 - len(lost) / len(readable),
        reason=f"lost: {', '.join(f'«{text}»' for text in lost)}" if lost else "every readable line is kept",
    )


def _placed_in(picture: Picture, case: Case) -> list[ExpectedText]:
    """The expected lines with their boxes where they stand in a picture of another size than the case's."""
    scale = picture.size.width / case.width
    return [
        replace(line, box=line.box and Box(*(round(side * scale) for side in line.box)))
        for line in case.expected_text
    ]


def _alpha_kept(before: Picture, after: Picture, arm: Arm) -> Finding:
    """Overlap of the masks, the upscaled one brought back to the input's size."""
    if before.has_alpha_band and not after.has_alpha_band:
        reason = f"expected alpha channel, found null (mode {after.image.mode})"
        return Finding(metric="upscaled_alpha_iou", arm=arm, value=0.0, reason=reason)
    small = Picture(after.image.resize(before.size, Image.Resampling.BOX), cache=FeatureCache(1 << 24))
    mask, other = subject_mask(before), subject_mask(small)
    union = mask | other
    iou = float((mask & other).sum() / union.sum()) if union.any() else 1.0
    reason = f"the masks overlap by {percent(iou)}"
    return Finding(metric="upscaled_alpha_iou", arm=arm, value=iou, reason=reason)


def _skipped(metric: str, arm: Arm | None, reason: str) -> Finding:
    return Finding(metric=metric, arm=arm, value=None, status=MeasurementStatus.NOT_APPLICABLE, reason=reason)


def _around(mask: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1))
