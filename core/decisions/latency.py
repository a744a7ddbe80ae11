"""Paired timings: how many times as long the candidate takes, with intervals from the pairs themselves.

The unit is the prompt. Ratios are compared on the log scale, repeats of a prompt are averaged first (25
prompts rendered 4 times are 25 units, not 100), and a candidate that produced nothing counts as infinitely
slow, which methods based on ranks can take in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.decisions.proportions import Bounds
from core.decisions.walsh import WalshAverages, signed_rank_depth_of_many
from core.errors import InvalidEvidence

RESAMPLES: Final = 2000
MANY: Final = 500
"""Above so many prompts the averages are not all made, and the signed-rank distribution is not built."""
MANY_TO_DRAW: Final = 2000
"""Above so many prompts only those near the percentile are drawn one by one."""
NEAR: Final = 8
"""Standard deviations of a rank within which a resampled percentile lies, but once in 10^15."""


class Timing(NamedTuple):
    """One prompt and repeat on both arms, in any one unit. None: that arm gave no result."""

    prompt: str
    baseline: float
    candidate: float | None


def prompt_log_ratios(timings: Sequence[Timing]) -> NDArray[np.float64]:
    """Mean of log(candidate / baseline) for each prompt, sorted by prompt; +inf where a candidate is missing.

    Raises:
        InvalidEvidence: for a time that is not a positive, finite number.
    """
    by_prompt: dict[str, list[float]] = {}
    for timing in timings:
        by_prompt.setdefault(timing.prompt, []).append(_log_ratio(timing))
    ratios = [by_prompt[prompt] for prompt in sorted(by_prompt)]
    return np.array([np.mean(one) if len(one) > 1 else one[0] for one in ratios], dtype=float)


def median_ratio(timings: Sequence[Timing], *, level: float) -> Bounds:
    """How many times as long the candidate typically takes: Hodges–Lehmann, exact signed-rank interval.

    The pseudo-median of the prompts' log ratios (Hodges & Lehmann, Ann. Math. Statist. 34, 1963) and the
    interval of Walsh averages that the signed-rank test does not reject (Hollander & Wolfe, Nonparametric
    Statistical Methods, 3.3), turned back into a ratio. (0, inf) when there are too few prompts.
    """
    estimate, low, high = hodges_lehmann(prompt_log_ratios(timings), level=level)
    return Bounds(_exp(estimate), _exp(low), _exp(high))


def hodges_lehmann(differences: NDArray[np.float64], *, level: float) -> Bounds:
    """Pseudo-median of paired differences with its exact interval; values may be +inf, never NaN or -inf.

    (-inf, inf) when even the widest interval would not reach the level: below 5 differences at 90%.
    """
    if len(differences) > MANY:
        return _of_many(differences, level)
    walsh = walsh_averages(differences)
    if len(walsh) == 0:
        return Bounds(math.nan, -math.inf, math.inf)
    estimate = float(np.median(walsh))
    depth = signed_rank_depth(len(differences), level)
    if depth == 0:
        return Bounds(estimate, -math.inf, math.inf)
    return Bounds(estimate, float(walsh[depth - 1]), float(walsh[-depth]))


def _of_many(differences: NDArray[np.float64], level: float) -> Bounds:
    """The same from the few averages that are asked for."""
    _require_differences(differences)
    walsh, depth = WalshAverages(differences), signed_rank_depth_of_many(len(differences), level)
    return Bounds(walsh.median, walsh[depth - 1], walsh[-depth])


def _require_differences(differences: NDArray[np.float64]) -> None:
    if np.any(np.isnan(differences) | np.isneginf(differences)):
        raise InvalidEvidence("expected differences that are numbers or +inf, got NaN or -inf")


def walsh_averages(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sorted means of every pair of values, each value with itself included: n(n+1)/2 of them."""
    _require_differences(differences)
    first, second = np.triu_indices(len(differences))
    return np.sort((differences[first] + differences[second]) / 2)


@lru_cache(maxsize=64)
def signed_rank_depth(n: int, level: float) -> int:
    """The k such that the interval runs from the k-th smallest to the k-th largest Walsh average.

    The largest k with P(V < k) <= (1-level)/2; 0 when there is none. V is the signed-rank statistic of n
    symmetric differences; its distribution is built exactly, one rank at a time.
    """
    top = n * (n + 1) // 4
    probability = np.zeros(top + 1)
    probability[0] = 1.0
    for rank in range(1, n + 1):
        without = probability.copy()
        probability *= 0.5
        if rank <= top:
            probability[rank:] += 0.5 * without[:-rank]
    return int(np.searchsorted(np.cumsum(probability), (1 - level) / 2, side="right"))


def percentile_ratio(
    timings: Sequence[Timing], *, percentile: float, level: float, seed: int, resamples: int = RESAMPLES
) -> Bounds:
    """Ratio of the arms' percentiles over all requests, with a bootstrap interval that draws whole prompts.

    Drawing prompts, not requests, keeps a prompt's repeats together (cluster bootstrap: Davison & Hinkley,
    Bootstrap Methods, 3.8). Seeded: the same evidence gives the same interval. (0, inf) without data.
    """
    if not timings:
        return Bounds(math.nan, 0.0, math.inf)
    for timing in timings:
        _log_ratio(timing)
    names, prompt = np.unique([timing.prompt for timing in timings], return_inverse=True)
    candidate = np.array([math.inf if t.candidate is None else t.candidate for t in timings])
    baseline = np.array([t.baseline for t in timings])
    if len(names) > MANY_TO_DRAW:
        ratios = _ratios_of_many(candidate, baseline, prompt, percentile, seed=seed, resamples=resamples)
    else:
        equal = np.full(len(names), 1 / len(names))
        draws = np.random.default_rng(seed).multinomial(len(names), equal, size=resamples)
        weights = np.vstack([np.ones(len(names), dtype=int), draws])[:, prompt]
        ratios = _percentiles(candidate, weights, percentile) / _percentiles(baseline, weights, percentile)
    tail = (1 - level) / 2
    low, high = np.quantile(ratios[1:], [tail, 1 - tail], method="inverted_cdf")
    return Bounds(float(ratios[0]), float(low), float(high))


def _ratios_of_many(
    candidate: NDArray[np.float64],
    baseline: NDArray[np.float64],
    prompt: NDArray[np.int_],
    share: float,
    *,
    seed: int,
    resamples: int,
) -> NDArray[np.float64]:
    """The ratios of :func:`percentile_ratio`, of which the first is of the data themselves.

    The percentile of a resample lies near that of the data. Prompts whose requests are all farther away are
    not told apart: those with as many requests below, on each arm, and in all are drawn as one, with the sum
    of their chances, which is the same distribution. Another stream of random numbers than that of a few
    prompts, so the interval differs from theirs by what two seeds differ by.
    """
    arms = (candidate, baseline)
    asked = np.bincount(prompt)
    deviation = math.sqrt(share * (1 - share) * float((asked.astype(np.float64) ** 2).sum()))
    places = [_places_near(values, share, NEAR * deviation) for values in arms]
    near = np.zeros(len(asked), dtype=bool)
    below = []
    for place in places:
        near |= np.bincount(prompt, weights=place == 0, minlength=len(asked)) > 0
        below.append(np.bincount(prompt, weights=place < 0, minlength=len(asked)).astype(int))
    alike = np.where(near, np.arange(len(asked)), -1)
    kinds, kind, times = np.unique(
        np.column_stack([*below, asked, alike]), axis=0, return_inverse=True, return_counts=True
    )
    draws = np.random.default_rng(seed).multinomial(len(asked), times / len(asked), size=resamples)
    drawn = np.vstack([times, draws])
    total = drawn @ kinds[:, 2]
    found = [
        _percentiles_near(values, place, drawn, kind.ravel()[prompt], drawn @ kinds[:, arm], total, share)
        for arm, (values, place) in enumerate(zip(arms, places, strict=True))
    ]
    ratios: NDArray[np.float64] = found[0] / found[1]
    return ratios


def _places_near(values: NDArray[np.float64], share: float, reach: float) -> NDArray[np.int_]:
    """For each value -1 where it lies below those near its percentile, 1 above them, 0 among them."""
    ordered, middle = np.sort(values), math.ceil(share * len(values))
    low = ordered[max(0, math.floor(middle - reach))]
    high = ordered[min(len(values) - 1, math.ceil(middle + reach))]
    return np.where(values < low, -1, np.where(values > high, 1, 0))


def _percentiles_near(
    values: NDArray[np.float64],
    place: NDArray[np.int_],
    drawn: NDArray[np.int_],
    kind: NDArray[np.int_],
    below: NDArray[np.int_],
    total: NDArray[np.int_],
    share: float,
) -> NDArray[np.float64]:
    """For each resample the smallest value with at least ``share`` of the weight at or below it.

    ``below``: the weight of the requests below those near, among the kinds that hold none of the near ones
    and those that do.
    """
    near = np.flatnonzero(place == 0)
    order = near[np.argsort(values[near], kind="stable")]
    reached = (
        below[:, None] + np.cumsum(drawn[:, kind[order]], axis=1) >= np.ceil(share * total - 1e-9)[:, None]
    )
    picked: NDArray[np.float64] = values[order][reached.argmax(axis=1)]
    return picked


def _percentiles(values: NDArray[np.float64], weights: NDArray[np.int_], share: float) -> NDArray[np.float64]:
    """For each row of weights the smallest value with at least ``share`` of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[:, order], axis=1)
    # Half a count of slack: 0.95 * 20 must not be missed by a rounding error.
    reached = below >= np.ceil(share * below[:, -1:] - 1e-9)
    picked: NDArray[np.float64] = values[order][reached.argmax(axis=1)]
    return picked


def _log_ratio(timing: Timing) -> float:
    for value in (timing.baseline, timing.candidate):
        if value is not None and not 0 < value < math.inf:
            raise InvalidEvidence(f"prompt {timing.prompt}: expected a positive, finite time, got {value}")
    return math.inf if timing.candidate is None else math.log(timing.candidate / timing.baseline)


def _exp(value: float) -> float:
    return math.exp(value) if value < math.inf else math.inf
