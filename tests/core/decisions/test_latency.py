"""Paired timings against published data and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.decisions import latency
from core.decisions.latency import (
    Timing,
    hodges_lehmann,
    median_ratio,
    percentile_ratio,
    prompt_log_ratios,
    signed_rank_depth,
)
from core.errors import InvalidEvidence

# Hollander & Wolfe, Nonparametric Statistical Methods, table 3.1: depression before, after a tranquilliser.
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
milliseconds = st.floats(1, 5000)
timings = st.lists(
    st.builds(Timing, prompt=st.sampled_from("abcdefgh"), baseline=milliseconds, candidate=milliseconds),
    min_size=1,
    max_size=30,
)


def slower_by(factor: float, *, prompts: int = 60, spread: float = 0.1, seed: int = 1) -> list[Timing]:
    """Two repeats of each prompt whose candidate takes ``factor`` times as long, up to noise."""
    rng = np.random.default_rng(seed)
    noise = np.exp(spread * rng.standard_normal((prompts, 2)))
    return [
        Timing(f"p{i}", 400.0, 400 * factor * noise[i, repeat]) for i in range(prompts) for repeat in (0, 1)
    ]


def test_the_pseudo_median_of_the_depression_data_is_the_published_one() -> None:
    assert hodges_lehmann(BEFORE - AFTER, level=0.95).estimate == pytest.approx(0.46)
    test = stats.wilcoxon(BEFORE - AFTER, alternative="greater", mode="exact")
    assert (test.statistic, test.pvalue) == pytest.approx((40, 0.01953125))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_the_interval_is_what_the_exact_signed_rank_test_does_not_reject(level: float) -> None:
    differences = np.random.default_rng(5).normal(0.2, 1, size=14)
    bounds = hodges_lehmann(differences, level=level)

    def p(shift: float) -> float:
        return float(stats.wilcoxon(differences - shift, mode="exact").pvalue)

    assert p(bounds.low + 1e-9) > 1 - level >= p(bounds.low - 1e-9)
    assert p(bounds.high - 1e-9) > 1 - level >= p(bounds.high + 1e-9)


@pytest.mark.parametrize("n", [5, 9, 30])
def test_the_depth_is_the_quantile_of_the_exact_distribution(n: int) -> None:
    signs = np.random.default_rng(0).random((200_000, n)) < 0.5
    simulated = np.quantile((signs * np.arange(1, n + 1)).sum(axis=1), 0.05)
    assert signed_rank_depth(n, 0.9) == pytest.approx(simulated, abs=max(1.0, 0.02 * n * n))


def test_the_normal_approximation_agrees_at_many_prompts() -> None:
    n = 400
    mean, sd = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    assert signed_rank_depth(n, 0.9) == pytest.approx(mean - 1.6449 * sd, rel=1e-3)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_prompts_exclude_nothing(n: int) -> None:
    assert hodges_lehmann(np.full(n, 0.3), level=0.9)[1:] == (-math.inf, math.inf)


def test_five_equal_prompts_are_the_fewest_that_exclude_something() -> None:
    assert hodges_lehmann(np.full(5, 0.3), level=0.9) == pytest.approx((0.3, 0.3, 0.3))


def test_repeats_of_a_prompt_are_one_unit() -> None:
    repeated = [Timing("a", 100, 120)] * 50 + [Timing("b", 100, 90)]
    assert prompt_log_ratios(repeated) == pytest.approx([math.log(1.2), math.log(0.9)])


def test_a_missing_candidate_counts_as_infinitely_slow() -> None:
    most = slower_by(1.0, prompts=20)
    one_lost = median_ratio([*most, Timing("lost", 400, None)], level=0.9)
    half_lost = median_ratio([Timing(t.prompt, t.baseline, None) for t in most], level=0.9)
    assert one_lost.high < math.inf
    assert one_lost.estimate > median_ratio(most, level=0.9).estimate
    assert half_lost.estimate == half_lost.high == math.inf


def test_a_candidate_without_any_time_is_infinitely_slow_in_its_percentile_too() -> None:
    lost = [Timing(f"p{i}", 400, None) for i in range(60)]
    assert percentile_ratio(lost, percentile=0.95, level=0.9, seed=0) == (math.inf, math.inf, math.inf)


@given(timings)
def test_swapping_the_arms_inverts_the_ratio(evidence: list[Timing]) -> None:
    swapped = [Timing(t.prompt, t.candidate or math.nan, t.baseline) for t in evidence]
    here, there = median_ratio(evidence, level=0.9), median_ratio(swapped, level=0.9)
    assert here.estimate == pytest.approx(1 / there.estimate)
    if there.low > 0:
        assert (here.low, here.high) == pytest.approx((1 / there.high, 1 / there.low))


@given(timings.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_requests_changes_nothing(rows: tuple[list[Timing], list[Timing]]) -> None:
    one, other = rows
    assert median_ratio(one, level=0.9) == pytest.approx(median_ratio(other, level=0.9))
    first, second = (percentile_ratio(row, percentile=0.95, level=0.9, seed=4, resamples=40) for row in rows)
    assert first == second


def test_the_percentile_ratio_finds_a_slow_tail_that_the_median_hides() -> None:
    tail = [Timing(f"p{i}", 400, 400 if i % 5 else 1600) for i in range(100)]
    assert median_ratio(tail, level=0.9).high < 1.01
    assert percentile_ratio(tail, percentile=0.95, level=0.9, seed=0).low > 3


def test_the_percentile_is_numpys() -> None:
    rows = slower_by(1.3, prompts=37)
    candidate, baseline = [t.candidate for t in rows], [t.baseline for t in rows]
    expected = np.quantile(candidate, 0.95, method="inverted_cdf") / np.quantile(
        baseline, 0.95, method="inverted_cdf"
    )
    estimate = percentile_ratio(rows, percentile=0.95, level=0.9, seed=0).estimate
    assert estimate == pytest.approx(expected)


REQUESTS = st.lists(
    st.builds(
        Timing,
        prompt=st.sampled_from([f"p{number}" for number in range(12)]),
        baseline=st.sampled_from([90.0, 100.0, 110.0]),
        candidate=st.one_of(st.none(), milliseconds),
    ),
    min_size=1,
    max_size=60,
)
WORDS = {"percentile": 0.9, "level": 0.9, "seed": 3, "resamples": 40}


@given(rows=REQUESTS, near=st.sampled_from([0.0, 0.5, 2.0, 100.0]))
def test_the_percentiles_are_bit_for_bit_those_of_counting_every_request(
    rows: list[Timing], near: float
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(latency, "NEAR", near)
        assert percentile_ratio(rows, **WORDS) == counted_one_by_one(rows, **WORDS)


def counted_one_by_one(
    rows: list[Timing], *, percentile: float, level: float, seed: int, resamples: int
) -> tuple[float, float, float]:
    """The same interval: each resample written out, and its percentile by numpy."""
    prompts = sorted({row.prompt for row in rows})
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(len(prompts), size=len(prompts)) for _ in range(resamples)]
    ratios = []
    for numbers in [np.arange(len(prompts)), *drawn]:
        asked = [row for number in numbers for row in rows if row.prompt == prompts[number]]
        arms = [[row.candidate or math.inf for row in asked], [row.baseline for row in asked]]
        found = [np.sort(arm)[math.ceil(percentile * len(asked) - 1e-9) - 1] for arm in arms]
        ratios.append(found[0] / found[1])
    tail = (1 - level) / 2
    return ratios[0], *np.quantile(ratios[1:], [tail, 1 - tail], method="inverted_cdf")


@given(rows=REQUESTS, place=st.integers(0, 59), longer=st.floats(1, 100))
def test_a_slower_request_of_the_candidate_never_lowers_a_bound(
    rows: list[Timing], place: int, longer: float
) -> None:
    worse = list(rows)
    one = worse[place % len(rows)]
    worse[place % len(rows)] = one._replace(candidate=one.candidate and one.candidate * longer)
    before, after = percentile_ratio(rows, **WORDS), percentile_ratio(worse, **WORDS)
    assert all(now >= then for now, then in zip(after, before, strict=True))


def test_whole_prompts_are_drawn_so_repeats_do_not_narrow_the_interval() -> None:
    rows = slower_by(1.1, prompts=50, spread=0.2)
    once = percentile_ratio(rows, percentile=0.95, level=0.9, seed=1)
    copied = percentile_ratio(rows * 4, percentile=0.95, level=0.9, seed=1)
    assert copied.high - copied.low > 0.9 * (once.high - once.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    rows = slower_by(1.1)
    assert percentile_ratio(rows, percentile=0.95, level=0.9, seed=1) == percentile_ratio(
        rows, percentile=0.95, level=0.9, seed=1
    )


def test_a_known_slowdown_is_found_and_no_slowdown_is_not() -> None:
    assert median_ratio(slower_by(1.22), level=0.9).low > 1.10
    assert median_ratio(slower_by(1.0), level=0.9).high < 1.10


def test_without_data_nothing_is_excluded() -> None:
    assert median_ratio([], level=0.9)[1:] == (0.0, math.inf)
    assert percentile_ratio([], percentile=0.95, level=0.9, seed=0)[1:] == (0.0, math.inf)


@pytest.mark.parametrize(
    "bad", [Timing("a", 0, 1), Timing("a", math.nan, 1), Timing("a", 1, -1), Timing("a", 1, math.nan)]
)
def test_a_time_that_cannot_be_is_refused(bad: Timing) -> None:
    with pytest.raises(InvalidEvidence, match="expected a positive, finite time"):
        median_ratio([bad], level=0.9)
    with pytest.raises(InvalidEvidence, match="expected a positive, finite time"):
        percentile_ratio([bad], percentile=0.95, level=0.9, seed=0)
