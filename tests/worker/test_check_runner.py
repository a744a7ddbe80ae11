"""The check runner examines pair after pair, and keeps what it may need again within its bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PIL import Image

from core.checks import PairToExamine
from core.checks.measures import flip
from core.config.settings import Settings
from core.records import Case
from worker.check_runner import InProcessCheckRunner

BASELINE = Image.new("RGB", (64, 64), "navy")
CASE = Case(name="plain", prompt="a square", width=64, height=64)


def pairs_of_one_baseline() -> Iterator[PairToExamine]:
    for number, colour in enumerate(("red", "green")):
        candidate = Image.new("RGB", (64, 64), colour)
        yield PairToExamine(pair_id=f"pair_{number}", case=CASE, baseline=BASELINE, candidate=candidate)


@pytest.mark.parametrize(("megabytes", "computed"), [(1, 3), (0, 4)])
def test_a_baseline_that_meets_a_second_candidate_is_looked_at_once_while_there_is_room(
    megabytes: int, computed: int, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Any] = []
    see = flip.see
    monkeypatch.setattr(flip, "see", lambda rgb: looks.append(rgb) or see(rgb))
    runner = InProcessCheckRunner(replace(settings, feature_cache_mb=megabytes), checks=("flip",))
    for pair in pairs_of_one_baseline():
        runner.submit(pair, now)
        (measured,) = runner.next()
        assert measured.value is not None
    assert len(looks) == computed
