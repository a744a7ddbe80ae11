"""What a replay says of a render: exact, within the model's own noise, drifted, damaged or impossible."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from core.errors import ModelUnavailable, ReplayImpossible
from core.recipes.comparison import drifted, file_damaged, first_look, impossible, measured
from core.recipes.noise_floor import NoiseFloor
from core.records import Arm, Recipe, Render, RenderStatus, ReplayOutcome, ReplayReport

NOW = datetime(2026, 3, 3, tzinfo=UTC)
RECIPE = Recipe(
    model="m",
    model_digest="model_1",
    backend="drawing",
    prompt="a sale",
    negative_prompt="",
    seed=1,
    width=64,
    height=32,
    num_inference_steps=8,
    guidance_scale=1.0,
    scheduler="s",
    scheduler_config={},
    dtype="float32",
    device_class="cpu",
)
RENDER = Render(
    id="render_1",
    pair_id="pair_1",
    arm=Arm.BASELINE,
    recipe=RECIPE,
    status=RenderStatus.DONE,
    digest="pixels",
    noise_digest="noise",
    created_at=NOW,
)
GREY = Image.new("RGB", (8, 4), (100, 100, 100))


def looked(digest: str = "pixels", noise: str = "noise", recipe: Recipe = RECIPE) -> ReplayReport:
    return first_look(RENDER, recipe=recipe, digest=digest, noise_digest=noise, now=NOW)


def lighter(levels: int) -> Image.Image:
    """Grey of which one value is lighter."""
    pixels = np.array(GREY)
    pixels[0, 0, 0] += levels
    return Image.fromarray(pixels)


def test_equal_pixels_are_bit_exact_without_being_measured() -> None:
    report = looked()
    assert (report.outcome, report.reason) == (ReplayOutcome.BIT_EXACT, "every pixel is the same")
    assert (report.max_abs_difference, report.mean_abs_difference, report.lpips) == (0, 0.0, 0.0)
    assert (report.digest_before, report.digest_after, report.noise_matches) == ("pixels", "pixels", True)
    assert (report.render_id, report.created_at, report.differing_fields) == ("render_1", NOW, ())


def test_other_pixels_have_drifted_until_they_are_measured_and_the_recipe_may_tell_why() -> None:
    report = looked("others", "other noise", replace(RECIPE, guidance_scale=2.0))
    assert (report.outcome, report.reason) == (ReplayOutcome.DRIFTED, "other pixels")
    assert (report.max_abs_difference, report.mean_abs_difference, report.lpips) == (None, None, None)
    assert (report.digest_before, report.digest_after, report.noise_matches) == ("pixels", "others", False)
    assert report.differing_fields == ("guidance_scale: 1.0 → 2.0",)
    assert drifted(report, "of another size") == replace(report, reason="of another size")


def test_two_replays_are_two_reports_and_a_render_without_pixels_had_none_before() -> None:
    later = first_look(RENDER, recipe=RECIPE, digest="pixels", noise_digest="noise", now=NOW.replace(day=4))
    assert later.id != looked().id
    bare = replace(RENDER, digest=None)
    assert first_look(bare, recipe=RECIPE, digest="x", noise_digest="noise", now=NOW).digest_before == ""
    assert impossible(bare, ReplayImpossible("no"), NOW).digest_before == ""


@pytest.mark.parametrize(
    ("levels", "outcome"), [(2, ReplayOutcome.WITHIN_NOISE_FLOOR), (3, ReplayOutcome.DRIFTED)]
)
def test_a_replay_is_within_the_noise_floor_up_to_two_levels(levels: int, outcome: ReplayOutcome) -> None:
    report = measured(looked("others"), GREY, lighter(levels), lpips=0.5, floor=NoiseFloor())
    assert (report.outcome, report.max_abs_difference, report.lpips) == (outcome, levels, 0.5)
    assert report.mean_abs_difference == pytest.approx(levels / 96)
    assert report.reason == f"off by at most {levels} of 255 levels, {levels / 96:.3f} on average"
    back = measured(looked("others"), lighter(levels), GREY, lpips=0.5, floor=NoiseFloor())
    assert back == report


def test_a_measured_floor_covers_what_looks_as_alike_and_the_first_difference_is_told() -> None:
    changed = looked("others", recipe=replace(RECIPE, dtype="float16", seed=2))
    report = measured(changed, GREY, lighter(90), lpips=0.03, floor=NoiseFloor(lpips=0.03, pairs=4))
    assert report.outcome is ReplayOutcome.WITHIN_NOISE_FLOOR
    assert report.reason.endswith("0.938 on average; first difference in the recipe: seed: 1 → 2")


def test_equal_pixels_beside_a_damaged_file_are_told_as_such() -> None:
    report = file_damaged(looked(), ModelUnavailable("cut short"))
    assert report.outcome is ReplayOutcome.FILE_DAMAGED
    assert report.reason == (
        "digest equal, stored file damaged: cut short; drawn again just now, it was stored whole"
    )


def test_what_cannot_be_drawn_again_says_why_and_what_to_do() -> None:
    report = impossible(RENDER, ReplayImpossible("the model is gone", remedy="fetch it"), NOW)
    assert (report.outcome, report.digest_before, report.digest_after) == (
        ReplayOutcome.IMPOSSIBLE,
        "pixels",
        None,
    )
    assert report.reason == "ReplayImpossible: the model is gone; fetch it"
    assert impossible(RENDER, ReplayImpossible("gone"), NOW).reason == "ReplayImpossible: gone"
    assert report.id == looked().id  # of one render and moment
    assert (report.render_id, report.created_at) == ("render_1", NOW)
