"""Making a render again from its recipe, and saying how far off it came out and why.

The recipe decides everything: steps, guidance, scheduler and its settings, noise, number type, device class,
even the shape of the batch it was drawn in. What it cannot bring back is the world around it: model files,
library versions, the accelerator; those are compared field by field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from core.backends.protocol import Generation, OnStep, ShouldCancel, never, no_progress
from core.calibration import NoiseFloor, noise_floor_of
from core.digests import content_digest, pixel_digest
from core.errors import BlobMissing, Cancelled, ReplayImpossible, SidegradeError, StoreError
from core.failures import typed
from core.recipe import check_contract, differing_fields
from core.records import (
    Case,
    MeasurementStatus,
    ModelSpec,
    Recipe,
    Render,
    RenderStatus,
    ReplayOutcome,
    ReplayReport,
    Size,
)

if TYPE_CHECKING:
    from PIL import Image

    from core.settings import Settings
    from core.workshop import Workshop
    from db.store import Store


def replay(
    store: Store,
    workshop: Workshop,
    render_id: str,
    *,
    now: datetime,
    on_step: OnStep = no_progress,
    should_cancel: ShouldCancel = never,
) -> ReplayReport:
    """Draw a stored render once more and compare; a replay that cannot run is a report, not an error.

    Raises:
        UnknownName: when there is no such render.
        Cancelled: when ``should_cancel`` turned true.
        StoreError: when the store cannot be read.
    """
    render = store.renders.get(render_id)
    try:
        again = draw_again(render, workshop, on_step=on_step, should_cancel=should_cancel)
    except (Cancelled, StoreError):
        raise
    except Exception as error:  # whatever a model or a recipe leads to
        return _impossible(render, typed(error), now)
    floor = noise_floor_of(store, render.recipe.model_digest)
    return _compared(store, render, again, floor, workshop.settings, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A second drawing of a render, with the recipe as it could be followed today."""

    made: Generation
    recipe: Recipe


def draw_again(
    render: Render, workshop: Workshop, *, on_step: OnStep = no_progress, should_cancel: ShouldCancel = never
) -> Again:
    """Follow the render's recipe on this machine.

    Raises:
        ReplayImpossible: when the render failed at the time, or its model is now run by another backend.
        UnknownName, ModelError, BackendUnavailable: when the model is gone, or cannot be loaded or run.
    """
    recipe = render.recipe
    if render.status is not RenderStatus.DONE:
        reason = render.failure.error if render.failure else "unknown"
        raise ReplayImpossible(f"expected a render that was drawn, this one failed ({reason})")
    spec = workshop.spec(recipe.model)
    if spec.backend != recipe.backend:
        raise ReplayImpossible(
            f"{spec.name}: drawn by the backend {recipe.backend}, now run by {spec.backend}"
        )
    check_contract(spec, prompt=recipe.prompt, width=recipe.width, height=recipe.height)
    backend = workshop.open(_as_then(spec, recipe))
    batch = [recipe] * recipe.batch_size
    made = backend.generate(batch, on_step=on_step, should_cancel=should_cancel)[recipe.batch_index]
    followed = replace(
        made.recipe,
        model_digest=backend.loaded.model_digest,
        device_class=backend.loaded.device_class,
        library_versions=backend.loaded.library_versions,
    )
    return Again(made=made, recipe=followed)


def _as_then(spec: ModelSpec, recipe: Recipe) -> ModelSpec:
    """The declaration with what the recipe fixes, so that a later edit of it is no difference."""
    return replace(
        spec,
        num_inference_steps=recipe.num_inference_steps,
        guidance_scale=recipe.guidance_scale,
        dtype=recipe.dtype,
        device="cpu" if recipe.device_class == "cpu" else spec.device,
    )


def _compared(
    store: Store, render: Render, again: Again, floor: NoiseFloor, settings: Settings, now: datetime
) -> ReplayReport:
    report = ReplayReport(
        id=content_digest("replay", [render.id, now]),
        render_id=render.id,
        outcome=ReplayOutcome.BIT_EXACT,
        digest_before=render.digest or "",
        digest_after=pixel_digest(again.made.image),
        noise_matches=again.made.noise_digest == render.noise_digest,
        max_abs_difference=0,
        mean_abs_difference=0.0,
        lpips=0.0,
        differing_fields=differing_fields(render.recipe, again.recipe),
        reason="every pixel is the same",
        created_at=now,
    )
    if report.digest_after == report.digest_before:
        return report
    try:
        before = store.blobs.open(report.digest_before)
    except BlobMissing as error:
        return _drifted(report, f"other pixels, and the first image cannot be read: {error}")
    after = again.made.image
    if (before.mode, before.size) != (after.mode, after.size):
        was, now_is = (f"{image.mode} {Size(*image.size)}" for image in (before, after))
        return _drifted(report, f"was {was}, now {now_is}")
    return _measured(report, before, after, floor, settings)


def _drifted(report: ReplayReport, reason: str) -> ReplayReport:
    return replace(
        report,
        outcome=ReplayOutcome.DRIFTED,
        max_abs_difference=None,
        mean_abs_difference=None,
        lpips=None,
        reason=reason,
    )


def _measured(
    report: ReplayReport, before: Image.Image, after: Image.Image, floor: NoiseFloor, settings: Settings
) -> ReplayReport:
    difference = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16))
    largest, mean = int(difference.max()), float(difference.mean())
    distance = lpips_between(before, after, settings, report.created_at)
    covered = floor.covers(max_abs_difference=largest, lpips=distance)
    off = f"off by at most {largest} of 255 levels, {mean:.3f} on average"
    if report.differing_fields:
        off += f"; first difference in the recipe: {report.differing_fields[0]}"
    return replace(
        report,
        outcome=ReplayOutcome.WITHIN_NOISE_FLOOR if covered else ReplayOutcome.DRIFTED,
        max_abs_difference=largest,
        mean_abs_difference=mean,
        lpips=distance,
        reason=off,
    )


def lpips_between(before: Image.Image, after: Image.Image, settings: Settings, now: datetime) -> float | None:
    """LPIPS of two pictures; None where its weights are missing."""
    from core.checks import PairEvidence, examine

    case = Case(name="replay", prompt="", width=before.width, height=before.height)
    evidence = PairEvidence(pair_id="", case=case, baseline=before, candidate=after)
    found = examine(evidence, checks=("lpips",), settings=settings, now=now)
    values = [m.value for m in found if m.metric == "lpips" and m.status is MeasurementStatus.MEASURED]
    return values[0] if values else None


def _impossible(render: Render, error: SidegradeError, now: datetime) -> ReplayReport:
    remedy = f"; {error.remedy}" if error.remedy else ""
    return ReplayReport(
        id=content_digest("replay", [render.id, now]),
        render_id=render.id,
        outcome=ReplayOutcome.IMPOSSIBLE,
        digest_before=render.digest or "",
        reason=f"{type(error).__name__}: {error}{remedy}",
        created_at=now,
    )
