"""Problems that users of other tools reported in public, kept as small inputs: how a run ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.call import Call
from core.records import Run, RunProgress
from db.store import Store
from tests.cli.conftest import Sidegrade
from worker.loop import Worker

MODELS = """
[models.small]
backend = "drawing"
num_inference_steps = 2
guidance_scale = 1.0
[models.small.contract]
mode = "RGB"

[models.square]
backend = "drawing"
num_inference_steps = 2
guidance_scale = 1.0
[models.square.contract]
mode = "RGB"
sizes = [[512, 512]]
"""
SUITE = """
name = "photos"
[defaults]
width = 64
height = 64
[[case]]
name = "lake"
prompt = "a lake at dawn"
[[case]]
name = "fox"
prompt = "a fox in the snow"
[[case]]
name = "cup"
prompt = "a cup of coffee"
"""


@pytest.fixture(autouse=True)
def _a_worker_in_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "photos.toml").write_text(SUITE)
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "models.toml").write_text(MODELS)
    monkeypatch.setenv("SIDEGRADE_SUITES", str(tmp_path))
    monkeypatch.setenv("SIDEGRADE_MODELS", str(tmp_path / "declared" / "models.toml"))
    monkeypatch.setattr("cli.runs.wait_until_finished", work_off)
    monkeypatch.setattr("cli.runs.run_missing", lambda *_: None)


def work_off(call: Call, store: Store, run: Run) -> RunProgress:
    now = datetime.now(UTC)
    with Worker(
        store, call.settings, now=now, name="w", checks=("contract",), examine_beside=False
    ) as worker:
        while worker.run_once(now=now):
            pass
    return store.runs.progress(run.id)


def test_a_run_that_drew_no_pair_ends_with_exit_code_1_and_the_reason_of_each(sidegrade: Sidegrade) -> None:
    said = sidegrade("run", "photos", "--baseline", "small", "--candidate", "square")
    assert (said.code, said.document["progress"]["done"]) == (1, 0)
    reasons = [one["failure"]["message"] for one in said.document["failures"]]
    assert len(reasons) == 3
    assert all("expected a size of 512×512" in reason for reason in reasons)


def test_a_run_that_drew_its_pairs_ends_with_exit_code_0(sidegrade: Sidegrade) -> None:
    said = sidegrade("run", "photos", "--baseline", "small", "--candidate", "small")
    assert (said.code, said.document["progress"]["done"]) == (0, 3)
