"""A check that misses what it should see, or cannot run, is not trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from core.checks import CHECKS, Finding, PairEvidence
from core.checks import contract as contract_file
from core.checks.proofs import PROOFS
from core.checks.selftest import run_self_tests
from core.records import Arm
from core.settings import Settings


def test_every_check_has_a_proof() -> None:
    assert set(PROOFS) == set(CHECKS)


QUICK = ("contract", "alpha", "flip", "ssim", "colour", "gamut", "composition", "blank", "banding", "edits")


@pytest.mark.parametrize("check", QUICK)
def test_a_quick_check_keeps_its_promise(settings: Settings, now: datetime, check: str) -> None:
    (proved,) = run_self_tests(settings, now, checks=[check])
    assert proved.trusted, proved
    assert proved.hit_rate == 1
    assert proved.false_alarm_rate == 0
    assert proved.version.startswith("1")


def test_the_reader_keeps_its_promise_and_its_confusions_are_listed(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.checks.trials.TIERS_PX", (12, 24))
    monkeypatch.setattr("core.checks.selftest.CONFUSION_LINES", 24)
    (proved,) = run_self_tests(settings, now, checks=["typography"])
    assert proved.trusted, proved
    assert proved.evidence["engine"].startswith("rapidocr")
    assert "confusions" in proved.evidence


def test_a_check_that_cannot_run_is_not_trusted(settings: Settings, now: datetime) -> None:
    (proved,) = run_self_tests(settings, now, checks=["lpips"])
    assert (proved.trusted, proved.hit_rate, proved.false_alarm_rate) == (False, None, None)
    assert "sidegrade weights fetch" in proved.reason


def test_a_check_that_sees_nothing_is_not_trusted(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(evidence: PairEvidence, settings: Settings) -> list[Finding]:
        return [Finding(metric="breaches", arm=arm, value=0, reason="fine") for arm in Arm]

    monkeypatch.setattr(contract_file, "measure", blind)
    (proved,) = run_self_tests(settings, now, checks=["contract"])
    assert (proved.trusted, proved.hit_rate) == (False, 0.0)
    assert "found 0 of 4 known faults" in proved.reason


def test_a_check_without_proof_is_not_trusted(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PROOFS, "blank")
    (proved,) = run_self_tests(settings, now, checks=["blank"])
    assert not proved.trusted
    assert "no proof" in proved.reason


def test_a_confusion_that_is_not_listed_costs_the_reader_its_trust(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.checks.selftest._read_back", lambda reader: [("BBBB", "8888")])
    easy = replace(PROOFS["typography"], trials=lambda: iter(()), least_hits=0.0, most_false_alarms=1.0)
    monkeypatch.setitem(PROOFS, "typography", easy)
    (proved,) = run_self_tests(settings, now, checks=["typography"])
    assert not proved.trusted
    assert "«B» read as «8» in 4 of 4" in proved.reason
