"""The simulated panel, and with it the promise of the whole rule at small size; bench/ has it large."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.decisions.agreement import panel_veto
from core.decisions.panel import PANEL, Panel, power, simulate
from core.decisions.preference import PreferencePlan, decide_many

PLAN = PreferencePlan(planned_units=400)


def at_most(promised: float, rollouts: int) -> float:
    """The promised rate with three standard errors of the simulation."""
    return promised + 3 * math.sqrt(promised * (1 - promised) / rollouts)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7])
def test_simulated_verdicts_have_the_share_and_the_ties_they_should(share: float) -> None:
    scores = simulate(
        PANEL, decisive_share=share, rollouts=400, units=400, votes=1, rng=np.random.default_rng(1)
    ).scores
    wins, losses = (scores == 1).mean(), (scores == 0).mean()
    assert wins / (wins + losses) == pytest.approx(share, abs=0.01)
    assert 1 - wins - losses == pytest.approx(0.22, abs=0.01)


def test_votes_on_one_unit_agree_more_than_votes_on_two() -> None:
    scores = simulate(
        PANEL, decisive_share=0.5, rollouts=100, units=400, votes=2, rng=np.random.default_rng(1)
    ).scores
    same = np.corrcoef(scores[..., 0].ravel(), scores[..., 1].ravel())[0, 1]
    other = np.corrcoef(scores[:, 1:, 0].ravel(), scores[:, :-1, 1].ravel())[0, 1]
    assert same == pytest.approx(0.2, abs=0.05)
    assert abs(other) < 0.02


def test_equal_models_are_approved_no_more_often_than_promised() -> None:
    assert power(PLAN, 0.5, rollouts=2000).approved <= at_most(0.05, 2000)


@pytest.mark.parametrize("votes", [2, 3])
def test_several_verdicts_on_a_prompt_keep_the_promise(votes: int) -> None:
    plan = PreferencePlan(planned_units=120, verdicts_per_unit=votes)
    assert power(plan, 0.5, rollouts=2000).approved <= at_most(0.05, 2000)


@pytest.mark.slow
def test_five_thousand_rollouts_of_equal_models_keep_the_promise() -> None:
    assert power(PLAN, 0.5, rollouts=5000, seed=2).approved <= at_most(0.05, 5000)


def test_power_at_sixty_to_forty_is_within_three_points_of_the_specification() -> None:
    found = power(PLAN, 0.60, rollouts=2000)
    assert found.approved == pytest.approx(0.92, abs=0.03)
    assert found.median_verdicts == pytest.approx(207, abs=20)


@pytest.mark.parametrize(
    ("units", "at_sixty", "at_seventy"), [(40, 0.23, 0.67), (60, 0.31, 0.84), (100, 0.46, 0.97)]
)
def test_small_golden_sets_detect_what_the_specification_says(
    units: int, at_sixty: float, at_seventy: float
) -> None:
    plan = PreferencePlan(planned_units=units)
    assert power(plan, 0.60, rollouts=2000).approved == pytest.approx(at_sixty, abs=0.04)
    assert power(plan, 0.70, rollouts=2000).approved == pytest.approx(at_seventy, abs=0.04)


def test_the_same_seed_gives_the_same_answer() -> None:
    assert power(PLAN, 0.6, rollouts=50, seed=9) == power(PLAN, 0.6, rollouts=50, seed=9)


def test_the_veto_softens_the_taste_of_a_random_panel() -> None:
    panel = Panel(taste_spread=0.5, random_tastes=True)
    verdicts = simulate(
        panel, decisive_share=0.5, rollouts=600, units=400, votes=1, rng=np.random.default_rng(4)
    )
    scores, reviewer = verdicts.scores[..., 0], verdicts.reviewer[0, :, 0]
    ends = decide_many(scores, PLAN)
    approved = np.flatnonzero(ends.approved)
    passed = [
        panel_veto(
            [scores[row, : ends.unit[row]][reviewer[: ends.unit[row]] == who].mean() for who in range(5)],
            null_score=0.5,
            alpha=0.1,
        ).passed
        for row in approved
    ]
    assert len(approved) / 600 == pytest.approx(0.165, abs=0.05)
    assert sum(passed) / 600 == pytest.approx(0.102, abs=0.04)


def test_a_veto_takes_approvals_back_and_gives_none() -> None:
    alone = power(PLAN, 0.6, rollouts=100, seed=9)
    strict, none = (power(PLAN, 0.6, veto_alpha=alpha, rollouts=100, seed=9) for alpha in (0.02, 1.0))
    assert 0 < strict.approved < none.approved == alone.approved
    assert strict.rejected == alone.rejected
