"""The rollouts of the comparison share a suite and a baseline, and no picture."""

from __future__ import annotations

from bench.rollouts import SCENARIOS


def test_every_rollout_draws_pictures_of_its_own() -> None:
    seeds = [scenario.seed for scenario in SCENARIOS]
    assert len(seeds) == len(set(seeds)) == 2
