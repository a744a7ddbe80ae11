"""Shares and exact tests against published tables, scipy and statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from core.decisions.proportions import (
    clopper_pearson,
    clopper_pearson_upper,
    mcnemar_exact,
    wilson,
)
from core.errors import InvalidEvidence

share = st.integers(0, 300).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def test_mcnemars_exact_p_is_the_published_one() -> None:
    assert mcnemar_exact(86, 150) == pytest.approx(3.7159361e-05, rel=1e-7)


@given(st.integers(0, 80), st.integers(0, 80))
def test_mcnemars_exact_p_is_that_of_statsmodels(one: int, other: int) -> None:
    expected = mcnemar([[5, one], [other, 5]], exact=True).pvalue if one + other else 1.0
    assert mcnemar_exact(one, other) == pytest.approx(min(1.0, expected), rel=1e-9)


@given(share, st.sampled_from([0.9, 0.95, 0.99]))
def test_intervals_of_a_share_are_those_of_statsmodels(counts: tuple[int, int], level: float) -> None:
    successes, total = counts
    if total:
        ours = (wilson(successes, total, level=level), clopper_pearson(successes, total, level=level))
        for bounds, method in zip(ours, ("wilson", "beta"), strict=True):
            expected = proportion_confint(successes, total, alpha=1 - level, method=method)
            assert bounds[1:] == pytest.approx(expected, abs=1e-9)


@given(share)
def test_the_exact_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    successes, total = counts
    if total:
        expected = stats.binomtest(successes, total).proportion_ci(0.9, method="exact")
        assert clopper_pearson(successes, total, level=0.9)[1:] == pytest.approx(tuple(expected), abs=1e-9)


def test_without_data_nothing_is_excluded() -> None:
    assert wilson(0, 0, level=0.9)[1:] == (0.0, 1.0)
    assert clopper_pearson(0, 0, level=0.9)[1:] == (0.0, 1.0)
    assert clopper_pearson_upper(0, 0, confidence=0.95) == 1.0
    assert mcnemar_exact(0, 0) == 1.0


@pytest.mark.parametrize(("clean", "bound"), [(59, 0.95), (299, 0.99)])
def test_a_row_of_clean_cases_proves_what_the_rule_of_thumb_says(clean: int, bound: float) -> None:
    assert 1 - clopper_pearson_upper(0, clean, confidence=0.95) >= bound
    assert 1 - clopper_pearson_upper(0, clean - 1, confidence=0.95) < bound


@pytest.mark.parametrize(("successes", "total"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(successes: int, total: int) -> None:
    with pytest.raises(InvalidEvidence, match=f"got {successes} of {total}"):
        wilson(successes, total, level=0.9)
