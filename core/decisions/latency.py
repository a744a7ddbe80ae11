"""Paired timings: how many times as long the candidate takes, with intervals from the pairs themselves.

The unit is the prompt. Ratios are compared on the log scale, repeats of a prompt are averaged first (25
prompts rendered 4 times are 25 units, not 100), and a candidate that produced nothing counts as infinitely
slow, which methods based on ranks can take in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.decisions.proportions import Bounds
from core.decisions.walsh import WalshAverages, signed_rank_depth_of_many
from core.errors import InvalidEvidence

RESAMPLES: Final = 2000
MANY: Final = 500
"""Above so many prompts the averages are not all made, and the signed-rank distribution is not built."""
NEAR: Final = 5
"""Standard deviations of a rank within which nearly every resampled percentile lies."""


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
    Bootstrap Methods, 3.8). Seeded: the same evidence gives the same interval, and which prompts are drawn
    depends on their number alone, so that a slower candidate never has a lower bound. (0, inf) without data.
    """
    if not timings:
        return Bounds(math.nan, 0.0, math.inf)
    for timing in timings:
        _log_ratio(timing)
    names, prompt = np.unique([timing.prompt for timing in timings], return_inverse=True)
    candidate = np.array([math.inf if t.candidate is None else t.candidate for t in timings])
    baseline = np.array([t.baseline for t in timings])
    arms = [_Requests(values, prompt, percentile) for values in (candidate, baseline)]
    weighed = np.array([np.bincount(prompt), *(arm.below for arm in arms)], dtype=np.float64)
    ratios = []
    for drawn in chain([np.ones(len(names), dtype=np.int64)], _draws(len(names), seed, resamples)):
        requests, *below = (weighed @ drawn.astype(np.float64)).astype(int)
        wanted = math.ceil(percentile * requests - 1e-9)  # 0.95 * 20 must not be missed by a rounding error
        found = [arm.at(wanted, drawn, under) for arm, under in zip(arms, below, strict=True)]
        ratios.append(found[0] / found[1])
    tail = (1 - level) / 2
    low, high = np.quantile(ratios[1:], [tail, 1 - tail], method="inverted_cdf")
    return Bounds(float(ratios[0]), float(low), float(high))


def _draws(prompts: int, seed: int, resamples: int) -> Iterator[NDArray[np.int64]]:
    """How often each prompt is drawn in each resample, whatever the timings are."""
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(rng.integers(prompts, size=prompts), minlength=prompts)


class _Requests:
    """The requests of one arm by their time, when prompts are drawn several times or not at all.

    A percentile of a resample lies near that of the data: the requests near it are counted one by one, and
    those :attr:`below` as one. Where it does not, all are counted one by one: the answer is the same however
    few are near.
    """

    def __init__(self, values: NDArray[np.float64], prompt: NDArray[np.int_], share: float) -> None:
        order, asked = np.argsort(values, kind="stable"), np.bincount(prompt)
        self._values, self._prompt = values[order], prompt[order]
        deviation = math.sqrt(share * (1 - share) * float((asked.astype(np.float64) ** 2).sum()))
        reach = NEAR * deviation
        first = max(0, math.floor(share * len(values) - reach))
        self._near = slice(first, math.ceil(share * len(values) + reach) + 1)
        self.below = np.bincount(self._prompt[:first], minlength=len(asked))
        """By prompt, its requests that are faster than those near."""

    def at(self, rank: int, drawn: NDArray[np.int64], below: int) -> np.float64:
        """The time of the request of this rank, from 1; ``below``: how many of those below were drawn."""
        values, counted = self._values[self._near], below + np.cumsum(drawn[self._prompt[self._near]])
        if not below < rank <= counted[-1]:
            values, counted = self._values, np.cumsum(drawn[self._prompt])
        time: np.float64 = values[np.searchsorted(counted, rank)]
        return time


def _log_ratio(timing: Timing) -> float:
    for value in (timing.baseline, timing.candidate):
        if value is not None and not 0 < value < math.inf:
            raise InvalidEvidence(f"prompt {timing.prompt}: expected a positive, finite time, got {value}")
    return math.inf if timing.candidate is None else math.log(timing.candidate / timing.baseline)


def _exp(value: float) -> float:
    return math.exp(value) if value < math.inf else math.inf
