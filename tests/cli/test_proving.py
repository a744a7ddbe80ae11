"""A check that has not proved itself does so before a gate is asked, and only once for each version of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from cli.proving import prove, proving_beside
from core.checks import CHECKS
from core.checks.selftest.standing import needs_attention, unproved
from core.config.settings import Settings
from db.store import Store
from tests.world import all_proved

PROVED = {test.check: test for test in all_proved()}


def test_every_check_but_the_optional_one_has_to_prove_itself() -> None:
    assert set(unproved({})) == set(CHECKS) - {"second_reader"}
    assert unproved(PROVED) == []


@pytest.mark.parametrize(
    "change",
    [{"version": "1 + rapidocr 2.0.0 + onnxruntime 1.0"}, {"false_alarm_rate": None, "trusted": False}],
)
def test_another_version_and_a_test_that_could_not_run_prove_nothing(change: dict[str, object]) -> None:
    assert unproved({**PROVED, "typography": replace(PROVED["typography"], **change)}) == ["typography"]


def test_weights_in_the_version_are_no_other_version() -> None:
    lpips = replace(PROVED["lpips"], version=f"{PROVED['lpips'].version} + alex b46189e9")
    assert unproved({**PROVED, "lpips": lpips}) == []


def test_only_an_absent_program_that_is_optional_needs_no_attention() -> None:
    absent = {"trusted": False, "hit_rate": None, "false_alarm_rate": None}
    assert not needs_attention(replace(PROVED["second_reader"], **absent))
    assert needs_attention(replace(PROVED["second_reader"], trusted=False))
    assert needs_attention(replace(PROVED["lpips"], **absent))


def test_what_is_missing_is_proved_once_and_kept_check_by_check(
    store: Store, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def proved(settings: Settings, now: datetime, *, checks: list[str]) -> list[object]:
        asked.extend(checks)
        return [PROVED[name] for name in checks]

    monkeypatch.setattr("core.checks.selftest.run.run_self_tests", proved)
    store.selftests.save([PROVED["alpha"]])
    prove(store, settings, lambda: now)
    prove(store, settings, lambda: now)
    assert sorted(asked) == sorted(set(CHECKS) - {"second_reader", "alpha"})
    assert unproved(store.selftests.latest()) == []


def test_a_worker_without_work_lets_a_process_prove_what_is_missing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    class Started:
        def start(self) -> str:
            begun.append("begun")
            return "a process"

    monkeypatch.setattr("cli.proving._program", lambda settings: Started())
    monkeypatch.setattr("cli.proving.stop", lambda processes: begun.extend(processes))
    with proving_beside(store, settings) as begin:
        begin()
        begin()
    assert begun == ["begun", "a process"]
    store.selftests.save(PROVED.values())
    with proving_beside(store, settings) as begin:
        begin()
    assert begun == ["begun", "a process"]
