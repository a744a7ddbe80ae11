"""Order statistics of Walsh averages (the means of every pair of values) without making them all.

40,000 values have 800 million averages: 6 GB, and minutes to sort. The k-th smallest is found by bisection:
how many averages lie below a value is counted in O(n log n), until so few are left between two bounds that
they can be made and sorted. The answers are bit for bit those of the sorted whole, which a test holds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

MADE_AT_ONCE: Final = 50_000
"""Averages that are made and sorted once no more are left between the bounds."""
ROUNDING: Final = 16 * np.finfo(np.float64).eps
"""More than the sum of two values can be off by, as a share of the largest."""


class WalshAverages:
    """The n(n+1)/2 means of every pair of ``values``, each with itself included, in ascending order.

    ``values`` may be +inf, never NaN or -inf.
    """

    def __init__(self, values: Floats) -> None:
        self.total = len(values) * (len(values) + 1) // 2
        finite = values[np.isfinite(values)]
        self._finite = len(finite) * (len(finite) + 1) // 2
        self._values, self._times = np.unique(finite, return_counts=True)
        self._before = np.concatenate([[0], np.cumsum(self._times)])
        largest = float(np.abs(self._values).max(initial=0.0))
        self._slack = ROUNDING * max(largest, np.finfo(np.float64).tiny)

    @property
    def median(self) -> float:
        """Of all averages; of an even number of them the mean of the middle two."""
        low, high = self[(self.total - 1) // 2], self[self.total // 2]
        return (low + high) / 2

    def __getitem__(self, rank: int) -> float:
        """The average with ``rank`` others below it; from the end where negative."""
        rank = rank + self.total if rank < 0 else rank
        if rank >= self._finite:
            return math.inf
        low, high = float(self._values[0]), float(self._values[-1])
        below_low, below_high = 0, self._finite
        while high - low > self._slack and below_high - below_low > MADE_AT_ONCE:
            middle = (low + high) / 2
            if (below := self._below(middle)) > rank:
                high, below_high = middle, below
            else:
                low, below_low = middle, below
        return self._made(rank, low - 4 * self._slack, high + 4 * self._slack)

    def _ends(self, bound: float) -> NDArray[np.int_]:
        """For each distinct value the first partner, from itself on, with which it reaches ``bound``."""
        reached = np.searchsorted(self._values, 2 * bound - self._values, side="left")
        return np.maximum(reached, np.arange(len(self._values)))

    def _below(self, bound: float) -> int:
        ends, own = self._ends(bound), np.arange(len(self._values))
        with_itself = np.where(ends > own, self._times * (self._times + 1) // 2, 0)
        larger = self._times * np.maximum(self._before[ends] - self._before[own + 1], 0)
        return int((with_itself + larger).sum())

    def _made(self, rank: int, low: float, high: float) -> float:
        first, last = self._ends(low), self._ends(high)
        many = last - first
        one = np.repeat(np.arange(len(many)), many)
        other = np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
        averages = (self._values[one] + self._values[other]) / 2
        same = self._times[one] * (self._times[one] + 1) // 2
        times = np.where(one == other, same, self._times[one] * self._times[other])
        order = np.argsort(averages, kind="stable")
        place = np.searchsorted(np.cumsum(times[order]), rank - self._below(low), side="right")
        return float(averages[order][place])


def signed_rank_depth_of_many(n: int, level: float) -> int:
    """The depth of :func:`core.decisions.latency.signed_rank_depth` by an Edgeworth series of three terms.

    The statistic is a sum of n independent ranks; made continuous by a uniform one, its cumulants are known
    exactly. From 200 differences on the series is off by less than a millionth, while one rank is worth more.
    """
    ranks = np.arange(1, n + 1, dtype=np.float64)
    mean, variance = n * (n + 1) / 4, float((ranks**2).sum()) / 4 + 1 / 12
    fourth = (-float((ranks**4).sum()) / 8 - 1 / 120) / variance**2
    sixth = float((ranks**6).sum()) / 4 / variance**3

    def share_up_to(value: int) -> float:
        z = (value + 0.5 - mean) / math.sqrt(variance)
        h3, h5 = z**3 - 3 * z, z**5 - 10 * z**3 + 15 * z
        h7 = z**7 - 21 * z**5 + 105 * z**3 - 105 * z
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return float(ndtr(z)) - density * (fourth / 24 * h3 + sixth / 720 * h5 + fourth**2 / 1152 * h7)

    low, high = -1, int(mean)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if share_up_to(middle) <= (1 - level) / 2 else (low, middle)
    return low + 1
