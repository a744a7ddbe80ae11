"""A check that misses what it should see, or cannot run, is not trusted."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from core.checks import CHECKS, Finding, PairToExamine
from core.checks.measures import contract as contract_file
from core.checks.selftest.run import FEWEST_DRAWINGS, _random_strings, run_self_tests, score_of
from core.checks.selftest.specimens import _colours
from core.checks.selftest.specs import SELF_TESTS
from core.checks.text.alphabet import MARKS, TRIED
from core.checks.text.confusions import returned
from core.checks.text.copy_lines import copy_lines
from core.config.settings import Settings
from core.records import Arm


def test_every_check_has_a_self_test() -> None:
    assert set(SELF_TESTS) == set(CHECKS)


WITH_A_TEST_OF_THEIR_OWN = ("typography", "second_reader", "lpips", "stlpips")
"""They read, or stand on networks or programs that a machine may lack."""
QUICK = [name for name in CHECKS if name not in WITH_A_TEST_OF_THEIR_OWN]


@pytest.mark.parametrize("check", QUICK)
def test_a_quick_check_keeps_its_promise(settings: Settings, now: datetime, check: str) -> None:
    (tested,) = run_self_tests(settings, now, checks=[check])
    assert tested.trusted, tested.reason
    assert tested.hit_rate == 1
    assert tested.false_alarm_rate == 0
    assert tested.version.startswith(CHECKS[check].version)


@pytest.mark.slow
def test_the_reader_keeps_its_promise_and_its_confusions_are_listed(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.checks.selftest.trials.TIERS_PX", (12, 24))
    monkeypatch.setattr("core.checks.selftest.run.CONFUSION_LINES", 24)
    (tested,) = run_self_tests(settings, now, checks=["typography"])
    assert tested.trusted, tested.reason
    assert tested.score["engine"].startswith("rapidocr")
    assert "confusions" in tested.score
    assert set(MARKS) <= set(str(tested.score["alphabet"]))


def test_the_name_of_each_check_is_heard_as_its_test_begins(settings: Settings, now: datetime) -> None:
    heard: list[str] = []
    tested = run_self_tests(settings, now, checks=["contract", "blank"], on_progress=heard.append)
    assert heard == [test.check for test in tested] == ["contract", "blank"]


def test_only_trials_that_were_told_wrongly_are_named(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = SELF_TESTS["contract"]
    score = score_of("contract", spec, settings, now)
    assert (score.hits, score.false_alarms, score.undecided, score.wrong) == (4, 0, 0, ())
    trials = list(spec.trials())
    unsure = score_of("contract", replace(spec, noticed=lambda found: None), settings, now)
    assert (unsure.undecided, unsure.wrong) == (len(trials), ())
    always = score_of("contract", replace(spec, noticed=lambda found: True), settings, now)
    assert always.wrong == tuple(trial.what for trial in trials if not trial.faulty)


def test_no_check_promises_to_miss_much_or_to_cry_wolf() -> None:
    """The second reader alone promises no hits: where both read, it only says whether they agree."""
    assert {spec.most_false_alarms for spec in SELF_TESTS.values()} <= {0.0, 0.02, 0.1}
    easy = {name for name, spec in SELF_TESTS.items() if spec.least_hits < 0.95}
    lenient = {name for name, spec in SELF_TESTS.items() if spec.most_false_alarms > 0.02}
    assert (easy, lenient) == ({"second_reader"}, {"second_reader"})


def test_ink_and_paper_of_a_specimen_can_be_told_apart_by_anyone() -> None:
    def luminance(colour: tuple[int, ...]) -> float:
        linear = [((one / 255 + 0.055) / 1.055) ** 2.4 if one > 10 else one / 255 / 12.92 for one in colour]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for seed in range(40):
        darker, lighter = sorted(luminance(one) for one in _colours(random.Random(seed)))
        assert (lighter + 0.05) / (darker + 0.05) > 4.3  # WCAG asks 4.5; its curve is nearly a power of 2.2


def test_every_character_that_a_line_is_judged_by_is_drawn_often_enough_to_be_proved() -> None:
    drawn = Counter("".join([*_random_strings(), *copy_lines(0)]))
    assert {letter: n for letter in TRIED if (n := drawn[letter]) < FEWEST_DRAWINGS} == {}


def test_a_character_that_does_not_come_back_is_outside_the_alphabet() -> None:
    confused = Counter({("%", ""): 3, ("5", "6"): 1, ("O", "0"): 9})
    drawn = Counter({"%": 20, "5": 20, "O": 20, "!": 3})
    engine = "rapidocr 3.10.0 PP-OCRv6 small"
    assert returned(confused, drawn, engine, least=0.9, fewest=8) == "5O"


def test_a_check_that_cannot_run_is_not_trusted(settings: Settings, now: datetime) -> None:
    (tested,) = run_self_tests(settings, now, checks=["lpips"])
    assert (tested.trusted, tested.hit_rate, tested.false_alarm_rate) == (False, None, None)
    assert "sidegrade weights fetch" in tested.reason


def test_a_check_that_sees_nothing_is_not_trusted(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(pair: PairToExamine, settings: Settings) -> list[Finding]:
        return [Finding(metric="breaches", arm=arm, value=0, reason="fine") for arm in Arm]

    monkeypatch.setattr(contract_file, "measure", blind)
    (tested,) = run_self_tests(settings, now, checks=["contract"])
    assert (tested.trusted, tested.hit_rate) == (False, 0.0)
    assert "found 0 of 4 known faults" in tested.reason


def test_a_check_without_a_self_test_is_not_trusted(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(SELF_TESTS, "blank")
    (tested,) = run_self_tests(settings, now, checks=["blank"])
    assert not tested.trusted
    assert "no self-test" in tested.reason


def test_a_confusion_that_is_not_listed_costs_the_reader_its_trust(
    settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.checks.selftest.run._read_back", lambda reader, lines: [("BBBB", "8888")])
    easy = replace(SELF_TESTS["typography"], trials=lambda: iter(()), least_hits=0.0, most_false_alarms=1.0)
    monkeypatch.setitem(SELF_TESTS, "typography", easy)
    (tested,) = run_self_tests(settings, now, checks=["typography"])
    assert not tested.trusted
    assert "«B» read as «8» in 4 of 4" in tested.reason
