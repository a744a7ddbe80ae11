"""What a replay found: a second drawing of a recipe beside the first one, in numbers and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from PIL import Image

from core.digests import content_digest
from core.errors import SidegradeError
from core.recipes.noise_floor import NoiseFloor
from core.recipes.recipe import differing_fields
from core.records import Recipe, Render, ReplayOutcome, ReplayReport


def first_look(
    render: Render, *, recipe: Recipe, digest: str, noise_digest: str, now: datetime
) -> ReplayReport:
    """The report by digests alone: *bit-exact* when the pixels are equal, else *drifted* until measured.

    Args:
        recipe: as it could be followed now.
        digest: of the pixels that were drawn now.
    """
    same = digest == render.digest
    return ReplayReport(
        id=content_digest("replay", [render.id, now]),
        render_id=render.id,
        outcome=ReplayOutcome.BIT_EXACT if same else ReplayOutcome.DRIFTED,
        digest_before=render.digest or "",
        digest_after=digest,
        noise_matches=noise_digest == render.noise_digest,
        max_abs_difference=0 if same else None,
        mean_abs_difference=0.0 if same else None,
        lpips=0.0 if same else None,
        differing_fields=differing_fields(render.recipe, recipe),
        reason="every pixel is the same" if same else "other pixels",
        created_at=now,
    )


def drifted(report: ReplayReport, reason: str) -> ReplayReport:
    """The report of other pixels that cannot be compared one by one."""
    return replace(report, outcome=ReplayOutcome.DRIFTED, reason=reason)


def file_damaged(report: ReplayReport, error: SidegradeError) -> ReplayReport:
    """The report of pixels that are equal by digest, beside a stored file that no longer holds them."""
    reason = f"digest equal, stored file damaged: {error}; drawn again just now, it was stored whole"
    return replace(report, outcome=ReplayOutcome.FILE_DAMAGED, reason=reason)


def measured(
    report: ReplayReport, before: Image.Image, after: Image.Image, *, lpips: float | None, floor: NoiseFloor
) -> ReplayReport:
    """The report with how far two pictures of one mode and size are apart, judged by the noise floor.

    Args:
        lpips: their distance; None where it cannot be measured here.
    """
    difference = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16))
    largest, mean = int(difference.max()), float(difference.mean())
    off = f"off by at most {largest} of 255 levels, {mean:.3f} on average"
    if report.differing_fields:
        off += f"; first difference in the recipe: {report.differing_fields[0]}"
    covered = floor.covers(max_abs_difference=largest, lpips=lpips)
    return replace(
        report,
        outcome=ReplayOutcome.WITHIN_NOISE_FLOOR if covered else ReplayOutcome.DRIFTED,
        max_abs_difference=largest,
        mean_abs_difference=mean,
        lpips=lpips,
        reason=off,
    )


def impossible(render: Render, error: SidegradeError, now: datetime) -> ReplayReport:
    """The report of a render that cannot be drawn again here, with the reason and its remedy."""
    remedy = f"; {error.remedy}" if error.remedy else ""
    return ReplayReport(
        id=content_digest("replay", [render.id, now]),
        render_id=render.id,
        outcome=ReplayOutcome.IMPOSSIBLE,
        digest_before=render.digest or "",
        reason=f"{type(error).__name__}: {error}{remedy}",
        created_at=now,
    )
