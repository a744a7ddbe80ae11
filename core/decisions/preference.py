"""Which model a panel prefers: betting evidence that may be read after every unit.

A unit is one prompt, its score the mean of its verdicts (candidate 1, tie or both bad 1/2, baseline 0), or
NaN when it expired without its verdicts. Against a hypothesis about the mean score one bets a fixed stake on
each unit; if the hypothesis is true the wealth is a nonnegative supermartingale that started at 1, so that

    P(wealth ever reaches 1/a) <= a        (Ville 1939)

however often one looks and whenever one stops. Wealth "up" bets against *no better than the null score*,
wealth "down" against *at least as good as hoped*. Betting on bounded means: Waudby-Smith & Ramdas,
"Estimating means of bounded random variables by betting", JRSS-B 86 (2024).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from core.errors import InvalidEvidence

EFFECTS: Final = (0.04, 0.075, 0.15)
"""Distances of the mean score from the hypothesis that the three bets are made for."""
EFFECT_WEIGHTS: Final = (0.25, 0.5, 0.25)
VERDICT_VARIANCE: Final = 0.2
"""Variance of one verdict's score: 22% ties give .195. A guess until real panels have been logged."""
VERDICT_CORRELATION: Final = 0.2
"""Correlation of two verdicts on one prompt. A guess, as above."""
LARGEST_STAKE: Final = 0.9
"""Share of the wealth that one unit can cost at most."""
FEWEST_UNITS_FOR_FINAL_TEST: Final = 30


class Course(StrEnum):
    """Where a preference test stands."""

    COLLECTING = "collecting"
    APPROVED = "approved"
    REJECTED = "rejected"
    INCONCLUSIVE = "inconclusive"
    """Every planned unit is closed and neither threshold was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencePlan:
    """The test as frozen before the first verdict.

    Raises:
        InvalidEvidence: for a plan that could not be carried out.
    """

    planned_units: int
    """N_max: the one final test is made when this many units are closed."""
    verdicts_per_unit: int = 1
    null_score: float = 0.5
    """Approval refutes "the mean score is at most this"."""
    hoped_score: float = 0.575
    """Rejection refutes "the mean score is at least this"; .575 is about 60/40 of decisive verdicts."""
    alpha_sequential: float = 0.02
    alpha_final: float = 0.03
    alpha_reject: float = 0.10
    max_missing_share: float = 0.05

    def __post_init__(self) -> None:
        if self.planned_units < 1 or self.verdicts_per_unit < 1:
            raise InvalidEvidence(
                "expected at least 1 unit and 1 verdict a unit, "
                f"got {self.planned_units} and {self.verdicts_per_unit}"
            )
        if not 0 < self.null_score < self.hoped_score < 1:
            raise InvalidEvidence(
                f"expected 0 < null score < hoped score < 1, got {self.null_score} and {self.hoped_score}"
            )


class Decision(NamedTuple):
    """How a test stands; once it left ``collecting`` no later unit changes it."""

    course: Course
    unit: int | None
    """The unit, counted from 1, at which it was decided."""
    by_final_test: bool


class ManyDecided(NamedTuple):
    """Many tests of one plan at once; arrays of shape (tests,)."""

    approved: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    unit: NDArray[np.int_]
    """Where the test ended; the number of closed units while it has not."""
    by_final_test: NDArray[np.bool_]


class ScoreInterval(NamedTuple):
    """Scores that the units so far do not refute; valid at any time, however often it is read."""

    low: float
    high: float
    level: float


def net_preference(score: float) -> float:
    """A mean score in [0, 1] as net preference in [-1, 1]: share for the candidate minus share against."""
    return 2 * score - 1


def bets(reference: float, verdicts_per_unit: int = 1) -> NDArray[np.float64]:
    """The three stakes against "the mean score is at most ``reference``", shape (3,).

    Each is near the growth-optimal stake for its effect, effect / variance of a unit's score, capped so
    that one unit costs at most nine tenths of the wealth.
    """
    correlated = 1 + VERDICT_CORRELATION * (verdicts_per_unit - 1)
    variance = VERDICT_VARIANCE * correlated / verdicts_per_unit
    return np.minimum(np.array(EFFECTS) / variance, LARGEST_STAKE / reference)


def log_wealth_above(scores: ArrayLike, reference: float, verdicts_per_unit: int = 1) -> NDArray[np.float64]:
    """Log evidence, after each unit, that the mean score is above ``reference`` (log E_up).

    Args:
        scores: unit scores in [0, 1], shape (…, units); NaN is a unit that expired and moves nothing.

    Returns:
        Shape (…, units); 0 means no evidence, log 50 is refuted at .02.
    """
    excess = np.nan_to_num(_checked(scores) - reference, nan=0.0)
    growth = np.log1p(bets(reference, verdicts_per_unit)[:, None] * excess[..., None, :])
    return _mixed(np.cumsum(growth, axis=-1))


def log_wealth_below(scores: ArrayLike, reference: float, verdicts_per_unit: int = 1) -> NDArray[np.float64]:
    """Log evidence, after each unit, that the mean score is below ``reference`` (log E_dn): the mirror."""
    return log_wealth_above(1 - _checked(scores), 1 - reference, verdicts_per_unit)


def decide(scores: Sequence[float], plan: PreferencePlan) -> Decision:
    """Fold the closed units, in their frozen order, into a decision. Only the planned units count."""
    many = decide_many(np.array([scores], dtype=float), plan)
    if many.approved[0] or many.rejected[0]:
        course = Course.APPROVED if many.approved[0] else Course.REJECTED
        return Decision(course, int(many.unit[0]), bool(many.by_final_test[0]))
    if len(scores) >= plan.planned_units:
        return Decision(Course.INCONCLUSIVE, plan.planned_units, True)
    return Decision(Course.COLLECTING, None, False)


def decide_many(scores: NDArray[np.float64], plan: PreferencePlan) -> ManyDecided:
    """The same fold over many tests, shape (tests, units).

    Approve at the first unit where wealth up reaches 1/alpha_sequential and not too many units are missing;
    reject at the first where wealth down reaches 1/alpha_reject; when both happen at once, reject. A test
    that reached the last planned unit undecided gets the one final test.
    """
    scores = scores[:, : plan.planned_units]
    units = scores.shape[1]
    above = log_wealth_above(scores, plan.null_score, plan.verdicts_per_unit)
    below = log_wealth_below(scores, plan.hoped_score, plan.verdicts_per_unit)
    up = _first((above >= -math.log(plan.alpha_sequential)) & _enough_present(scores, plan))
    down = _first(below >= -math.log(plan.alpha_reject))
    approved, rejected = up < down, (down <= up) & (down <= units)
    undecided = ~(approved | rejected) & (units == plan.planned_units)
    if undecided.any():
        approved |= undecided & final_test(scores, plan)
    return ManyDecided(approved, rejected, np.minimum(np.minimum(up, down), units), undecided)


def final_test(scores: NDArray[np.float64], plan: PreferencePlan) -> NDArray[np.bool_]:
    """One-sided t-test of "the mean score is at most the null score" at alpha_final, shape (tests,).

    It spends what the sequential part left of the error; valid only once, at the frozen number of units.
    """
    present = ~np.isnan(scores)
    count = present.sum(axis=-1)
    deviation = np.where(present, scores - plan.null_score, 0.0)
    mean = deviation.sum(axis=-1) / np.maximum(count, 1)
    squares = np.where(present, (deviation - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    standard_error = np.sqrt(squares / np.maximum(count - 1, 1) / np.maximum(count, 1))
    beyond = mean > standard_error * stdtrit(np.maximum(count - 1, 1), 1 - plan.alpha_final)
    usable = (count >= FEWEST_UNITS_FOR_FINAL_TEST) & (standard_error > 0)
    enough: NDArray[np.bool_] = beyond & usable & _enough_present(scores, plan)[..., -1]
    return enough


def score_interval(scores: Sequence[float], plan: PreferencePlan) -> ScoreInterval:
    """Anytime-valid interval of the mean score: what neither side's bets have refuted at alpha_sequential."""
    values = _checked(scores)
    low = _largest_refuted(values, plan)
    high = 1 - _largest_refuted(1 - values, plan)
    return ScoreInterval(low, high, 1 - 2 * plan.alpha_sequential)


def _checked(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=float)
    if np.any((values < 0) | (values > 1)):
        raise InvalidEvidence(f"expected scores in [0, 1], got {np.nanmin(values)} to {np.nanmax(values)}")
    return values


def _mixed(log_wealth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted mean over the bets, which stand on the last axis but one."""
    weighted = log_wealth + np.log(EFFECT_WEIGHTS)[:, None]
    mixed: NDArray[np.float64] = np.logaddexp.reduce(weighted, axis=-2)
    return mixed


def _first(reached: NDArray[np.bool_]) -> NDArray[np.int_]:
    """The first unit, from 1, at which something holds; one more than there are when it never does."""
    never = np.ones((*reached.shape[:-1], 1), dtype=bool)
    first: NDArray[np.int_] = np.concatenate([reached, never], axis=-1).argmax(axis=-1) + 1
    return first


def _enough_present(scores: NDArray[np.float64], plan: PreferencePlan) -> NDArray[np.bool_]:
    missing = np.cumsum(np.isnan(scores), axis=-1)
    enough: NDArray[np.bool_] = missing <= plan.max_missing_share * np.arange(1, scores.shape[-1] + 1)
    return enough


def _largest_refuted(values: NDArray[np.float64], plan: PreferencePlan) -> float:
    """Bisect: the wealth against "at most m" falls as m grows, so the refuted m form an interval from 0."""
    low, high = 0.0, 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        wealth = log_wealth_above(values, middle, plan.verdicts_per_unit)
        refuted = (wealth[-1:] >= -math.log(plan.alpha_sequential)).any()  # nothing is, without a unit
        low, high = (middle, high) if refuted else (low, middle)
    return low
