"""One check's trouble stays its own, and an error is never a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PIL import Image

from core.checks import CHECKS, PairToExamine, card_version, examine
from core.checks.card import Finding
from core.checks.runner import _believable
from core.config.settings import Settings
from core.errors import CheckUnavailable, UnknownName
from core.records import Arm, Case, Contract, MeasurementStatus, Mode


def pair(**changes: Any) -> PairToExamine:
    image = Image.new("RGBA", (64, 64), (200, 30, 30, 255))
    case = Case(name="plain", prompt="a red square", width=64, height=64)
    plain = PairToExamine(
        pair_id="pair_1",
        case=case,
        baseline=image,
        candidate=image,
        contracts={arm: Contract(mode=Mode.RGBA) for arm in Arm},
    )
    return replace(plain, **changes)


def test_every_check_answers_every_metric_of_its_card(settings: Settings, now: datetime) -> None:
    found = examine(pair(), settings=settings, now=now)
    answered = {(m.check, m.metric) for m in found}
    assert answered == {
        (card.name, name)
        for card in CHECKS.values()
        for name, metric in card.metrics.items()
        if not metric.on_request
    }


def test_missing_weights_are_an_error_with_a_remedy_and_harm_nobody_else(
    settings: Settings, now: datetime
) -> None:
    found = examine(pair(), checks=["lpips", "contract"], settings=settings, now=now)
    lpips = [m for m in found if m.check == "lpips"]
    assert all(m.status is MeasurementStatus.ERROR and m.value is None for m in lpips)
    assert "weights missing" in lpips[0].reason
    assert "sidegrade weights fetch" in lpips[0].reason
    assert all(m.status is MeasurementStatus.MEASURED for m in found if m.check == "contract")


def test_whatever_a_check_raises_becomes_its_own_error(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(CHECKS["contract"], measure="core.checks.no_such_file:measure")
    monkeypatch.setitem(CHECKS, "contract", broken)
    found = examine(pair(), checks=["contract", "alpha"], settings=settings, now=now)
    errors = [m for m in found if m.check == "contract"]
    assert {m.status for m in errors} == {MeasurementStatus.ERROR}
    assert "ModuleNotFoundError" in errors[0].reason
    assert {m.status for m in found if m.check == "alpha"} == {MeasurementStatus.NOT_APPLICABLE}


def test_a_pair_without_a_candidate_gives_errors_for_all_that_needs_it(
    settings: Settings, now: datetime
) -> None:
    found = examine(pair(candidate=None), checks=["contract", "alpha"], settings=settings, now=now)
    candidate = [m for m in found if m.arm is not Arm.BASELINE]
    assert {(m.check, m.status) for m in candidate} == {
        ("contract", MeasurementStatus.ERROR),
        ("alpha", MeasurementStatus.NOT_APPLICABLE),
    }
    assert "candidate failed to render" in candidate[0].reason


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_measured_value_that_is_no_finite_number_is_an_error(value: float | None) -> None:
    believed = _believable(Finding(metric="lpips", value=value, reason="distance"))
    assert believed.status is MeasurementStatus.ERROR
    assert believed.value is None


def test_an_unknown_check_is_refused_with_near_names(settings: Settings, now: datetime) -> None:
    with pytest.raises(UnknownName, match="did you mean lpips"):
        examine(pair(), checks=["lpipss"], settings=settings, now=now)


def test_versions_name_the_packages_a_check_stands_on() -> None:
    assert card_version(CHECKS["typography"]).startswith("2 + rapidocr 3.10")


@pytest.mark.parametrize(
    ("metric", "arm"), [("breachs", Arm.BASELINE), ("breaches", None)], ids=["misspelt", "of no arm"]
)
def test_a_finding_that_the_card_does_not_name_is_an_error_of_this_check_alone(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch, metric: str, arm: Arm | None
) -> None:
    slip = [Finding(metric=metric, value=1.0, reason="a slip", arm=arm)]
    monkeypatch.setattr("core.checks.measures.contract.measure", lambda pair, settings: slip)
    picture = Image.new("RGB", (16, 16))
    case = Case(name="flat", prompt="flat", width=16, height=16)
    pair = PairToExamine(pair_id="pair_1", case=case, baseline=picture, candidate=picture)
    found = examine(pair, checks=["contract", "blank"], settings=settings, now=now)
    contract = [m for m in found if m.check == "contract"]
    assert {m.status for m in contract} == {MeasurementStatus.ERROR}
    assert all(metric in m.reason and "its card names breaches (each arm)" in m.reason for m in contract)
    assert any(m.status is MeasurementStatus.MEASURED for m in found if m.check == "blank")


def test_a_measurement_carries_what_its_card_and_its_finding_say(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(pair: PairToExamine, settings: Settings) -> list[Finding]:
        return [
            Finding(metric="breaches", value=1.0, reason="one", arm=Arm.BASELINE, subject="a line"),
            Finding(metric="breaches", value=0.0, reason="none", arm=Arm.CANDIDATE, stands_on="alex 0d4e"),
        ]

    monkeypatch.setattr("core.checks.measures.contract.measure", two)
    first, second = examine(pair(), checks=["contract"], settings=settings, now=now)
    assert (first.pair_id, first.check, first.metric, first.subject) == (
        "pair_1",
        "contract",
        "breaches",
        "a line",
    )
    assert (first.unit, first.higher_is_better, first.created_at) == ("promises", False, now)
    assert (first.version, second.version) == ("1", "1 + alex 0d4e")


def test_an_error_without_a_remedy_is_told_as_it_is(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pair: PairToExamine, settings: Settings) -> list[Finding]:
        raise CheckUnavailable("no memory")

    monkeypatch.setattr("core.checks.measures.contract.measure", refused)
    found = examine(pair(), checks=["contract"], settings=settings, now=now)
    assert [(m.reason, m.arm) for m in found] == [("no memory", arm) for arm in Arm]


def test_checks_run_in_the_order_they_are_named_in(settings: Settings, now: datetime) -> None:
    found = examine(pair(), checks=["blank", "contract"], settings=settings, now=now)
    assert list(dict.fromkeys(m.check for m in found)) == ["blank", "contract"]


def test_what_a_check_says_nothing_about_is_an_error_with_the_reason(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.checks.measures.contract.measure", lambda pair, settings: [])
    reasons = {m.reason for m in examine(pair(), checks=["contract"], settings=settings, now=now)}
    assert reasons == {"the check gave no value"}
    nothing = pair(baseline=None, candidate=None)
    reasons = {m.reason for m in examine(nothing, checks=["contract"], settings=settings, now=now)}
    assert reasons == {"no image: baseline, candidate failed to render"}


def test_only_what_was_measured_must_be_a_number() -> None:
    untold = Finding(
        metric="lpips", value=None, reason="no such thing", status=MeasurementStatus.NOT_APPLICABLE
    )
    assert _believable(untold) is untold
    measured = Finding(metric="lpips", value=0.0, reason="equal")
    assert _believable(measured) is measured
