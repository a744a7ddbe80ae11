"""Several models on one scale, against published data and evalica."""

from __future__ import annotations

import math

import numpy as np
import pytest
from evalica import Winner
from evalica import bradley_terry as evalica_bradley_terry
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.ranking import bradley_terry, davidson
from core.errors import InvalidEvidence

# American League East 1987, wins of the row over the column (Agresti, Categorical Data Analysis, ch. 10).
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


def test_the_baseball_season_has_the_published_worths() -> None:
    worth = bradley_terry(WINS)
    expected = [1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0]
    assert (worth - worth[-1]).tolist() == pytest.approx(expected, abs=5e-5)


def test_the_worths_are_those_of_evalica() -> None:
    games = [(i, j) for i in range(7) for j in range(7) for _ in range(WINS[i, j])]
    winners, losers = ([TEAMS[game[side]] for game in games] for side in (0, 1))
    scores = evalica_bradley_terry(winners, losers, [Winner.X] * len(games)).scores
    logs = np.log([scores[team] for team in TEAMS])
    assert bradley_terry(WINS).tolist() == pytest.approx((logs - logs.mean()).tolist(), abs=1e-3)


@given(st.permutations(range(7)))
def test_the_order_of_models_changes_nothing(order: list[int]) -> None:
    shuffled = bradley_terry(WINS[np.ix_(order, order)])
    assert shuffled.tolist() == pytest.approx(bradley_terry(WINS)[order].tolist(), abs=1e-8)


def test_a_model_that_never_lost_has_no_finite_worth() -> None:
    with pytest.raises(InvalidEvidence, match="chain of wins"):
        bradley_terry([[0, 3, 2], [0, 0, 1], [0, 1, 0]])


def test_davidsons_model_of_one_pairing_is_exact() -> None:
    assert davidson(40, 20, 20) == pytest.approx((math.log(2), 0.7071067812))
    for wins, losses in ((0, 3), (3, 0)):
        with pytest.raises(InvalidEvidence, match="wins and losses above 0"):
            davidson(wins, losses, 1)
