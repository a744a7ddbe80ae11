"""The curve of a size ladder counts what could be told, per arm and height."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PIL import Image, ImageDraw

from core.checks.results.size_ladder import Rung, pass_rate_by_size
from core.records import Arm, ExpectedText, Measurement, MeasurementStatus
from tests.core.checks.conftest import Examine


def rungs(found: Examine, candidate_text: str) -> dict[tuple[Arm, int], float]:
    images = [Image.new("RGB", (300, 160), "navy") for _ in Arm]
    for image, text in zip(images, ("SALE NOW", candidate_text), strict=True):
        draw: Any = ImageDraw.Draw(image)
        draw.text((150, 40), "SALE NOW", "white", font_size=44, anchor="mm")
        draw.text((150, 110), text, "white", font_size=20, anchor="mm")
    asked = tuple(ExpectedText(text="SALE NOW", letter_height_px=height) for height in (32, 14))
    measured = found(*images, "typography", expected_text=asked)
    return {(rung.arm, rung.letter_height_px): rung.pass_rate for rung in pass_rate_by_size(measured)}


def test_each_arm_has_a_rung_for_each_height(found: Examine) -> None:
    assert rungs(found, "SALT NOW") == {
        (Arm.BASELINE, 14): 1,
        (Arm.BASELINE, 32): 1,
        (Arm.CANDIDATE, 14): 0,
        (Arm.CANDIDATE, 32): 1,
    }


def test_no_lettering_has_no_rungs() -> None:
    assert pass_rate_by_size([]) == []


def line_read(arm: Arm | None, height: object, value: float | None, **changes: Any) -> Measurement:
    """What the check *typography* stores of one line."""
    stored = {"check": "typography", "metric": "exact", "status": MeasurementStatus.MEASURED, **changes}
    return Measurement(
        pair_id="pair_1",
        arm=arm,
        value=value,
        unit="yes/no",
        higher_is_better=True,
        reason="",
        version="1",
        raw={"letter_height_px": height},
        created_at=datetime(2026, 3, 3, tzinfo=UTC),
        **stored,
    )


def test_rungs_count_the_lines_of_known_height_that_were_told_baseline_first_and_small_to_large() -> None:
    lines = [
        line_read(Arm.CANDIDATE, 12, 0.0),
        line_read(Arm.CANDIDATE, 12, 1.0),
        line_read(Arm.BASELINE, 20, 0.0),
        line_read(Arm.BASELINE, 12, 1.0),
        line_read(Arm.BASELINE, 16, None, status=MeasurementStatus.AMBIGUOUS),
        line_read(Arm.BASELINE, None, 1.0),
        line_read(None, 14, 1.0),
        line_read(Arm.BASELINE, 14, 0.9, metric="ned"),
        line_read(Arm.BASELINE, 14, 1.0, check="second_reader"),
    ]
    assert pass_rate_by_size(lines) == [
        Rung(arm=Arm.BASELINE, letter_height_px=12, right=1, told=1),
        Rung(arm=Arm.BASELINE, letter_height_px=20, right=0, told=1),
        Rung(arm=Arm.CANDIDATE, letter_height_px=12, right=1, told=2),
    ]
    assert [rung.pass_rate for rung in pass_rate_by_size(lines)] == [1.0, 0.0, 0.5]
