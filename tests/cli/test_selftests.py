"""A self-test that is missing runs before a gate is asked, and only once for each version of its check."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from cli.selftests import run_missing, self_tests_beside
from core.checks import CHECKS
from core.checks.selftest.validity import missing_self_tests, needs_attention
from core.config.settings import Settings
from db.store import Store
from tests.world import all_proved

PASSED = {test.check: test for test in all_proved()}


def test_every_check_but_the_optional_one_needs_a_self_test() -> None:
    assert set(missing_self_tests({})) == set(CHECKS) - {"second_reader"}
    assert missing_self_tests(PASSED) == []


@pytest.mark.parametrize(
    "change",
    [{"version": "1 + rapidocr 2.0.0 + onnxruntime 1.0"}, {"false_alarm_rate": None, "trusted": False}],
)
def test_another_version_and_a_test_that_could_not_run_count_for_nothing(change: dict[str, object]) -> None:
    assert missing_self_tests({**PASSED, "typography": replace(PASSED["typography"], **change)}) == [
        "typography"
    ]


def test_weights_in_the_version_are_no_other_version() -> None:
    lpips = replace(PASSED["lpips"], version=f"{PASSED['lpips'].version} + alex b46189e9")
    assert missing_self_tests({**PASSED, "lpips": lpips}) == []


def test_only_an_absent_program_that_is_optional_needs_no_attention() -> None:
    absent = {"trusted": False, "hit_rate": None, "false_alarm_rate": None}
    assert not needs_attention(replace(PASSED["second_reader"], **absent))
    assert needs_attention(replace(PASSED["second_reader"], trusted=False))
    assert needs_attention(replace(PASSED["lpips"], **absent))


def test_what_is_missing_is_proved_once_and_kept_check_by_check(
    store: Store, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def passed(settings: Settings, now: datetime, *, checks: list[str]) -> list[object]:
        asked.extend(checks)
        return [PASSED[name] for name in checks]

    monkeypatch.setattr("core.checks.selftest.run.run_self_tests", passed)
    store.selftests.save([PASSED["alpha"]])
    run_missing(store, settings, lambda: now)
    run_missing(store, settings, lambda: now)
    assert sorted(asked) == sorted(set(CHECKS) - {"second_reader", "alpha"})
    assert missing_self_tests(store.selftests.latest()) == []


def test_a_worker_without_work_lets_a_process_test_what_is_missing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    class Started:
        def start(self) -> str:
            begun.append("begun")
            return "a process"

    monkeypatch.setattr("cli.selftests._program", lambda settings: Started())
    monkeypatch.setattr("cli.selftests.stop", lambda processes: begun.extend(processes))
    with self_tests_beside(store, settings) as begin:
        begin()
        begin()
    assert begun == ["begun", "a process"]
    store.selftests.save(PASSED.values())
    with self_tests_beside(store, settings) as begin:
        begin()
    assert begun == ["begun", "a process"]
