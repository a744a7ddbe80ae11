"""An alarm stands with its metric in the table, and only a value that was measured can raise it."""

import math
from datetime import UTC, datetime

import pytest

from core.checks import CHECKS
from core.checks.card import above_none, below_one
from core.checks.results.alarms import is_alarm
from core.records import Measurement, MeasurementStatus

ALARMS = [
    (check, name) for check, card in CHECKS.items() for name, metric in card.metrics.items() if metric.alarm
]


def found(
    check: str, metric: str, value: float | None, status: MeasurementStatus = MeasurementStatus.MEASURED
) -> Measurement:
    return Measurement(
        pair_id="pair_1",
        check=check,
        metric=metric,
        status=status,
        value=value,
        unit="",
        higher_is_better=None,
        reason="",
        version="1",
        created_at=datetime(2026, 3, 3, tzinfo=UTC),
    )


def test_only_yes_or_no_findings_and_counts_of_faults_have_an_alarm() -> None:
    assert ALARMS == [
        ("contract", "breaches"),
        ("alpha", "faults"),
        ("typography", "exact"),
        ("blank", "empty"),
    ]


@pytest.mark.parametrize(("check", "metric"), ALARMS)
def test_the_best_value_of_a_metric_raises_none_and_the_worst_one_does(check: str, metric: str) -> None:
    better = CHECKS[check].metrics[metric].higher_is_better
    good, bad = (1.0, 0.0) if better else (0.0, 1.0)
    assert not is_alarm(found(check, metric, good))
    assert is_alarm(found(check, metric, bad))


@pytest.mark.parametrize("status", [s for s in MeasurementStatus if s is not MeasurementStatus.MEASURED])
def test_a_check_that_could_not_run_has_found_nothing(status: MeasurementStatus) -> None:
    assert not is_alarm(found("alpha", "faults", 3.0, status))


def test_what_has_no_value_or_no_card_raises_none() -> None:
    assert not is_alarm(found("alpha", "faults", None))
    assert not is_alarm(found("alpha", "faults", math.nan))
    assert not is_alarm(found("lpips", "lpips", 9.0))
    assert not is_alarm(found("retired", "faults", 9.0))


def test_a_count_of_less_than_one_and_a_yes_that_is_not_whole_are_judged_as_they_are() -> None:
    assert [above_none(value) for value in (0.0, 0.5, 1.0)] == [False, True, True]
    assert [below_one(value) for value in (0.5, 0.99, 1.0, 1.5)] == [True, True, False, False]
