"""The panel's own quality against published data, evalica, scipy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from evalica import alpha as evalica_alpha
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.decisions.agreement import (
    LOW_AGREEMENT,
    Sides,
    holm,
    krippendorff_alpha,
    panel_veto,
    side_bias,
    two_sided_binomial,
)
from core.errors import InvalidEvidence

# Two published reliability tables, a row for each rater.
WIKIPEDIA = ("*****34121133*3", "1*213343*******", "**21344*21133*4")
KRIPPENDORFF_2011 = ("123321412***", "1233224125*3", "*3332342251*", "12332441251*")
labels = st.lists(st.sampled_from(["baseline", "candidate", "tie"]), min_size=0, max_size=4)


def columns(raters: tuple[str, ...]) -> list[list[str]]:
    """The labels given to each item; a star is a missing one."""
    return [[label for label in item if label != "*"] for item in zip(*raters, strict=True)]


def test_alpha_of_the_published_tables_is_the_published_one() -> None:
    assert krippendorff_alpha(columns(WIKIPEDIA)) == pytest.approx(0.691358, abs=5e-7)
    assert krippendorff_alpha(columns(KRIPPENDORFF_2011)) == pytest.approx(904 / 1216, abs=1e-12)


@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", None]), min_size=3, max_size=3), min_size=2, max_size=12
    )
)
def test_alpha_is_that_of_evalica(table: list[list[str | None]]) -> None:
    ours = krippendorff_alpha([label for label in item if label is not None] for item in table)
    if not math.isnan(ours):
        theirs = evalica_alpha(pd.DataFrame(table).T, distance="nominal").alpha
        assert ours == pytest.approx(theirs, abs=1e-9)


@given(st.lists(labels, max_size=20))
def test_alpha_does_not_depend_on_what_the_labels_are_called(items: list[list[str]]) -> None:
    renamed = {"baseline": "candidate", "candidate": "baseline", "tie": "even"}
    here = krippendorff_alpha(items)
    there = krippendorff_alpha([[renamed[label] for label in item] for item in items])
    assert here == pytest.approx(there, nan_ok=True)


def test_alpha_is_one_for_full_agreement_and_unknown_when_nothing_can_disagree() -> None:
    assert krippendorff_alpha(["aa", "bb", "ab"[:1] * 3]) == pytest.approx(1.0)
    for silent in ([], ["a", "b"], ["aa", "aa"]):
        assert math.isnan(krippendorff_alpha(silent))


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_binomial_p_is_that_of_scipy(one: int, other: int) -> None:
    if one + other:
        expected = stats.binomtest(one, one + other).pvalue
        assert two_sided_binomial(one, one + other) == pytest.approx(expected)


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_adjustment_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def test_only_the_reviewer_who_always_clicks_one_side_is_flagged() -> None:
    bias = side_bias({"ada": Sides(20, 22), "bob": Sides(38, 4), "cy": Sides(0, 0)}, alpha=0.01)
    assert [name for name, found in bias.items() if found.flagged] == ["bob"]
    assert bias["bob"].left_share == pytest.approx(38 / 42)
    assert math.isnan(bias["cy"].left_share)
    assert side_bias({}, alpha=0.01) == {}


def test_the_veto_is_students_one_sided_t_test() -> None:
    means = np.random.default_rng(2).normal(0.56, 0.06, size=6)
    expected = stats.ttest_1samp(means, 0.5, alternative="greater").pvalue
    assert panel_veto(list(means), null_score=0.5, alpha=0.1).p == pytest.approx(expected)


def test_one_enthusiast_alone_does_not_carry_the_panel() -> None:
    assert not panel_veto([0.95, 0.5, 0.49, 0.51, 0.5], null_score=0.5, alpha=0.1).passed
    assert panel_veto([0.62, 0.58, 0.6, 0.57, 0.61], null_score=0.5, alpha=0.1).passed


@pytest.mark.parametrize("means", [[], [0.9], [0.5, 0.5, 0.5]])
def test_a_panel_that_says_nothing_is_no_approval(means: list[float]) -> None:
    assert not panel_veto(means, null_score=0.5, alpha=0.1).passed


def test_a_panel_of_one_mind_passes() -> None:
    assert panel_veto([0.75, 0.75, 0.75], null_score=0.5, alpha=0.1).passed


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InvalidEvidence, match="got 5 of 3"):
        two_sided_binomial(5, 3)


def test_reviewers_who_choose_at_random_are_warned_of_and_those_of_one_mind_are_not() -> None:
    rng = np.random.default_rng(5)
    first = rng.choice(["baseline", "candidate"], 400)
    random, agreed = rng.choice(["baseline", "candidate"], 400), first.copy()
    agreed[::10] = random[::10]
    assert krippendorff_alpha(zip(first, random, strict=True)) < LOW_AGREEMENT
    assert krippendorff_alpha(zip(first, agreed, strict=True)) > LOW_AGREEMENT
