"""What a run adds up to, as numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.config.models import load_models
from core.config.settings import PROJECT
from core.records import Arm, Outcome
from db.insights import VerdictCounts
from services.insights import approval, cost_of_1000_usd, summary, win_rate
from tests.world import judge, make_world

MODELS = Path(PROJECT / "models.toml")


def test_a_run_is_summed_up_from_its_verdicts_and_timings(store, now):
    world = make_world(store, now)
    judge(world, "ana", {"star": Outcome.CANDIDATE, "circle": Outcome.TIE})
    spec = replace(load_models(MODELS)["letterpress"], cost_per_gpu_second=0.002)
    models = {Arm.BASELINE: spec, Arm.CANDIDATE: replace(spec, name="letterpress-2")}
    found = summary(store, world.run.id, models)
    assert (found.counts.candidate, found.counts.tie) == (2, 2)
    speed = found.ratios["latency_ms"]
    assert speed is not None
    assert speed.estimate == pytest.approx(0.8)
    assert found.cost_usd == pytest.approx({Arm.BASELINE: 0.2, Arm.CANDIDATE: 0.16})


def test_a_model_without_a_declaration_or_a_timing_has_no_cost(store, now):
    world = make_world(store, now)
    costs = store.insights.costs(world.run.id)
    assert cost_of_1000_usd(costs, {}) == {}
    assert cost_of_1000_usd([], {Arm.BASELINE: load_models(MODELS)["letterpress"]}) == {}


def test_shares_count_what_they_say_they_count():
    counts = VerdictCounts(group="", baseline=1, candidate=2, tie=3, both_bad=4, cant_judge=9)
    assert (win_rate(counts).share, win_rate(counts).n) == (pytest.approx(2 / 3), 3)
    assert (approval(counts).share, approval(counts).n) == (0.5, 10)
    nothing = approval(VerdictCounts(group="", cant_judge=2))
    assert (nothing.share, nothing.n) == (0.0, 0)
