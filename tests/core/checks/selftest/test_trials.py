"""What a check is put to: trust in it is worth what its trials and its promise are worth."""

from __future__ import annotations

import pytest

from core.checks.selftest.specs import SELF_TESTS
from tests.core.checks.known_values import stored, trials


def test_every_self_test_has_its_known_trials_and_its_known_promise() -> None:
    assert trials() == stored("trials")


@pytest.mark.parametrize("check", [name for name in SELF_TESTS if name != "second_reader"])
def test_a_check_is_put_to_faults_and_to_what_is_none(check: str) -> None:
    """The second reader alone has no faults to find: where both read, it only says whether they agree."""
    _, *told = stored("trials")[check]
    assert {trial.partition(":")[0] for trial in told} == {"faulty", "clean"}
