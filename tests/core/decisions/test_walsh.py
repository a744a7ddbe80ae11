"""Order statistics of many Walsh averages are those of the sorted whole, and the depth is the exact one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decisions import latency, walsh
from core.decisions.latency import hodges_lehmann, signed_rank_depth, walsh_averages
from core.decisions.walsh import WalshAverages, signed_rank_depth_of_many

VALUES = st.one_of(
    st.floats(-1e6, 1e6),
    st.sampled_from([0.1, 0.1 + 1e-17, 0.1 + 2e-17, -0.5, 3.0]),  # ties, and values one rounding apart
    st.just(math.inf),
)


@given(values=st.lists(VALUES, min_size=1, max_size=40), at_once=st.integers(1, 50), data=st.data())
def test_each_average_found_by_its_rank_is_bit_for_bit_that_of_the_sorted_whole(
    values: list[float], at_once: int, data: st.DataObject
) -> None:
    whole = walsh_averages(np.array(values))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(walsh, "MADE_AT_ONCE", at_once)
        found = WalshAverages(np.array(values))
        rank = data.draw(st.integers(0, len(whole) - 1))
        assert (found.total, found[rank], found[-rank - 1]) == (len(whole), whole[rank], whole[-rank - 1])
        assert found.median == float(np.median(whole))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.96, 0.99])
@pytest.mark.parametrize("n", [200, 317, 400, latency.MANY])
def test_the_series_gives_the_depth_of_the_exact_distribution(n: int, level: float) -> None:
    assert signed_rank_depth_of_many(n, level) == signed_rank_depth(n, level)


def test_many_differences_have_the_interval_that_all_averages_give(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.random.default_rng(0).normal(0.1, 0.2, size=300)
    of_all = hodges_lehmann(differences, level=0.9)
    monkeypatch.setattr(latency, "MANY", 10)
    assert hodges_lehmann(differences, level=0.9) == of_all
