"""Broken promises are counted and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from PIL import Image

from core.checks.measures.contract import breaches_of
from core.checks.picture import Picture
from core.records import Arm, Contract, Mode, Recipe, Size
from tests.core.checks.conftest import Examine, one

PROMISE = Contract(mode=Mode.RGBA, sizes=(Size(64, 32),), max_pixels=64 * 32, max_latency_ms=500)
GOOD = Image.new("RGBA", (64, 32))


def recipe(prompt: str) -> Recipe:
    return Recipe(
        model="sketch",
        model_digest="model_1",
        backend="drawing",
        prompt=prompt,
        negative_prompt="",
        seed=1,
        width=64,
        height=32,
        num_inference_steps=8,
        guidance_scale=1.0,
        scheduler="none",
        scheduler_config={},
        dtype="float32",
        device_class="cpu",
    )


def parts(**more: Mapping[Arm, object]) -> dict[str, object]:
    return {"contracts": dict.fromkeys(Arm, PROMISE), **more}


def test_a_picture_as_promised_breaks_nothing(found: Examine) -> None:
    measurement = one(found(GOOD, GOOD, "contract", parts=parts()), "breaches", Arm.CANDIDATE)
    assert (measurement.value, measurement.reason) == (0, "keeps its contract")


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (GOOD.convert("RGB"), "expected alpha channel, found null (mode RGB)"),
        (GOOD.convert("LA"), "expected mode RGBA, got LA"),
        (GOOD.resize((32, 64)), "expected size 64×32, got 32×64"),
        (Image.new("I;16", (64, 32)), "expected 8 bits per channel, got 16"),
    ],
)
def test_a_broken_promise_is_named(found: Examine, candidate: Image.Image, reason: str) -> None:
    measured = found(GOOD, candidate, "contract", parts=parts(), width=64, height=32)
    measurement = one(measured, "breaches", Arm.CANDIDATE)
    assert measurement.value is not None
    assert measurement.value >= 1
    assert reason in measurement.reason
    assert one(measured, "breaches", Arm.BASELINE).value == 0


def test_a_broken_promise_of_the_picture_is_shown_over_all_of_it(found: Examine) -> None:
    late = {Arm.CANDIDATE: 900.0}
    measured = found(GOOD, GOOD.convert("RGB"), "contract", parts=parts(latencies_ms=late))
    broken = one(measured, "breaches", Arm.CANDIDATE)
    (region,) = broken.regions
    assert (region.box, region.arm) == ((0, 0, 64, 32), Arm.CANDIDATE)
    assert "expected alpha channel, found null" in region.label
    assert "took 900 ms" in broken.reason
    slow = one(found(GOOD, GOOD, "contract", parts=parts(latencies_ms=late)), "breaches", Arm.CANDIDATE)
    assert (slow.value, slow.regions) == (1, ())


def test_a_slow_answer_breaks_a_promise(found: Examine) -> None:
    slow = parts(latencies_ms={Arm.CANDIDATE: 731.0})
    measurement = one(found(GOOD, GOOD, "contract", parts=slow), "breaches", Arm.CANDIDATE)
    assert measurement.reason == "expected at most 500 ms, took 731 ms"


def test_a_prompt_longer_than_promised_is_named(found: Examine) -> None:
    long = parts(recipes=dict.fromkeys(Arm, recipe("x" * 2_001)))
    measurement = one(found(GOOD, GOOD, "contract", parts=long), "breaches", Arm.BASELINE)
    assert "at most 2000 characters, got 2001" in measurement.reason


def test_without_a_contract_only_the_size_asked_for_counts(found: Examine) -> None:
    measurement = one(found(GOOD, GOOD, "contract", width=128), "breaches", Arm.CANDIDATE)
    assert measurement.reason == "expected size 128×32, got 64×32"


@pytest.mark.parametrize(
    ("mode", "bits"), [("1", 1), ("L", 8), ("I", 32), ("F", 32), ("I;16", 16), ("I;16B", 16), ("I;16L", 16)]
)
def test_the_depth_of_every_mode_is_known(mode: str, bits: int) -> None:
    picture = Picture(Image.new(mode, (64, 32)))
    deep = replace(PROMISE, bit_depth=64)
    assert f"expected 64 bits per channel, got {bits}" in breaches_of(picture, deep, asked=Size(64, 32))


def test_limits_may_be_reached() -> None:
    picture, latest = Picture(GOOD), replace(PROMISE, max_prompt_characters=10)
    at_most = breaches_of(picture, latest, asked=Size(64, 32), recipe=recipe("x" * 10), latency_ms=500.0)
    assert at_most == []
    over = breaches_of(picture, latest, asked=Size(64, 32), recipe=recipe("x" * 11), latency_ms=510.0)
    assert over == [
        "expected a prompt of at most 10 characters, got 11",
        "expected at most 500 ms, took 510 ms",
    ]
    patient = replace(PROMISE, max_latency_ms=None, sizes=())
    assert breaches_of(picture, patient, asked=Size(64, 32), latency_ms=1e9) == []


@pytest.mark.parametrize(("format_", "broken"), [("PNG", False), (None, False), ("JPEG", True)])
def test_a_picture_that_came_in_another_file_format_breaks_a_promise(
    format_: str | None, broken: bool
) -> None:
    image = GOOD.copy()
    image.format = format_
    found = breaches_of(Picture(image), PROMISE, asked=Size(64, 32))
    assert found == (["expected format PNG, got JPEG"] if broken else [])
