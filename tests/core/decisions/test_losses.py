"""The net loss among the pairs at risk: published limits, reference numbers, and what must never happen."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.losses import AtRisk, design_effect, fewest_cases, loss_bounds
from core.errors import InvalidEvidence

KEPT, GAINED, LOST = AtRisk(1, 0, 0), AtRisk(0, 1, 0), AtRisk(0, 0, 1)
cases = st.lists(st.builds(AtRisk, *[st.integers(0, 3)] * 3).filter(lambda case: case.pairs > 0), max_size=60)


def one_seed(kept: int, gained: int, lost: int) -> list[AtRisk]:
    return [KEPT] * kept + [GAINED] * gained + [LOST] * lost


@dataclass(frozen=True)
class Reference:
    """Limits that were computed by another route, with sixty digits."""

    cases: list[AtRisk]
    level: float
    low: float | None = None
    high: float | None = None


FORTY_CASES = [AtRisk(2, 0, 0)] * 33 + [AtRisk(1, 0, 1)] + [AtRisk(1, 1, 0)] * 3 + [GAINED]
FORTY_CASES += [AtRisk(0, 0, 2)]
SIXTY_CASES = [AtRisk(3, 0, 0)] * 50 + [AtRisk(0, 0, 3)] * 2 + [AtRisk(2, 0, 1)] * 3
SIXTY_CASES += [AtRisk(2, 1, 0)] * 3 + [AtRisk(0, 3, 0)] * 2


@pytest.mark.parametrize(
    "reference",
    [
        Reference(FORTY_CASES, 0.9393, -0.1040971077, 0.1320812213),
        Reference(FORTY_CASES, 0.90, -0.0904145492, 0.1179314125),
        Reference(SIXTY_CASES, 0.90, -0.0842595420, 0.0842595420),
        Reference(SIXTY_CASES, 0.9393, -0.0953673184, 0.0953673184),
        Reference([AtRisk(4, 0, 0)] * 12, 0.90, low=-0.2209221919),
        Reference(one_seed(58, 0, 0), 0.90, low=-0.0503393383),
        Reference(one_seed(59, 0, 0), 0.90, low=-0.0495076099),
        Reference(one_seed(0, 0, 4), 0.90, high=-0.2545267426),
        Reference(one_seed(200, 0, 4), 0.90, low=-0.0443057657),
        Reference(one_seed(200, 0, 5), 0.90, low=-0.0505959829),
        Reference(one_seed(68, 0, 0), 0.9393, low=-0.0500979950),
        Reference(one_seed(69, 0, 0), 0.9393, low=-0.0493901721),
        Reference(one_seed(150, 2, 3), 0.9393, low=-0.0428323020),
        Reference(one_seed(100, 50, 20), 0.9393, low=0.0817625386),
        Reference(one_seed(0, 69, 0), 0.9393, low=0.9301517487),
        Reference([AtRisk(2, 0, 0)] * 105 + [AtRisk(0, 0, 2)] * 45, 0.9393, -0.3767376485, -0.2270407195),
        Reference(one_seed(190, 2, 7), 0.9393, low=-0.0606696497),
        Reference(one_seed(192, 7, 3), 0.9393, high=0.0557746983),
        Reference(one_seed(193, 2, 3), 0.9393, low=-0.0336561385),
    ],
    ids=lambda reference: f"{len(reference.cases)} cases at {reference.level}",
)
def test_the_limits_are_those_of_the_reference(reference: Reference) -> None:
    _, low, high = loss_bounds(reference.cases, level=reference.level)
    _, _, expected_low, expected_high = astuple(reference)
    assert expected_low is None or low == pytest.approx(expected_low, abs=1e-9)
    assert expected_high is None or high == pytest.approx(expected_high, abs=1e-9)


@pytest.mark.parametrize(
    ("found", "effect"),
    [(FORTY_CASES, 1.8685137541), (SIXTY_CASES, 3.0), ([AtRisk(4, 0, 0)] * 12, 4.0), ([KEPT] * 9, 1.0)],
)
def test_the_seeds_of_a_case_count_together_as_far_as_they_resemble_one_another(
    found: list[AtRisk], effect: float
) -> None:
    assert design_effect(found) == pytest.approx(effect, abs=1e-9)


@pytest.mark.parametrize(
    ("level", "numbers"),
    [(0.90, (59, 29, 99, 149)), (0.9393, (69, 34, 115, 173)), (0.9564, (75, 37, 126, 190))],
)
def test_the_fewest_cases_follow_from_the_level_and_the_margin(
    level: float, numbers: tuple[int, ...]
) -> None:
    assert tuple(fewest_cases(margin, level) for margin in (0.05, 0.10, 0.03, 0.02)) == numbers
    for margin, fewest in zip((0.05, 0.10, 0.03, 0.02), numbers, strict=True):
        assert loss_bounds([KEPT] * fewest, level=level).low > -margin
        assert loss_bounds([KEPT] * (fewest - 1), level=level).low < -margin


def test_nothing_at_risk_leaves_everything_open() -> None:
    estimate, low, high = loss_bounds([], level=0.9)
    assert math.isnan(estimate)
    assert (low, high) == (-1.0, 1.0)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(InvalidEvidence, match="from 0"):
        loss_bounds([AtRisk(3, -1, 0)], level=0.9)


@given(cases)
def test_the_interval_holds_its_estimate_and_stays_within_one(found: list[AtRisk]) -> None:
    estimate, low, high = loss_bounds(found, level=0.9)
    if found:
        assert -1 - 1e-9 <= low <= estimate + 1e-9
        assert estimate - 1e-9 <= high <= 1 + 1e-9


@given(cases)
def test_swapping_the_arms_mirrors_the_interval(found: list[AtRisk]) -> None:
    here = loss_bounds(found, level=0.9)
    there = loss_bounds([AtRisk(case.kept, case.lost, case.gained) for case in found], level=0.9)
    if found:
        assert here == pytest.approx((-there.estimate, -there.high, -there.low), abs=1e-9)


@given(st.integers(0, 80), st.integers(0, 20), st.integers(1, 20), st.sampled_from([KEPT, GAINED, None]))
def test_a_loss_that_did_not_happen_never_lowers_a_lower_limit_below_zero(
    kept: int, gained: int, lost: int, instead: AtRisk | None
) -> None:
    before = loss_bounds(one_seed(kept, gained, lost), level=0.9)
    better = one_seed(kept, gained, lost - 1) + ([instead] if instead else [])
    if better and before.low < 0:
        assert loss_bounds(better, level=0.9).low >= before.low - 1e-9


@given(cases.filter(bool), st.integers(2, 4))
def test_copies_of_one_seed_give_the_interval_of_one_seed(found: list[AtRisk], copies: int) -> None:
    single = [case for case in found if case.pairs == 1]
    if single:
        copied = [AtRisk(*(count * copies for count in case)) for case in single]
        assert loss_bounds(copied, level=0.9) == pytest.approx(loss_bounds(single, level=0.9), abs=1e-9)
