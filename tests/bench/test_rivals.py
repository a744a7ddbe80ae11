"""The rules we compare with are the real ones: published bounds and exact error rates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bench.rivals import gsprt_llr, one_look, peeking, share_of_wins, sprt_bounds, wald_sprt


def test_walds_bounds_and_steps_are_the_published_ones() -> None:
    assert sprt_bounds(alpha=0.05, beta=0.05) == pytest.approx((-2.9444389791664403, 2.9444389791664403))
    assert math.log(0.6 / 0.5) == pytest.approx(0.1823215568)
    assert math.log(0.4 / 0.5) == pytest.approx(-0.2231435513)
    assert wald_sprt(np.ones((1, 40))) == ([True], [17])
    assert wald_sprt(np.zeros((1, 40))) == ([False], [14])


def test_the_generalised_test_gives_the_published_ratio() -> None:
    assert gsprt_llr([13, 37, 50, 25, 3], nelo0=0, nelo1=4) == pytest.approx(-0.5491246, abs=1e-7)


def test_the_published_approximation_of_that_ratio_takes_one_variance_for_both_hypotheses() -> None:
    # Log odds of Student's t per game, two games a pair: (n/2) ln((1 + (t-t0)^2) / (1 + (t-t1)^2)).
    counts = np.array([13, 37, 50, 25, 3])
    scores, share = np.linspace(0, 1, 5), counts / counts.sum()
    mean = share @ scores
    sd_of_a_game = math.sqrt(2 * share @ (scores - mean) ** 2)
    t, t1 = (mean - 0.5) / sd_of_a_game, 4 / (800 / math.log(10))
    games = 2 * counts.sum()
    assert games / 2 * math.log((1 + t**2) / (1 + (t - t1) ** 2)) == pytest.approx(-0.5401206, abs=1e-7)


@pytest.mark.parametrize(("verdicts", "expected"), [(100, 0.184342), (200, 0.228195), (400, 0.271400)])
def test_peeking_approves_equal_models_as_often_as_exact_counting_says(
    verdicts: int, expected: float
) -> None:
    alive, approved = np.zeros(verdicts + 1), 0.0
    alive[0] = 1.0
    for n in range(1, verdicts + 1):
        alive = alive / 2 + np.concatenate([[0.0], alive[:-1] / 2])
        if n >= 10:
            over = stats.binom.sf(np.arange(n + 1) - 1, n, 0.5) < 0.05
            approved += alive[: n + 1][over].sum()
            alive[: n + 1][over] = 0.0
    assert approved == pytest.approx(expected, abs=1e-6)
    scores = (np.random.default_rng(0).random((4000, verdicts)) < 0.5).astype(float)
    simulated = peeking(scores).approved.mean()
    assert simulated == pytest.approx(expected, abs=3 * math.sqrt(expected * (1 - expected) / 4000))


def test_one_look_is_the_binomial_test() -> None:
    rows = np.random.default_rng(1).choice([0.0, 0.5, 1.0], size=(50, 60))
    expected = [
        stats.binomtest((row == 1).sum(), (row != 0.5).sum(), alternative="greater").pvalue < 0.05
        for row in rows
    ]
    assert one_look(rows).approved.tolist() == expected


def test_counting_wins_approves_at_the_first_verdict_that_reaches_the_share() -> None:
    scores = np.array([[1.0] * 7 + [0.5, 0.0, 0.0] + [1.0] * 3, [0.5] * 13])
    assert share_of_wins(scores).approved.tolist() == [True, False]
    assert share_of_wins(scores).verdicts.tolist() == [11, 13]
