"""``sidegrade run``: what a run is asked for with, and what asking again does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.records import Arm, JobState
from db.store import Store
from tests.cli.conftest import Sidegrade
from tests.world import finish

MODEL = '[models.{0}]\nbackend = "drawing"\nnum_inference_steps = 8\nguidance_scale = 1.0\n'
CONTRACT = '[models.{0}.contract]\nmode = "RGBA"\n'
NAMES = ("letterpress", "letterpress-2")
ASK = ("run", "starter", "--baseline", NAMES[0], "--candidate", NAMES[1])


@pytest.fixture(autouse=True)
def _nobody_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Models that need no weights, and a command that does not wait for a worker."""
    models = tmp_path / "models.toml"
    models.write_text("".join((MODEL + CONTRACT).format(name) for name in NAMES))
    monkeypatch.setenv("SIDEGRADE_MODELS", str(models))
    monkeypatch.setattr("cli.runs.wait_until_finished", lambda call, store, run: store.runs.progress(run.id))
    monkeypatch.setattr("cli.runs.run_missing", lambda *_: None)


def test_small_lettering_can_be_put_on_the_plan(sidegrade: Sidegrade, store: Store) -> None:
    plain, closer = sidegrade(*ASK), sidegrade(*ASK, "--look-closer-px", 16)
    assert (plain.code, closer.code) == (0, 0)
    assert store.runs.get(plain.document["run"]).plan.look_closer_px == 0
    assert store.runs.get(closer.document["run"]).plan.look_closer_px == 16


def test_a_run_of_which_no_pair_was_drawn_ends_with_exit_code_1(sidegrade: Sidegrade, store: Store) -> None:
    sidegrade(*ASK)
    later = datetime.now(UTC) + timedelta(minutes=1)
    first, *others = store.jobs.claim("worker-1", limit=1000, lease_seconds=60)
    for job in others:
        finish(store, job, later, failing=Arm.CANDIDATE)
    finish(store, first, later, failing=Arm.BASELINE)
    said = sidegrade(*ASK)
    assert (said.code, said.document["progress"]["done"]) == (1, 0)
    assert len(said.document["failures"]) == len(others) + 1


def test_one_pair_that_was_drawn_is_a_run_that_ended_well(sidegrade: Sidegrade, store: Store) -> None:
    sidegrade(*ASK)
    later = datetime.now(UTC) + timedelta(minutes=1)
    first, *others = store.jobs.claim("worker-1", limit=1000, lease_seconds=60)
    finish(store, first, later)
    for job in others:
        finish(store, job, later, failing=Arm.CANDIDATE)
    said = sidegrade(*ASK)
    assert (said.code, said.document["progress"]["done"]) == (0, 1)


@pytest.mark.parametrize("pixels", ["-1", "99999", "small"])
def test_a_height_that_no_letter_has_is_refused(sidegrade: Sidegrade, pixels: str) -> None:
    said = sidegrade(*ASK, "--look-closer-px", pixels)
    assert (said.code, said.document["error"]) == (2, "UsageError")


def test_asking_again_tries_failed_pairs_once_more_and_leaves_the_others_alone(
    sidegrade: Sidegrade, store: Store
) -> None:
    run_id = sidegrade(*ASK).document["run"]
    later = datetime.now(UTC) + timedelta(minutes=1)
    done, failed = store.jobs.claim("worker-1", limit=2, lease_seconds=60)
    finish(store, done, later)
    finish(store, failed, later, failing=Arm.CANDIDATE)
    assert sidegrade(*ASK).document["progress"]["failed"] == 1
    again = sidegrade(*ASK, "--again").document
    assert (again["run"], again["progress"]["failed"], again["progress"]["done"]) == (run_id, 0, 1)
    states = {job.id: job.state for job in store.jobs.of_run(run_id)}
    assert (states[done.id], states[failed.id]) == (JobState.DONE, JobState.QUEUED)
