"""Replays: bit-exact where nothing changed, and an honest report where something did.

Long: every outcome of a replay.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.config.settings import PROJECT, Settings
from core.recipes.recipe import read_recipe
from core.records import Arm, Case, Render, RenderStatus, ReplayOutcome, Run, Suite
from db.store import Store
from services.runs import request_run
from tests.db.damage import DAMAGE
from worker.loop import Worker
from worker.model_pool import ModelPool
from worker.replay import replay

CASES = tuple(
    Case(name=f"case-{number}", prompt=f'poster, exact text: "{number}", red on cream', width=128, height=64)
    for number in range(2)
)


@pytest.fixture
def settings(settings: Settings, drawing_models_file: Path) -> Settings:
    return replace(settings, models_file=drawing_models_file)


@pytest.fixture
def model_pool(settings: Settings) -> Iterator[ModelPool]:
    with ModelPool(settings) as opened:
        yield opened


def _drawn(store: Store, settings: Settings, now: datetime, suite: Suite, models: tuple[str, str]) -> Run:
    run = request_run(
        store,
        settings,
        suite,
        baseline=models[0],
        candidate=models[1],
        seeds=(1, 2),
        requested_by="test",
        now=now,
    )
    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as worker:
        while worker.run_once(now=now):
            pass
    return run


@pytest.fixture
def render(store: Store, settings: Settings, now: datetime) -> Render:
    run = _drawn(store, settings, now, Suite(name="posters", cases=CASES), ("sketch", "sketch-turbo"))
    return store.renders.of_pair(store.pairs.of_run(run.id)[0].id)[Arm.BASELINE]


@pytest.fixture
def stored(store: Store, render: Render) -> Callable[..., Render]:
    """A render like the one that was drawn, with some of its history changed."""

    def change(*, image: Image.Image | None = None, **changes: Any) -> Render:
        from db import tables
        from db.renders import add_renders

        fields = {"id": "render_changed", **changes}
        if image is not None:
            stored = store.blobs.put(image)
            fields |= {"digest": stored.digest, "file_digest": stored.file_digest}
        changed = replace(render, **fields)
        with store._database.write() as connection:
            connection.execute(tables.renders.delete().where(tables.renders.c.id == changed.id))
            add_renders(connection, [changed])
        return changed

    return change


def test_a_render_comes_back_bit_exact_and_its_png_tells_the_recipe(
    store: Store, model_pool: ModelPool, render: Render, now: datetime
) -> None:
    report = replay(store, model_pool, render.id, now=now)
    assert report.outcome is ReplayOutcome.BIT_EXACT
    assert report.digest_after == render.digest
    assert (report.noise_matches, report.max_abs_difference, report.differing_fields) == (True, 0, ())
    assert read_recipe(store.blobs.png(render.digest or "")) == render.recipe


def test_a_model_that_is_loaded_for_a_run_serves_the_replays_too(
    store: Store, model_pool: ModelPool, render: Render, now: datetime
) -> None:
    drawing = model_pool.open(model_pool.spec("sketch"))
    replay(store, model_pool, render.id, now=now)
    assert model_pool.loaded("sketch") is drawing
    assert not model_pool.free_others(drawing)


def test_a_difference_of_one_level_is_within_the_noise_floor(
    store: Store, model_pool: ModelPool, render: Render, stored: Callable[..., Render], now: datetime
) -> None:
    pixels = np.asarray(store.blobs.open(render.digest or "")).copy()
    pixels[3, 4, 0] ^= 1
    changed = stored(image=Image.fromarray(pixels, "RGBA"))
    report = replay(store, model_pool, changed.id, now=now)
    assert report.outcome is ReplayOutcome.WITHIN_NOISE_FLOOR
    assert report.max_abs_difference == 1
    assert report.mean_abs_difference == pytest.approx(1 / pixels.size)


def test_other_pixels_are_drift_and_the_first_differing_field_is_named(
    store: Store, model_pool: ModelPool, render: Render, stored: Callable[..., Render], now: datetime
) -> None:
    old = replace(render.recipe, library_versions={"pillow": "9.0.0"})
    changed = stored(image=Image.new("RGBA", (128, 64), "red"), recipe=old)
    report = replay(store, model_pool, changed.id, now=now)
    assert report.outcome is ReplayOutcome.DRIFTED
    assert (report.max_abs_difference or 0) > 100
    assert report.differing_fields[0].startswith("library_versions.pillow: 9.0.0 → ")
    assert "library_versions.pillow" in report.reason


def test_a_channel_that_is_gone_is_drift_without_numbers(
    store: Store, model_pool: ModelPool, stored: Callable[..., Render], now: datetime
) -> None:
    changed = stored(image=Image.new("RGB", (128, 64)))
    report = replay(store, model_pool, changed.id, now=now)
    assert report.outcome is ReplayOutcome.DRIFTED
    assert report.reason == "was RGB 128×64, now RGBA 128×64"
    assert (report.max_abs_difference, report.lpips) == (None, None)


def test_a_first_image_that_is_gone_is_no_pass(
    store: Store, model_pool: ModelPool, stored: Callable[..., Render], now: datetime
) -> None:
    changed = stored(digest="0" * 64)
    report = replay(store, model_pool, changed.id, now=now)
    assert report.outcome is ReplayOutcome.DRIFTED
    assert "cannot be read" in report.reason


@pytest.mark.parametrize("damage", DAMAGE)
def test_equal_digests_over_a_damaged_file_are_said_so_and_the_file_is_drawn_again(
    store: Store, model_pool: ModelPool, render: Render, now: datetime, damage: str
) -> None:
    path = store.blobs.path(render.digest or "", file_digest=render.file_digest)
    whole = path.read_bytes()
    DAMAGE[damage](path)
    report = replay(store, model_pool, render.id, now=now)
    assert (report.outcome, report.digest_after) == (ReplayOutcome.FILE_DAMAGED, render.digest)
    assert report.reason.startswith("digest equal, stored file damaged: ")
    assert render.pair_id in report.reason
    assert path.read_bytes() == whole
    assert replay(store, model_pool, render.id, now=now).outcome is ReplayOutcome.BIT_EXACT


def test_changed_model_files_are_named_as_the_cause(
    store: Store, settings: Settings, render: Render, now: datetime
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(text.replace('mode = "RGBA"', 'mode = "RGB"'))
    with ModelPool(settings) as model_pool:
        report = replay(store, model_pool, render.id, now=now)
    assert report.outcome is ReplayOutcome.DRIFTED
    assert report.differing_fields[0].startswith(f"model_digest: {render.recipe.model_digest} → ")


def test_settings_that_were_edited_since_do_not_matter_the_recipe_is_followed(
    store: Store, settings: Settings, render: Render, now: datetime
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(text.replace("num_inference_steps = 8", "num_inference_steps = 2"))
    with ModelPool(settings) as model_pool:
        report = replay(store, model_pool, render.id, now=now)
    assert report.outcome is ReplayOutcome.BIT_EXACT
    assert report.differing_fields == ()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("models.sketch", "models.scetch", "UnknownName: unknown model 'sketch'; did you mean scetch"),
        ("sizes = [[256, 128], [128, 64]]", "sizes = [[256, 128]]", "ContractBreach"),
        ("[models.sketch]", "[models.sketch", "InvalidFile"),
    ],
)
def test_a_replay_that_cannot_run_says_why(
    before: str, after: str, reason: str, store: Store, settings: Settings, render: Render, now: datetime
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(text.replace(before, after))
    with ModelPool(settings) as model_pool:
        report = replay(store, model_pool, render.id, now=now)
    assert report.outcome is ReplayOutcome.IMPOSSIBLE
    assert reason in report.reason
    assert report.digest_after is None


def test_a_render_that_failed_has_nothing_to_repeat(
    store: Store, model_pool: ModelPool, stored: Callable[..., Render], now: datetime
) -> None:
    failed = stored(status=RenderStatus.FAILED, digest=None)
    report = replay(store, model_pool, failed.id, now=now)
    assert report.outcome is ReplayOutcome.IMPOSSIBLE
    assert "this one failed" in report.reason


ELSEWHERE = """
import json, os
from datetime import UTC, datetime
from worker.replay import replay
from core.config.settings import Settings
from worker.model_pool import ModelPool
from db.store import Store
settings, now = Settings.from_env(os.environ), datetime.now(UTC)
with Store.open(settings) as store, ModelPool(settings) as model_pool:
    reports = [replay(store, model_pool, render, now=now) for render in json.loads(os.environ["RENDERS"])]
print(json.dumps([[report.outcome, report.differing_fields] for report in reports]))
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_render_of_real_pipelines_comes_back_bit_exact_in_a_new_process_batches_included(
    store: Store, settings: Settings, tiny_models_file: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(settings, models_file=tiny_models_file)
    cases = tuple(Case(name=f"c-{n}", prompt=f"case {n}", width=64, height=48) for n in range(2))
    suite = Suite(name="tiny", cases=cases)
    runs = [
        _drawn(store, settings, now, suite, models)
        for models in (("tiny-sd", "tiny-sdxl"), ("tiny-sd3", "tiny-sd"))
    ]
    renders = [
        render for run in runs for arms in store.renders.of_run(run.id).values() for render in arms.values()
    ]
    assert len(renders) == 16
    assert {render.recipe.batch_size for render in renders} > {1, 2}
    monkeypatch.setenv("SIDEGRADE_HOME", str(settings.home))
    monkeypatch.setenv("SIDEGRADE_MODELS", str(tiny_models_file))
    monkeypatch.setenv("RENDERS", json.dumps([render.id for render in renders]))
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert json.loads(done.stdout) == [[ReplayOutcome.BIT_EXACT, []]] * 16
