"""One readable test world: a suite of posters, a run of two models over it, finished pairs, and reviewers.

    world = make_world(store, now)                    4 cases × 2 seeds, rendered, measured, nobody has judged
    judge(world, "ana", Outcome.CANDIDATE)            ana judges every pair
    judge(world, "ben", {"sale-now": Outcome.TIE})    ben judges the pairs of one case

Import it with ``from tests.world import …``.

Long: one readable world for all tests that need a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from core.checks import CHECKS, card_version
from core.checks.text.alphabet import TRIED
from core.digests import content_digest
from core.records import (
    Arm,
    Case,
    ExpectedText,
    Failure,
    Job,
    Measurement,
    MeasurementStatus,
    Outcome,
    Pair,
    Reason,
    Recipe,
    Render,
    RenderStatus,
    ReviewPlan,
    Run,
    RunKind,
    SelfTest,
    Suite,
    VerdictAction,
    VerdictEvent,
)
from db.store import Store

BASELINE, CANDIDATE = "letterpress", "letterpress-2"
MODELS = {Arm.BASELINE: BASELINE, Arm.CANDIDATE: CANDIDATE}
DIGESTS = {Arm.BASELINE: "model_" + "b" * 32, Arm.CANDIDATE: "model_" + "c" * 32}
SIZE = 48
PLAN = ReviewPlan(order_seed=7)

SUITE = Suite(
    name="posters",
    title="Posters",
    description="Four small posters.",
    cases=(
        Case(
            name="sale-now",
            prompt='a poster with the exact text "SALE NOW"',
            width=SIZE,
            height=SIZE,
            tags=("text", "promo"),
            expected_text=(ExpectedText(text="SALE NOW", letter_height_px=12),),
            critical=True,
        ),
        Case(
            name="star",
            prompt="a star, transparent",
            width=SIZE,
            height=SIZE,
            tags=("alpha",),
            expects_alpha=True,
        ),
        Case(name="circle", prompt="a circle", width=SIZE, height=SIZE, tags=("shape",), expects_alpha=False),
        Case(name="wide", prompt="a wide bar", width=2 * SIZE, height=SIZE, tags=("shape", "wide")),
    ),
)


@dataclass(frozen=True, kw_only=True)
class World:
    """What :func:`make_world` made."""

    store: Store
    run: Run
    now: datetime

    @property
    def pairs(self) -> list[Pair]:
        """The pairs of the run, by position."""
        return self.store.pairs.of_run(self.run.id)


def make_world(
    store: Store,
    now: datetime,
    *,
    suite: Suite = SUITE,
    seeds: tuple[int, ...] = (1, 2),
    plan: ReviewPlan = PLAN,
) -> World:
    """A suite run whose pairs are all rendered and measured."""
    run = request_run(store, now, suite=suite, seeds=seeds, plan=plan)
    world = World(store=store, run=run, now=now)
    finish_all(store, now)
    return world


def request_run(
    store: Store,
    now: datetime,
    *,
    suite: Suite = SUITE,
    seeds: tuple[int, ...] = (1, 2),
    kind: RunKind = RunKind.SUITE,
    plan: ReviewPlan = PLAN,
    again: bool = False,
) -> Run:
    """A run that waits for a worker."""
    return store.runs.request(
        suite,
        kind=kind,
        baseline=BASELINE,
        candidate=CANDIDATE,
        baseline_digest=DIGESTS[Arm.BASELINE],
        candidate_digest=DIGESTS[Arm.CANDIDATE],
        seeds=seeds,
        plan=plan,
        requested_by="lea",
        now=now,
        again=again,
    )


def finish_all(store: Store, now: datetime) -> None:
    """Work off the queue as a worker would: one pair a second, every arm done."""
    for second, job in enumerate(store.jobs.claim("worker-1", limit=10_000, lease_seconds=3600)):
        finish(store, job, now + timedelta(seconds=second + 1))


def finish(
    store: Store, job: Job, now: datetime, *, failing: Arm | None = None, worker: str = "worker-1"
) -> bool:
    """End one claimed pair job with small real images; ``failing`` is the arm that ends in a failure."""
    pair = store.pairs.get(job.subject_id)
    case = store.suites.case(pair.case_digest)
    renders = [
        failed_render(pair, case, arm, now) if arm is failing else render(store, pair, case, arm, now)
        for arm in Arm
    ]
    measurements = [] if failing else [measurement(pair, now), *per_arm(pair, now)]
    return store.jobs.finish_pair(
        job.id, worker, renders=renders, measurements=measurements, noise_shared=True, now=now
    )


def picture(case: Case, seed: int, arm: Arm) -> Image.Image:
    """A small RGBA image that differs by case, seed and arm; its corners are transparent."""
    image = Image.new("RGBA", (case.width, case.height), (0, 0, 0, 0))
    shade = int(content_digest("shade", [case.name, seed, arm])[-2:], 16)
    box = (4, 4, case.width - 5, case.height - 5)
    ImageDraw.Draw(image).ellipse(box, fill=(shade, 90, 255 - shade, 255 if arm is Arm.BASELINE else 200))
    return image


def recipe(case: Case, seed: int, arm: Arm) -> Recipe:
    """The recipe of a render in this world."""
    return Recipe(
        model=MODELS[arm],
        model_digest=DIGESTS[arm],
        backend="diffusers",
        prompt=case.prompt,
        negative_prompt=case.negative_prompt,
        seed=seed,
        width=case.width,
        height=case.height,
        num_inference_steps=4,
        guidance_scale=2.0,
        scheduler="FlowMatchEulerDiscreteScheduler",
        scheduler_config={"shift": 3.0},
        dtype="float32",
        device_class="cpu",
        library_versions={"diffusers": "0.42.1"},
    )


def render(store: Store, pair: Pair, case: Case, arm: Arm, now: datetime) -> Render:
    """A finished render whose PNG lies in the blob folder."""
    image = picture(case, pair.seed, arm)
    stored = store.blobs.put(image)
    return Render(
        id=content_digest("render", [pair.id, arm, now]),
        pair_id=pair.id,
        arm=arm,
        recipe=recipe(case, pair.seed, arm),
        status=RenderStatus.DONE,
        digest=stored.digest,
        file_digest=stored.file_digest,
        mode=image.mode,
        width=image.width,
        height=image.height,
        noise_digest=content_digest("noise", pair.seed),
        latent_shape=(1, 4, 6, 6),
        latency_ms=100.0 if arm is Arm.BASELINE else 80.0,
        gpu_seconds=0.1 if arm is Arm.BASELINE else 0.08,
        peak_memory_mb=300.0,
        created_at=now,
    )


def failed_render(pair: Pair, case: Case, arm: Arm, now: datetime) -> Render:
    """A render that ended in a typed failure."""
    return Render(
        id=content_digest("render", [pair.id, arm, now]),
        pair_id=pair.id,
        arm=arm,
        recipe=recipe(case, pair.seed, arm),
        status=RenderStatus.FAILED,
        failure=Failure(error="OutOfMemory", message="out of memory at batch 1", remedy="lower the size"),
        created_at=now,
    )


def measurement(pair: Pair, now: datetime, **changes: Any) -> Measurement:
    """A paired LPIPS value; any field can be changed."""
    plain = Measurement(
        pair_id=pair.id,
        check="lpips",
        metric="lpips",
        status=MeasurementStatus.MEASURED,
        value=0.12,
        unit="distance",
        higher_is_better=False,
        reason="close",
        version="1+lpips 0.1.4",
        created_at=now,
    )
    return replace(plain, **changes)


def per_arm(pair: Pair, now: datetime) -> list[Measurement]:
    """Contract breaches of each arm: none."""
    words = {"check": "contract", "metric": "breaches", "value": 0.0, "unit": "breaches", "version": "1"}
    return [measurement(pair, now, arm=arm, reason="as promised", **words) for arm in Arm]


def verdict(
    pair: Pair,
    reviewer: str,
    outcome: Outcome | None,
    now: datetime,
    *,
    uuid: str | None = None,
    **changes: Any,
) -> VerdictEvent:
    """A cast verdict; the same pair, reviewer and moment give the same uuid."""
    event = VerdictEvent(
        uuid=uuid or content_digest("vote", [pair.id, reviewer, now]),
        action=VerdictAction.CAST,
        pair_id=pair.id,
        reviewer=reviewer,
        outcome=outcome,
        side_a=Arm.BASELINE,
        reasons=(Reason.TYPOGRAPHY,) if outcome is Outcome.BOTH_BAD else (),
        created_at=now,
    )
    return replace(event, **changes)


def judge(world: World, reviewer: str, outcomes: Outcome | Mapping[str, Outcome]) -> list[VerdictEvent]:
    """Let a reviewer judge every pair (one outcome), or the pairs of some cases (outcomes by case name)."""
    cast = []
    for pair in world.pairs:
        outcome = outcomes if isinstance(outcomes, Outcome) else outcomes.get(pair.case_name)
        if outcome is not None:
            event = verdict(pair, reviewer, outcome, world.now + timedelta(minutes=1, seconds=pair.position))
            if world.store.reviews.record(event):
                cast.append(event)
    return cast


def all_proved() -> list[SelfTest]:
    """Self-tests of every check as it is installed, all of them passed."""
    return [
        SelfTest(
            check=card.name,
            version=card_version(card),
            hit_rate=1.0,
            false_alarm_rate=0.0,
            trusted=True,
            reason="found every known fault",
            score={"alphabet": TRIED} if card.name == "typography" else {},
            created_at=datetime(2026, 3, 3, tzinfo=UTC),
        )
        for card in CHECKS.values()
    ]
