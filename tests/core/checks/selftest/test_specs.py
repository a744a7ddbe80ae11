"""What counts as noticing: each threshold with a value on it, one that is past it, and none at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.checks import CHECKS
from core.checks.selftest.specs import SELF_TESTS
from core.records import Arm, Measurement, MeasurementStatus

C = Arm.CANDIDATE


def found(check: str, metric: str, value: float | None, arm: Arm | None = None) -> Measurement:
    return Measurement(
        pair_id="pair_1",
        check=check,
        metric=metric,
        arm=arm,
        status=MeasurementStatus.MEASURED if value is not None else MeasurementStatus.AMBIGUOUS,
        value=value,
        unit="",
        higher_is_better=None,
        reason="",
        version="1",
        created_at=datetime(2026, 3, 3, tzinfo=UTC),
    )


THRESHOLDS = [
    ("contract", "breaches", C, 0, 1),
    ("alpha", "faults", C, 0, 1),
    ("typography", "regressions", None, 0, 1),
    ("second_reader", "readers_agree", C, 1, 0),
    ("lpips", "lpips", None, 0.05, 0.0501),
    ("stlpips", "stlpips", None, 0.05, 0.0501),
    ("flip", "flip", None, 0.03, 0.0301),
    ("ssim", "ssim", None, 0.995, 0.9949),
    ("colour", "delta_e", None, 5, 5.01),
    ("colour", "edge_energy_ratio", None, 0.7, 0.69),
    ("gamut", "gamut_ratio", None, 0.5, 0.49),
    ("composition", "size_parity", None, 1, 0),
    ("composition", "centre_shift", None, 0.05, 0.051),
    ("blank", "empty", C, 0, 1),
    ("banding", "banding", C, 0.2, 0.21),
    ("edits", "outside_changed", C, 0, 1),
]


def test_every_check_has_its_thresholds_here() -> None:
    assert {check for check, *_ in THRESHOLDS} == set(CHECKS)


@pytest.mark.parametrize(("check", "metric", "arm", "silent", "alarming"), THRESHOLDS)
def test_a_value_up_to_the_threshold_is_silent_and_one_past_it_is_noticed(
    check: str, metric: str, arm: Arm | None, silent: float, alarming: float
) -> None:
    noticed = SELF_TESTS[check].noticed
    assert not noticed([found(check, metric, silent, arm)])
    assert noticed([found(check, metric, alarming, arm)]) is True


@pytest.mark.parametrize(("check", "metric", "arm", "silent", "alarming"), THRESHOLDS)
def test_what_was_not_measured_or_is_of_another_arm_was_not_noticed(
    check: str, metric: str, arm: Arm | None, silent: float, alarming: float
) -> None:
    noticed = SELF_TESTS[check].noticed
    assert not noticed([])
    assert not noticed([found(check, metric, None, arm)])
    assert not noticed([found(check, metric, alarming, Arm.BASELINE)])
    assert not noticed([found(check, "another", alarming, arm)])


@pytest.mark.parametrize(
    ("values", "answer"),
    [((1.0, 1.0), False), ((1.0, 0.0), False), ((1.0, None), None), ((None, None), None), ((1.0,), None)],
)
def test_lettering_that_the_reader_could_not_tell_on_both_arms_is_told_neither_way(
    values: tuple[float | None, ...], answer: bool | None
) -> None:
    exact = [found("typography", "exact", value, arm) for value, arm in zip(values, Arm, strict=False)]
    noticed = SELF_TESTS["typography"].noticed
    assert noticed([*exact, found("typography", "regressions", 0)]) is answer
    assert noticed([*exact, found("typography", "regressions", 1)]) is True
