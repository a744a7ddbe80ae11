"""Making a render again from its recipe. How far off it came out is told in :mod:`core.recipes.comparison`.

The recipe decides everything: steps, guidance, scheduler and its settings, noise, number type, device class,
even the shape of the batch it was drawn in. What it cannot bring back is the world around it: model files,
library versions, the accelerator; those are compared field by field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from PIL import Image

from core.backends.protocol import Generation, OnStep, ShouldCancel, never, no_progress
from core.config.settings import Settings
from core.digests import pixel_digest
from core.errors import BlobMissing, Cancelled, ReplayImpossible, StoreError
from core.failures import typed
from core.recipes.comparison import drifted, file_damaged, first_look, impossible, measured
from core.recipes.noise_floor import NoiseFloor
from core.recipes.recipe import check_contract
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
from db.store import Store
from services.runs import noise_floor_of
from worker.model_pool import ModelPool


def replay(
    store: Store,
    model_pool: ModelPool,
    render_id: str,
    *,
    now: datetime,
    on_step: OnStep = no_progress,
    should_cancel: ShouldCancel = never,
) -> ReplayReport:
    """Draw a stored render once more and compare; a replay that cannot run is a report, not an error.

    A stored file that is missing or damaged is written again, if the pixels drawn now have its digest.

    Raises:
        UnknownName: when there is no such render.
        Cancelled: when ``should_cancel`` turned true.
        StoreError: when the store cannot be read, or a damaged file not be written again.
    """
    render = store.renders.get(render_id)
    try:
        again = draw_again(render, model_pool, on_step=on_step, should_cancel=should_cancel)
    except (Cancelled, StoreError):
        raise
    except Exception as error:  # whatever a model or a recipe leads to
        return impossible(render, typed(error), now)
    floor = noise_floor_of(store, render.recipe.model_digest)
    return _compared(store, render, again, floor, model_pool.settings, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A second drawing of a render, with the recipe as it could be followed today."""

    made: Generation
    recipe: Recipe


def draw_again(
    render: Render,
    model_pool: ModelPool,
    *,
    on_step: OnStep = no_progress,
    should_cancel: ShouldCancel = never,
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
    spec = model_pool.spec(recipe.model)
    if spec.backend != recipe.backend:
        raise ReplayImpossible(
            f"{spec.name}: drawn by the backend {recipe.backend}, now run by {spec.backend}"
        )
    check_contract(spec, prompt=recipe.prompt, width=recipe.width, height=recipe.height)
    backend = model_pool.open(_as_then(spec, recipe))
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
    after = again.made.image
    report = first_look(
        render,
        recipe=again.recipe,
        digest=pixel_digest(after),
        noise_digest=again.made.noise_digest,
        now=now,
    )
    try:
        before = store.blobs.open(report.digest_before, file_digest=render.file_digest)
    except BlobMissing as error:
        if report.outcome is not ReplayOutcome.BIT_EXACT:
            return drifted(report, f"other pixels, and the first image cannot be read: {error}")
        store.blobs.put(after, render.recipe)
        return file_damaged(report, error)
    if report.outcome is ReplayOutcome.BIT_EXACT:
        return report
    if (before.mode, before.size) != (after.mode, after.size):
        was, now_is = (f"{image.mode} {Size(*image.size)}" for image in (before, after))
        return drifted(report, f"was {was}, now {now_is}")
    distance = lpips_between(before, after, settings, now)
    return measured(report, before, after, lpips=distance, floor=floor)


def lpips_between(before: Image.Image, after: Image.Image, settings: Settings, now: datetime) -> float | None:
    """LPIPS of two pictures; None where its weights are missing."""
    from core.checks import PairToExamine, examine

    case = Case(name="replay", prompt="", width=before.width, height=before.height)
    pair = PairToExamine(pair_id="", case=case, baseline=before, candidate=after)
    found = examine(pair, checks=("lpips",), settings=settings, now=now)
    values = [m.value for m in found if m.metric == "lpips" and m.status is MeasurementStatus.MEASURED]
    return values[0] if values else None
