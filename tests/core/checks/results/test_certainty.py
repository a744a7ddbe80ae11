"""How sure a finding is stands in words: what the self-test promises, what the reader made of its letters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.checks.results.certainty import how_sure
from core.records import Measurement, MeasurementStatus, SelfTest

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def finding(status: MeasurementStatus = MeasurementStatus.MEASURED, **raw: Any) -> Measurement:
    return Measurement(
        pair_id="pair_1",
        check="typography",
        version="1",
        metric="exact",
        value=0.0,
        unit="yes/no",
        higher_is_better=True,
        status=status,
        reason="expected «SALE NOW», read «SALE NQW»",
        raw=raw,
        created_at=NOW,
    )


def self_test(**changes: Any) -> SelfTest:
    passed = {"hit_rate": 0.98, "false_alarm_rate": 0.02, "trusted": True, "reason": "as promised", **changes}
    return SelfTest(check="typography", version="1", created_at=NOW, **passed)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (MeasurementStatus.ERROR, "not at all: it could not run"),
        (
            MeasurementStatus.AMBIGUOUS,
            "cannot tell: the reader confuses these glyphs on perfect drawings too",
        ),
    ],
)
def test_what_could_not_be_told_is_not_sure_however_good_the_check(
    status: MeasurementStatus, said: str
) -> None:
    assert how_sure(finding(status, score=0.97), self_test()) == said


def test_a_check_without_a_self_test_or_one_that_failed_it_promises_nothing() -> None:
    assert how_sure(finding(), None) == "unknown: the check had no self-test on this machine"
    failed = self_test(trusted=False, reason="found 1 of 9")
    assert how_sure(finding(score=0.97), failed) == "not to be trusted: found 1 of 9"


def test_the_rates_of_the_self_test_are_said_and_what_the_reader_thought_of_its_letters() -> None:
    rates = "finds 98% of known faults, 2% false alarms"
    assert how_sure(finding(), self_test()) == rates
    assert how_sure(finding(score=0.97), self_test()) == f"{rates}; letters read with 97%"
    assert how_sure(finding(score="high"), self_test()) == rates


def test_a_rate_that_was_not_measured_is_not_made_up() -> None:
    test = self_test(hit_rate=None, false_alarm_rate=None)
    assert how_sure(finding(), test) == "no known faults to find, 0% false alarms"
