"""Decision rules that teams use today, to be measured beside Sidegrade's own; none of them gates anything.

Each takes verdict scores of shape (rollouts, verdicts) in the order they came in (candidate 1, tie 1/2,
baseline 0) and tells for each rollout whether it approved and after how many verdicts it ended.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import bdtrc

Scores = NDArray[np.float64]


class Ends(NamedTuple):
    """How each rollout ended."""

    approved: NDArray[np.bool_]
    verdicts: NDArray[np.int_]


class SprtBounds(NamedTuple):
    """Wald's thresholds on the log likelihood ratio."""

    reject: float
    approve: float


def share_of_wins(scores: Scores, *, share: float = 0.8, fewest: int = 10) -> Ends:
    """Approve as soon as ``share`` of the decisive verdicts favour the candidate, looking after each."""
    wins, losses = np.cumsum(scores == 1, axis=1), np.cumsum(scores == 0, axis=1)
    return _ended((wins >= share * (wins + losses) - 1e-9) & (wins + losses >= fewest))


def peeking(scores: Scores, *, alpha: float = 0.05, fewest: int = 10) -> Ends:
    """Approve as soon as the one-sided exact binomial p of the decisive verdicts is below ``alpha``."""
    wins, losses = np.cumsum(scores == 1, axis=1), np.cumsum(scores == 0, axis=1)
    p = np.where(wins > 0, bdtrc(wins - 1, np.maximum(wins + losses, 1), 0.5), 1.0)
    return _ended((p < alpha) & (np.arange(1, scores.shape[1] + 1) >= fewest))


def one_look(scores: Scores, *, alpha: float = 0.05) -> Ends:
    """The same test, once, when all verdicts are in."""
    wins, losses = (scores == 1).sum(axis=1), (scores == 0).sum(axis=1)
    p = np.where(wins > 0, bdtrc(wins - 1, np.maximum(wins + losses, 1), 0.5), 1.0)
    return Ends(p < alpha, np.full(len(scores), scores.shape[1]))


def sprt_bounds(*, alpha: float, beta: float) -> SprtBounds:
    """Thresholds of the sequential probability ratio test (Wald, Ann. Math. Statist. 16, 1945)."""
    return SprtBounds(math.log(beta / (1 - alpha)), math.log((1 - beta) / alpha))


def wald_sprt(
    scores: Scores, *, null: float = 0.5, hoped: float = 0.6, alpha: float = 0.05, beta: float = 0.05
) -> Ends:
    """Wald's test of the decisive verdicts, "share is ``null``" against "share is ``hoped``"."""
    win_step, loss_step = math.log(hoped / null), math.log((1 - hoped) / (1 - null))
    ratio = np.cumsum(np.select([scores == 1, scores == 0], [win_step, loss_step], 0.0), axis=1)
    bounds = sprt_bounds(alpha=alpha, beta=beta)
    return _ended(ratio >= bounds.approve, stopped=ratio <= bounds.reject)


def gsprt_llr(counts: list[int], *, nelo0: float, nelo1: float) -> float:
    """Log likelihood ratio of chess engine testing: pairs of games with swapped colours, normalised Elo.

    ``counts`` are pairs that scored 0, 1/4, … 1. Generalised: both hypotheses fix only the t-value
    (mean - 1/2) / sd, and each is given the most likely distribution that has it (Van den Bergh,
    "The generalized maximum likelihood ratio for the expectation value of a distribution").
    """
    weights = np.maximum(np.array(counts, dtype=float), 1e-3)
    observed = weights / weights.sum()
    elo_per_t = 800 / math.log(10) / math.sqrt(2)
    under = [_likeliest_with_t_value(observed, nelo / elo_per_t) for nelo in (nelo0, nelo1)]
    return float(weights.sum() * (observed * np.log(under[1] / under[0])).sum())


def _likeliest_with_t_value(observed: NDArray[np.float64], t: float) -> NDArray[np.float64]:
    """The distribution closest to the observed one whose (mean - 1/2) / sd is ``t``: a fixed point."""
    values = np.linspace(0, 1, len(observed))
    fitted = observed
    for _ in range(100):
        mean = fitted @ values
        sd = math.sqrt(fitted @ (values - mean) ** 2)
        slope = values - 0.5 - t * sd * (1 + ((values - mean) / sd) ** 2) / 2
        updated = observed / (1 + _multiplier(observed, slope) * slope)
        if np.abs(updated - fitted).max() < 1e-12:
            break
        fitted = updated
    return fitted


def _multiplier(observed: NDArray[np.float64], slope: NDArray[np.float64]) -> float:
    """The Lagrange multiplier of "the mean of ``slope`` is 0"; the ends keep every probability positive."""
    low, high = -1 / slope.max() + 1e-9, -1 / slope.min() - 1e-9
    return float(brentq(lambda x: (observed * slope / (1 + x * slope)).sum(), low, high, xtol=1e-14))


def _ended(approving: NDArray[np.bool_], stopped: NDArray[np.bool_] | None = None) -> Ends:
    """The first verdict at which a rule approves or stops; the last one when it never does."""
    over = approving if stopped is None else approving | stopped
    first = np.where(over.any(axis=1), over.argmax(axis=1), over.shape[1] - 1)
    return Ends(approving[np.arange(len(over)), first], first + 1)
