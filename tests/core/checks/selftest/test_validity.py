"""A self-test speaks for the very check, packages and weights it was made with, and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.checks.selftest.validity import speaks_for
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
