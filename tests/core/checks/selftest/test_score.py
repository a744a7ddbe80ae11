"""A promise is kept to the last trial, and a check that says nothing has kept none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.checks import CHECKS, Finding, card_version
from core.checks.selftest import run
from core.checks.selftest.run import Score, run_self_tests
from core.checks.selftest.specs import SELF_TESTS, SelfTestSpec, value
from core.checks.selftest.trials import Trial, _blank_case, drawn_pair
from core.checks.text.copy_lines import copy_lines
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.records import Arm, Box, Measurement, MeasurementStatus, SelfTest
from tests.core.checks.scripted_reader import ScriptedReader, said

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def score(*, hits: int = 9, faulty: int = 10, false_alarms: int = 1, clean: int = 10) -> Score:
    return Score(
        hits=hits,
        faulty=faulty,
        false_alarms=false_alarms,
        clean=clean,
        undecided=0,
        wrong=(),
        versions=(),
    )


def promise(least_hits: float, most_false_alarms: float, **changes: Any) -> SelfTestSpec:
    return replace(SELF_TESTS["blank"], least_hits=least_hits, most_false_alarms=most_false_alarms, **changes)


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        (promise(0.9, 0.1), True),
        (promise(0.91, 0.1), False),
        (promise(0.9, 0.09), False),
        (promise(1.0, 0.0), False),
    ],
)
def test_a_promise_is_kept_when_both_rates_reach_it(spec: SelfTestSpec, kept: bool) -> None:
    assert score().keeps(spec) is kept
    assert (score().hit_rate, score().false_alarm_rate) == (0.9, 0.1)


def test_what_was_not_measured_counts_as_the_worst() -> None:
    nothing_to_find, nothing_good = score(hits=0, faulty=0), score(false_alarms=0, clean=0)
    assert (nothing_to_find.hit_rate, nothing_good.false_alarm_rate) == (None, None)
    assert nothing_to_find.keeps(promise(0.0, 0.1))
    assert not nothing_to_find.keeps(promise(0.01, 0.1))
    assert nothing_good.keeps(promise(0.9, 1.0))
    assert not nothing_good.keeps(promise(0.9, 0.99))


def drawn(faulty: Sequence[bool]) -> Iterator[Trial]:
    image = Image.new("RGB", (16, 16))
    for number, one in enumerate(faulty):
        pair = drawn_pair(_blank_case(16, 16), image, image)
        yield Trial(what=f"trial {number}", pair=pair, faulty=one)


def scripted(
    monkeypatch: pytest.MonkeyPatch, said_of: Sequence[Finding], faulty: Sequence[bool], **changes: Any
) -> SelfTest:
    """The self-test of *blank*, whose check says these findings of every trial."""
    monkeypatch.setattr("core.checks.measures.blank.measure", lambda pair, settings: list(said_of))
    spec = replace(SELF_TESTS["blank"], trials=lambda: drawn(faulty), **changes)
    monkeypatch.setitem(SELF_TESTS, "blank", spec)
    (tested,) = run_self_tests(Settings.from_env({}), NOW, checks=["blank"])
    return tested


def findings(empty: float | None, *, status: MeasurementStatus = MeasurementStatus.MEASURED) -> list[Finding]:
    both = [Finding(metric="empty", arm=arm, value=empty, reason="said", status=status) for arm in Arm]
    return [*both, Finding(metric="identical", value=1.0, reason="said")]


def test_hits_misses_and_false_alarms_are_counted_told_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = scripted(monkeypatch, findings(1.0), [True, False, True])
    assert tested.reason == (
        "found 2 of 2 known faults (promise 100%), 1 false alarms on 1 good pictures (promise at most 0%)"
    )
    assert (tested.hit_rate, tested.false_alarm_rate, tested.trusted) == (1.0, 1.0, False)
    assert tested.score == {"undecided": 0, "wrong": ["trial 1"]}
    assert tested.version == card_version(CHECKS["blank"])
    assert tested.created_at == NOW


def test_a_trial_on_which_the_check_could_not_run_ends_the_self_test_unless_it_noticed_anyway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = [
        *findings(0.0)[:2],
        Finding(metric="identical", value=None, reason="no memory", status=MeasurementStatus.ERROR),
    ]
    tested = scripted(monkeypatch, broken, [True])
    assert (tested.trusted, tested.hit_rate, tested.reason) == (False, None, "no memory")
    noticed = [*findings(1.0)[:2], broken[-1]]
    assert scripted(monkeypatch, noticed, [True]).hit_rate == 1
    nothing = scripted(monkeypatch, findings(None, status=MeasurementStatus.NOT_APPLICABLE)[:2], [True])
    assert (nothing.trusted, nothing.reason) == (False, "said")


def test_a_check_without_a_remedy_or_a_trial_says_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Iterator[Trial]:
        raise CheckUnavailable("no fonts")

    untried = scripted(monkeypatch, findings(0.0), [])
    assert (untried.version, untried.trusted) == (card_version(CHECKS["blank"]), False)
    monkeypatch.setitem(SELF_TESTS, "blank", replace(SELF_TESTS["blank"], trials=refused))
    (tested,) = run_self_tests(Settings.from_env({}), NOW, checks=["blank"])
    assert tested.reason == "no fonts"


def test_every_check_is_tested_when_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_tested", lambda card, settings, now: card.name)
    assert run_self_tests(Settings.from_env({}), NOW) == list(CHECKS)


def test_lettering_is_read_back_in_the_place_it_was_drawn_in(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[np.ndarray, Box]] = []

    class Reader(ScriptedReader):
        def read(self, pixels: np.ndarray, box: Box) -> Any:
            seen.append((pixels, box))
            return said("“OK”")

    read = list(run._read_back(Reader(), ["OPEN", "SALE", "FREE"]))
    assert read == [("OPEN", '"OK"'), ("SALE", '"OK"'), ("FREE", '"OK"')]
    assert [box.y for _, box in seen] == [10, 10, 7]
    for pixels, box in seen:
        height, width = pixels.shape[:2]
        assert (box.x, box.x + box.width) == (box.y, width - box.y)
        assert box.y + box.height == height - box.y
        outside = pixels.copy()
        outside[box.y : box.y + box.height, box.x : box.x + box.width] = pixels[0, 0]
        assert (outside == pixels[0, 0]).all(), "no ink outside"


def test_confusions_are_stored_with_the_engine_and_the_alphabet(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [("BBB", "8B8"), ("AAAAAAAAAA", "AAAAAAAAA"), ("CCCCCCC", "CCCCCCC")]
    monkeypatch.setattr(run, "load_reader", ScriptedReader)
    asked: list[list[str]] = []
    monkeypatch.setattr(run, "_read_back", lambda reader, texts: asked.append(list(texts)) or iter(lines))
    reading = run._reading()
    assert asked == [list(run._random_strings()), list(copy_lines(0))]
    assert reading["engine"] == ScriptedReader().engine
    assert reading["confusions"] == {"B → 8": "2 of 3", "A → (nothing)": "1 of 10"}
    assert reading["unlisted"] == ["«B» read as «8» in 2 of 3"]
    assert reading["alphabet"] == "AC", "of 20 and 14 drawings; B came back in a third of six"


def test_a_metric_s_value_is_that_of_the_arm_and_no_number_where_there_is_none() -> None:
    found = [
        Measurement(
            pair_id="pair_1",
            check="blank",
            metric="empty",
            arm=arm,
            status=MeasurementStatus.MEASURED,
            value=number,
            unit="",
            higher_is_better=None,
            reason="",
            version="1",
            created_at=NOW,
        )
        for arm, number in ((Arm.BASELINE, 3.0), (Arm.CANDIDATE, None), (Arm.CANDIDATE, 5.0))
    ]
    assert value(found, "empty", Arm.CANDIDATE) == 5
    assert np.isnan(value(found, "empty"))
    assert np.isnan(value(found, "other", Arm.CANDIDATE))
