"""Several models on one scale, from the counts of who was preferred to whom. For display: no gate ranks.

The scores are fitted to all verdicts at once; a running Elo would depend on the order they came in.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InvalidEvidence

MOST_ROUNDS: Final = 10_000


class TwoModels(NamedTuple):
    """Davidson's model of one pairing."""

    log_worth: float
    """Log of the odds that a decisive verdict favours the first model."""
    tie_weight: float
    """nu: the share of ties against the geometric mean of the decisive shares."""


def bradley_terry(wins: ArrayLike) -> NDArray[np.float64]:
    """Log worths, mean 0, from ``wins[i][j]``: how often i was preferred to j (a tie is half a win for both).

    Maximum likelihood by Hunter's MM iteration (Ann. Statist. 32, 2004) of the Bradley–Terry model (1952).

    Raises:
        InvalidEvidence: when some models never won, or never lost, against the others together, so that no
            finite worth exists.
    """
    won = np.array(wins, dtype=float)
    np.fill_diagonal(won, 0.0)
    _check_connected(won)
    games = won + won.T
    worth = np.ones(len(won))
    for _ in range(MOST_ROUNDS):
        updated = won.sum(axis=1) / (games / (worth[:, None] + worth)).sum(axis=1)
        updated /= np.exp(np.log(updated).mean())
        if np.allclose(updated, worth, rtol=1e-12, atol=0):
            break
        worth = updated
    logs: NDArray[np.float64] = np.log(worth)
    return logs


def davidson(wins: float, losses: float, ties: float) -> TwoModels:
    """Worth and ties of one pairing (Davidson, JASA 65, 1970): for two models the fit is exact.

    Raises:
        InvalidEvidence: without at least one win and one loss.
    """
    if wins <= 0 or losses <= 0 or ties < 0:
        raise InvalidEvidence(f"expected wins and losses above 0, got {wins} and {losses} (and {ties} ties)")
    return TwoModels(math.log(wins / losses), ties / math.sqrt(wins * losses))


def _check_connected(won: NDArray[np.float64]) -> None:
    """Everyone must have beaten everyone else through some chain of wins (Ford's condition)."""
    reach = np.linalg.matrix_power((won > 0) + np.eye(len(won)), len(won)) > 0
    if not reach.all():
        raise InvalidEvidence("expected every model to be reachable from every other by a chain of wins")
