"""What belongs to the identity of a case, a suite, a recipe and the evidence, and what does not."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.records import (
    Arm,
    Box,
    CanaryCounts,
    Case,
    Contract,
    Evidence,
    ExpectedText,
    Measurement,
    MeasurementStatus,
    Mode,
    ModelSpec,
    Outcome,
    Purpose,
    Recipe,
    Render,
    RenderStatus,
    ReviewPlan,
    RolloutAction,
    RolloutEvent,
    Run,
    RunKind,
    RunProgress,
    SelfTest,
    Size,
    Suite,
    VerdictAction,
    VerdictEvent,
    Waiver,
)

NOW = datetime(2026, 3, 3, tzinfo=UTC)
CASE = Case(name="sale", prompt="a sale", width=64, height=32)
RECIPE = Recipe(
    model="m",
    model_digest="model_1",
    backend="drawing",
    prompt="a sale",
    negative_prompt="",
    seed=1,
    width=64,
    height=32,
    num_inference_steps=8,
    guidance_scale=1.0,
    scheduler="s",
    scheduler_config={},
    dtype="float32",
    device_class="cpu",
)
RENDER = Render(
    id="render_1", pair_id="pair_1", arm=Arm.BASELINE, recipe=RECIPE, status=RenderStatus.DONE, created_at=NOW
)
FOUND = Measurement(
    pair_id="pair_1",
    check="lpips",
    metric="lpips",
    status=MeasurementStatus.MEASURED,
    value=0.1,
    unit="distance",
    higher_is_better=False,
    reason="",
    version="1",
    created_at=NOW,
)
TEST = SelfTest(
    check="lpips", version="1", hit_rate=1, false_alarm_rate=0, trusted=True, reason="", created_at=NOW
)
SPEC = ModelSpec(
    name="m", source="m", num_inference_steps=8, guidance_scale=1.0, contract=Contract(mode=Mode.RGB)
)
RUN = Run(
    id="run_1",
    kind=RunKind.SUITE,
    suite="posters",
    suite_digest="suite_1",
    baseline="a",
    candidate="b",
    baseline_digest="model_1",
    candidate_digest="model_2",
    seeds=(1,),
    plan=ReviewPlan(),
    requested_by="lea",
    created_at=NOW,
)


def verdict(uuid: str) -> VerdictEvent:
    return VerdictEvent(
        uuid=uuid,
        action=VerdictAction.CAST,
        pair_id="pair_1",
        reviewer="ana",
        outcome=Outcome.TIE,
        created_at=NOW,
    )


EVIDENCE = Evidence(
    run=RUN,
    cases={CASE.digest: CASE},
    pairs=(),
    renders={"pair_1": {Arm.BASELINE: RENDER}},
    measurements={"pair_1": (FOUND,)},
    verdicts=(verdict("1"), verdict("2")),
    self_tests={"lpips": TEST},
    models={Arm.BASELINE: SPEC},
)
START = RolloutEvent(uuid="start", run_id="run_1", action=RolloutAction.START, by="lea", created_at=NOW)
WAIVER = Waiver(id="w", gate="g", run_id=None, owner="lea", reason="", expires_at=NOW, created_at=NOW)
CANARY = CanaryCounts(share=0.05, candidate_requests=1, candidate_errors=0, baseline_errors=0)
OTHER_EVIDENCE: dict[str, dict[str, Any]] = {
    "another run": {"run": replace(RUN, seeds=(2,))},
    "another render": {"renders": {"pair_1": {Arm.BASELINE: replace(RENDER, id="render_2")}}},
    "another value": {"measurements": {"pair_1": (replace(FOUND, value=0.2),)}},
    "another status": {"measurements": {"pair_1": (replace(FOUND, status=MeasurementStatus.ERROR),)}},
    "a measurement of one arm": {"measurements": {"pair_1": (replace(FOUND, arm=Arm.CANDIDATE),)}},
    "the verdicts in another order": {"verdicts": (verdict("2"), verdict("1"))},
    "one verdict less": {"verdicts": (verdict("1"),)},
    "a start": {"start": START},
    "another start": {"start": replace(START, uuid="other")},
    "a waiver": {"waivers": (WAIVER,)},
    "another self-test": {"self_tests": {"lpips": replace(TEST, trusted=False)}},
    "another price": {"models": {Arm.BASELINE: replace(SPEC, cost_per_gpu_second=1.0)}},
    "a known answer": {"gold": {"pair_1": Outcome.TIE}},
    "live traffic": {"canary": CANARY},
}


def test_whatever_changes_in_what_is_judged_makes_other_evidence() -> None:
    digests = [replace(EVIDENCE, **changes).digest for changes in OTHER_EVIDENCE.values()]
    assert len({EVIDENCE.digest, *digests}) == len(digests) + 1
    assert replace(EVIDENCE, cases={}, ordinals=(1, 2)).digest == EVIDENCE.digest


def test_measurements_count_in_whatever_order_they_were_read() -> None:
    two = (FOUND, replace(FOUND, metric="other"))
    there, back = (replace(EVIDENCE, measurements={"pair_1": some}) for some in (two, two[::-1]))
    assert there.digest == back.digest


@pytest.mark.parametrize("field", [one.name for one in fields(Case)])
def test_any_change_of_a_case_is_another_case(field: str) -> None:
    changes: dict[str, Any] = {
        "width": 128,
        "height": 64,
        "tags": ("x",),
        "expected_text": (ExpectedText(text="A"),),
        "expects_alpha": False,
        "critical": True,
    }
    assert replace(CASE, **{field: changes.get(field, "other")}).digest != CASE.digest
    assert CASE.size == Size(64, 32)


def test_a_suite_is_its_name_and_cases_whatever_words_describe_it() -> None:
    suite = Suite(name="posters", cases=(CASE, replace(CASE, name="b")))
    assert replace(suite, title="T", description="D").digest == suite.digest
    for changes in ({"name": "other"}, {"cases": suite.cases[:1]}, {"cases": suite.cases[::-1]}):
        assert replace(suite, **changes).digest != suite.digest


def test_a_recipe_in_another_place_of_its_batch_is_another_recipe() -> None:
    assert RECIPE.digest == replace(RECIPE).digest
    assert (
        len({RECIPE.digest, replace(RECIPE, batch_index=1).digest, replace(RECIPE, batch_size=2).digest}) == 3
    )


def test_progress_counts_all_pairs_and_those_that_will_not_change() -> None:
    progress = RunProgress(
        run_id="run_1", queued=1, running=20, done=300, failed=4_000, cancelled=50_000, eta_seconds=None
    )
    assert (progress.total, progress.finished) == (54_321, 54_300)


def test_each_arm_has_another_and_a_size_reads_as_width_times_height() -> None:
    assert [arm.other for arm in Arm] == [Arm.CANDIDATE, Arm.BASELINE]
    assert str(Size(64, 32)) == "64×32"
    assert Box(1, 2, 3, 4)._asdict() == {"x": 1, "y": 2, "width": 3, "height": 4}


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("closed", [False, True])
def test_only_a_first_judgement_on_a_closed_unit_becomes_a_second_opinion(
    purpose: Purpose, closed: bool
) -> None:
    second = closed and purpose is Purpose.EVIDENCE
    assert purpose.given(closed=closed) is (Purpose.OVERLAP if second else purpose)
