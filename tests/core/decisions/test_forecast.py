"""How long a preference test is likely to take: never more than planned, right within a factor of two."""

from __future__ import annotations

import numpy as np
import pytest

from core.decisions.forecast import forecast
from core.decisions.preference import (
    Course,
    PreferencePlan,
    decide_many,
)

PLAN = PreferencePlan(planned_units=400)
SHORT = PreferencePlan(planned_units=40)


def test_the_forecast_names_the_likeliest_end_and_never_more_than_the_plan_has_left() -> None:
    winning, losing = forecast([1.0] * 14, PLAN), forecast([0.0] * 8, PLAN)
    assert winning is not None
    assert losing is not None
    assert (winning.towards, losing.towards) == (Course.APPROVED, Course.REJECTED)
    assert winning.chance > 0.9 < losing.chance
    almost = forecast(([1.0, 0.5, 1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 0.0, 0.0] * 4)[:38], SHORT)
    assert almost is not None
    assert almost[:3] == (2, 2, 2)


def test_a_decided_rollout_has_no_forecast() -> None:
    assert forecast([1.0] * 17, PLAN) is None
    assert forecast([0.5] * 40, SHORT) is None


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7])
def test_forecasts_are_typically_right_within_a_factor_of_two(share: float) -> None:
    rng = np.random.default_rng(8)
    rows = rng.choice([1.0, 0.5, 0.0], p=[0.78 * share, 0.22, 0.78 * (1 - share)], size=(60, 400))
    ends = decide_many(rows, PLAN).unit
    open_rows = [(row, end) for row, end in zip(rows, ends, strict=True) if end > 40]
    ratios = [
        expected.units / (end - 40)
        for row, end in open_rows
        if (expected := forecast(list(row[:40]), PLAN)) is not None
    ]
    assert 0.4 < float(np.median(ratios)) < 2.5
