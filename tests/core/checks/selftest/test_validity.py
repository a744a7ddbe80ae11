"""A self-test speaks for the very check, packages and weights it was made with, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.checks import CHECKS, card_version
from core.checks.selftest.validity import missing_self_tests, needs_attention, speaks_for
from core.records import SelfTest

TEST = SelfTest(
    check="lpips",
    version="1 + lpips 0.1.4 + torch 2.13.0 + alex 0d4e4308",
    hit_rate=1.0,
    false_alarm_rate=0.0,
    trusted=True,
    reason="found every known fault",
    created_at=datetime(2026, 3, 3, tzinfo=UTC),
)


def test_a_self_test_speaks_for_what_it_was_made_with() -> None:
    assert speaks_for(TEST, TEST.version)


@pytest.mark.parametrize(
    "version",
    [
        "2 + lpips 0.1.4 + torch 2.13.0 + alex 0d4e4308",
        "1 + lpips 0.1.4 + torch 2.13.1 + alex 0d4e4308",
        "1 + lpips 0.1.4 + torch 2.13.0 + squeeze 4a5a8e3f",
        "1 + lpips 0.1.4 + torch 2.13.0 + alex 0d4e4308 + more",
        "1 + lpips 0.1.4 + torch 2.13.0",
        "1",
        "",
    ],
)
def test_it_speaks_for_no_other_version_package_or_weights(version: str) -> None:
    assert not speaks_for(TEST, version)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("1 + lpips 0.1.4 + torch 2.13.0", True),
        ("1 + lpips 0.1.4 + torch 2.13", False),
        ("1 + lpips 0.1.4 + torch 2.14.0", False),
    ],
)
def test_before_a_check_has_run_its_packages_are_compared_in_whole(version: str, answer: bool) -> None:
    assert speaks_for(TEST, version, weights_known=False) is answer


def self_test(check: str, **changes: Any) -> SelfTest:
    passed = {"hit_rate": 1.0, "false_alarm_rate": 0.0, "trusted": True, "reason": "", **changes}
    return SelfTest(check=check, version=card_version(CHECKS[check]), created_at=TEST.created_at, **passed)


def test_a_self_test_is_missing_when_it_never_ran_could_not_run_or_is_of_another_version() -> None:
    every = {name: self_test(name) for name in CHECKS if name != "second_reader"}
    assert missing_self_tests(every) == [], "nothing waits for an optional check"
    assert missing_self_tests({**every, "alpha": self_test("alpha", trusted=False)}) == []
    assert missing_self_tests({**every, "alpha": self_test("alpha", false_alarm_rate=None)}) == ["alpha"]
    older = replace(every["lpips"], version="0 + lpips 0.1.4")
    assert missing_self_tests({**every, "lpips": older}) == ["lpips"]
    with_weights = replace(every["lpips"], version=f"{every['lpips'].version} + alex 0d4e4308")
    assert missing_self_tests({**every, "lpips": with_weights}) == []
    del every["blank"]
    assert missing_self_tests(every) == ["blank"]


@pytest.mark.parametrize(
    ("check", "trusted", "ran", "asks"),
    [
        ("alpha", True, True, False),
        ("alpha", False, True, True),
        ("alpha", False, False, True),
        ("second_reader", False, False, False),
        ("second_reader", False, True, True),
        ("second_reader", True, True, False),
    ],
)
def test_a_self_test_asks_for_a_look_when_it_failed_and_not_for_lack_of_an_optional_program(
    check: str, trusted: bool, ran: bool, asks: bool
) -> None:
    test = self_test(check, trusted=trusted, false_alarm_rate=0.5 if ran else None)
    assert needs_attention(test) is asks
