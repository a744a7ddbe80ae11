"""What a run adds up to, as numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.config.models import load_models
from core.config.settings import PROJECT
from core.records import Arm, Outcome
from db.insights import Cost, VerdictCounts
from services.insights import approval, cost_of_1000_usd, summary, time_ratio, values, win_rate
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


def test_a_share_stands_between_the_ends_of_its_95_percent_interval_by_wilson():
    share = win_rate(VerdictCounts(group="", baseline=3, candidate=7))
    assert (share.share, share.n) == (0.7, 10)
    assert (share.low, share.high) == (pytest.approx(0.396778, abs=1e-6), pytest.approx(0.892209, abs=1e-6))
    nothing = win_rate(VerdictCounts(group="", tie=4))
    assert (nothing.share, nothing.low, nothing.high, nothing.n) == (0.0, 0.0, 1.0, 0)


def cost(pair: str, arm: Arm, latency_ms: float | None, gpu_seconds: float | None = 0.5) -> Cost:
    return Cost(
        pair_id=pair,
        case_name=f"case of {pair}",
        arm=arm,
        latency_ms=latency_ms,
        gpu_seconds=gpu_seconds,
        peak_memory_mb=None,
    )


def test_how_much_faster_is_told_from_pairs_that_have_both_times():
    half = [cost("1", Arm.BASELINE, 100.0), cost("2", Arm.CANDIDATE, 90.0), cost("3", Arm.BASELINE, None)]
    assert time_ratio(half, "latency_ms") is None
    assert time_ratio([], "latency_ms") is None
    both = [
        *half,
        cost("1", Arm.CANDIDATE, 150.0),
        cost("3", Arm.CANDIDATE, 1.0),
        cost("2", Arm.BASELINE, 0.0),
    ]
    found = time_ratio(both, "latency_ms")
    assert found is not None
    assert found.estimate == pytest.approx(1.5)
    assert time_ratio(both, "peak_memory_mb") is None


def test_a_thousand_images_cost_a_thousand_times_the_mean_of_those_that_were_timed():
    costs = [
        cost("1", Arm.BASELINE, 1.0, 0.5),
        cost("2", Arm.BASELINE, None, 1.5),
        cost("3", Arm.BASELINE, 1.0, None),
    ]
    spec = replace(load_models(MODELS)["letterpress"], cost_per_gpu_second=0.01)
    assert cost_of_1000_usd(costs, dict.fromkeys(Arm, spec)) == {Arm.BASELINE: pytest.approx(10.0)}
    assert values(costs, Arm.BASELINE, "gpu_seconds") == [0.5, 1.5]
    assert values(costs, Arm.BASELINE, "latency_ms") == [1.0, 1.0]
    assert values(costs, Arm.CANDIDATE, "latency_ms") == []
