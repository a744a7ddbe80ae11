"""Blank, collapsed or duplicate: pictures that show nothing, only noise, or the same as the other arm's.

A picture is *blank* when neither a colour channel nor alpha varies, *collapsed* when it is noise without
structure: neighbouring pixels of a picture resemble each other, those of noise do not. A critical gate rests
on both, so a pale picture must not be taken for a blank one: the fine print on it counts as well. Each
picture's 64-bit fingerprint is stored, so that :mod:`core.checks.results.duplicates` can tell over a whole
run where the seeds of a case look alike; whether two pictures are the same only their pixels say.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.checks.card import Finding
from core.checks.comparison import COMPARISON_SIDE, at_size, reduced
from core.checks.pair import PairToExamine
from core.checks.picture import Picture, Pixels
from core.config.settings import Settings
from core.records import Arm, Region

LEAST_CONTRAST = 2.0
"""Standard deviation of a channel (levels) below which a picture is flat."""
LEAST_SPAN = 12.0
"""Levels between the darkest and the brightest 0.5% of a channel below which no fine print stands out."""
LEAST_CORRELATION = 0.3
"""Correlation of neighbouring pixels below which a picture is noise; photographs have more than 0.9."""
SHOWS = "shows something"
DARKEST, BRIGHTEST = 8.0, 247.0
"""Mean luminance (levels) below which a flat picture is called black, and above which white."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """Whether each arm shows something, and whether both show exactly the same."""
    found = [_shows_something(pair.picture(arm), arm) for arm in pair.arms()]
    if len(found) == len(Arm):
        a, b = pair.pictures()
        same = a.digest == b.digest
        reason = "both arms gave the same pixels: is it the same model?" if same else "the arms differ"
        found.append(Finding(metric="identical", value=float(same), reason=reason))
    return found


def fingerprint(picture: Picture) -> str:
    """16 hex digits: whether each of 8×8 cells is brighter than its right neighbour (difference hash)."""
    small = cv2.resize(_grey(picture), (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (np.diff(small, axis=1) > 0).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _shows_something(picture: Picture, arm: Arm) -> Finding:
    grey = _grey(picture).astype(np.float64)
    deviation, span = _contrast(picture)
    correlation = _neighbour_correlation(grey)
    blank = deviation < LEAST_CONTRAST and span < LEAST_SPAN
    if blank:
        reason = f"blank: no channel varies by more than {deviation:.1f} levels"
    elif correlation < LEAST_CORRELATION:
        reason = f"collapsed: neighbouring pixels correlate by {correlation:.2f} only, as in noise"
    else:
        reason = SHOWS
    return Finding(
        metric="empty",
        arm=arm,
        value=float(reason != SHOWS),
        reason=reason,
        regions=() if reason == SHOWS else (Region(box=picture.frame, label="the whole picture", arm=arm),),
        raw={
            "looks": "a picture" if reason == SHOWS else _looks(picture, grey, blank=blank),
            "deviation": deviation,
            "span": span,
            "neighbour_correlation": correlation,
            "fingerprint": fingerprint(picture),
        },
    )


def _contrast(picture: Picture) -> tuple[float, float]:
    """Standard deviation and span (levels) of the channel that varies most; alpha is one of them."""
    size = reduced(picture.size, COMPARISON_SIDE)
    channels = [*np.moveaxis(at_size(picture, "grey", size), 2, 0)]
    if not picture.is_opaque:
        channels.append(np.asarray(cv2.resize(picture.alpha, size, interpolation=cv2.INTER_AREA)))
    spans = [np.subtract(*np.percentile(channel, (99.5, 0.5))) for channel in channels]
    return float(max(channel.std() for channel in channels)), float(max(spans))


def _looks(picture: Picture, grey: np.typing.NDArray[np.float64], *, blank: bool) -> str:
    """What a picture that shows nothing is instead, in words that fit behind *3 pictures are …*."""
    if not blank:
        return "noise"
    if not picture.alpha.any():
        return "wholly transparent"
    mean = float(grey.mean())
    return "black" if mean < DARKEST else "white" if mean > BRIGHTEST else "one flat colour"


def _grey(picture: Picture) -> Pixels:
    """Luminance over mid grey at the comparison size."""
    pixels = at_size(picture, "grey", reduced(picture.size, COMPARISON_SIDE))
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _neighbour_correlation(grey: np.typing.NDArray[np.float64]) -> float:
    """Correlation of each pixel with the one to its right; 1 for a constant picture."""
    left, right = grey[:, :-1] - grey.mean(), grey[:, 1:] - grey.mean()
    power = np.sqrt((left**2).sum() * (right**2).sum())
    return float((left * right).sum() / power) if power > 0 else 1.0
