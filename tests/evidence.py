"""Evidence for the gates without a database: a run whose every gate succeeds, and ways to spoil it.

    good = make_evidence()                             80 cases, all measured, all judged for the candidate
    make_evidence(misread={Arm.CANDIDATE: range(20)})  the candidate's lettering is wrong in 20 cases
    judged(good, [Outcome.TIE] * 80)                   other verdicts, in the order of review

Import it with ``from tests.evidence import …``.

Long: one readable world of evidence for all tests of gates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core.checks.text.alphabet import TRIED
from core.config.settings import PROJECT
from core.gates import evaluate
from core.gates.policies import find_policy
from core.gates.policy import Policy
from core.records import (
    Analysis,
    Arm,
    Case,
    Contract,
    Evidence,
    ExpectedText,
    Failure,
    GateResult,
    Measurement,
    MeasurementStatus,
    Mode,
    ModelSpec,
    Outcome,
    Pair,
    Purpose,
    Recipe,
    Render,
    RenderStatus,
    ReviewPlan,
    RolloutAction,
    RolloutEvent,
    Run,
    RunKind,
    SelfTest,
    VerdictAction,
    VerdictEvent,
)
from core.review.units import review_order

STARTED = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
VERSION = "1 + scipy 1.17.1"
"""What measured, and what the self-test was of."""
NOW = STARTED + timedelta(days=3)
REVIEWERS = ("ada", "bob", "cleo", "dan", "eve")
DIGESTS = {Arm.BASELINE: "model_" + "b" * 32, Arm.CANDIDATE: "model_" + "c" * 32}
POLICIES = PROJECT / "policies"
NONE: Mapping[Arm, Collection[int]] = {}


@cache
def policy(name: str = "upgrade", folder: Path = POLICIES) -> Policy:
    """A policy that ships."""
    return find_policy(folder, name)


def judge(evidence: Evidence, rules: Policy | None = None, now: datetime = NOW) -> Analysis:
    """The analysis of a policy, that for another model unless said otherwise, under which it was started."""
    rules = rules or policy()
    return evaluate(rules, started(evidence, rules), now)


def started(evidence: Evidence, rules: Policy) -> Evidence:
    """The evidence of a rollout that was started under a policy before anybody judged."""
    start = RolloutEvent(
        uuid="start",
        run_id=evidence.run.id,
        action=RolloutAction.START,
        by="lea",
        policy_digest=rules.digest,
        last_verdict=0,
        created_at=STARTED - timedelta(minutes=1),
    )
    return replace(evidence, start=start)


def only(gate: str, rules: Policy | None = None) -> Policy:
    """A policy of one gate."""
    rules = rules or policy()
    return replace(rules, gates=tuple(g for g in rules.gates if g.name == gate))


def result(analysis: Analysis, gate: str) -> GateResult:
    """One gate's result."""
    return next(result for result in analysis.results if result.gate == gate)


def make_evidence(
    *,
    cases: int = 80,
    seeds: Sequence[int] = (1,),
    plan: ReviewPlan | None = None,
    misread: Mapping[Arm, Collection[int]] = NONE,
    faulty: Mapping[Arm, Collection[int]] = NONE,
    lost_alpha: Collection[int] = (),
    breaking: Collection[int] = (),
    failing: Mapping[Arm, Collection[int]] = NONE,
    empty: Mapping[Arm, Collection[int]] = NONE,
    slower: float = 1.0,
    lpips: float = 0.02,
    verdicts: bool = True,
) -> Evidence:
    """A run whose cases, by number, have these faults; without any, every gate of both policies succeeds."""
    run = _run(seeds, plan or ReviewPlan(order_seed=7, max_units=cases))
    made = [_case(number) for number in range(cases)]
    pairs = [
        Pair(
            id=f"pair_{number:04}_{seed}",
            run_id=run.id,
            case_digest=case.digest,
            case_name=case.name,
            seed=seed,
            position=number * len(seeds) + place,
        )
        for number, case in enumerate(made)
        for place, seed in enumerate(seeds)
    ]
    numbers = {case.digest: number for number, case in enumerate(made)}
    measured = {
        pair.id: _measurements(
            pair.id,
            numbers[pair.case_digest],
            misread=misread,
            faulty=faulty,
            lost_alpha=lost_alpha,
            breaking=breaking,
            empty=empty,
            lpips=lpips,
        )
        for pair in pairs
    }
    renders = {
        pair.id: {
            arm: _render(
                pair,
                numbers[pair.case_digest],
                arm,
                slower,
                failed=numbers[pair.case_digest] in failing.get(arm, ()),
            )
            for arm in Arm
        }
        for pair in pairs
    }
    evidence = Evidence(
        run=run,
        cases={case.digest: case for case in made},
        pairs=tuple(pairs),
        renders=renders,
        measurements=measured,
        verdicts=(),
        self_tests=passed(),
        models={arm: _model(arm) for arm in Arm},
    )
    evidence = started(evidence, policy())
    return judged(evidence, [Outcome.CANDIDATE] * cases) if verdicts else evidence


def passed(*, trusted: bool = True, version: str = VERSION) -> dict[str, SelfTest]:
    """What each check that a gate may ask said about itself."""
    return {
        check: SelfTest(
            check=check,
            version=version,
            hit_rate=1.0 if trusted else 0.4,
            false_alarm_rate=0.0 if trusted else 0.3,
            trusted=trusted,
            reason="caught all known faults" if trusted else "caught 40% of known faults",
            score={"alphabet": TRIED} if check == "typography" else {},
            created_at=STARTED,
        )
        for check in ("blank", "contract", "alpha", "typography", "lpips", "stlpips")
    }


def judged(evidence: Evidence, outcomes: Sequence[Outcome], reviewers: Sequence[str] = REVIEWERS) -> Evidence:
    """The evidence with one verdict a case, in the order of review; reviewers take turns."""
    first = {pair.case_digest: pair for pair in reversed(evidence.pairs)}
    order = review_order(evidence.cases, evidence.run.plan.order_seed)
    events = [
        verdict(first[digest], reviewers[place % len(reviewers)], outcome, place)
        for place, (digest, outcome) in enumerate(zip(order, outcomes, strict=False))
    ]
    return replace(evidence, verdicts=tuple(events))


def verdict(pair: Pair, reviewer: str, outcome: Outcome, minute: int, **changes: Any) -> VerdictEvent:
    """A cast verdict so many minutes after the start; sides alternate as the reviewer goes on."""
    event = VerdictEvent(
        uuid=f"vote_{pair.id}_{reviewer}_{minute}",
        action=VerdictAction.CAST,
        pair_id=pair.id,
        reviewer=reviewer,
        outcome=outcome,
        side_a=(Arm.BASELINE, Arm.CANDIDATE)[minute // len(REVIEWERS) % 2],
        purpose=Purpose.EVIDENCE,
        created_at=STARTED + timedelta(minutes=minute),
    )
    return replace(event, **changes)


def every_measurement(evidence: Evidence, change: Callable[[Measurement], Measurement | None]) -> Evidence:
    """The evidence with each measurement changed, or left out where ``change`` gives None."""
    changed = {
        pair: tuple(new for m in found if (new := change(m)) is not None)
        for pair, found in evidence.measurements.items()
    }
    return replace(evidence, measurements=changed)


def every_render(evidence: Evidence, change: Callable[[Render], Render | None]) -> Evidence:
    """The evidence with each render changed, or left out where ``change`` gives None."""
    changed = {
        pair: {arm: new for arm, render in arms.items() if (new := change(render)) is not None}
        for pair, arms in evidence.renders.items()
    }
    return replace(evidence, renders=changed)


def _run(seeds: Sequence[int], plan: ReviewPlan) -> Run:
    return Run(
        id="run_" + "1" * 32,
        kind=RunKind.SUITE,
        suite="posters",
        suite_digest="suite_" + "5" * 32,
        baseline="letterpress",
        candidate="letterpress-2",
        baseline_digest=DIGESTS[Arm.BASELINE],
        candidate_digest=DIGESTS[Arm.CANDIDATE],
        seeds=tuple(seeds),
        plan=plan,
        requested_by="lea",
        created_at=STARTED,
    )


def _case(number: int) -> Case:
    """A transparent poster with one large line, and a small one on every second."""
    lines = [ExpectedText(text=f"SALE {number}", letter_height_px=24)]
    if number % 2 == 0:
        lines.append(ExpectedText(text=f"ONLY {number}", letter_height_px=14))
    return Case(
        name=f"poster-{number:04}",
        prompt=f"poster {number}",
        width=256,
        height=128,
        tags=("small",) if number % 2 == 0 else ("large",),
        expected_text=tuple(lines),
        expects_alpha=True,
    )


def _model(arm: Arm) -> ModelSpec:
    return ModelSpec(
        name=arm.value,
        source="folder",
        num_inference_steps=8,
        guidance_scale=1.0,
        contract=Contract(mode=Mode.RGBA),
        cost_per_gpu_second=0.00001,
    )


def _render(pair: Pair, number: int, arm: Arm, slower: float, *, failed: bool) -> Render:
    recipe = Recipe(
        model=arm.value,
        model_digest=DIGESTS[arm],
        backend="diffusers",
        prompt=f"poster {number}",
        negative_prompt="",
        seed=pair.seed,
        width=256,
        height=128,
        num_inference_steps=8,
        guidance_scale=1.0,
        scheduler="FlowMatchEulerDiscreteScheduler",
        scheduler_config={},
        dtype="float32",
        device_class="cpu",
    )
    ident = f"render_{pair.id}_{arm}"
    if failed:
        why = Failure(error="OutOfMemory", message="out of memory at batch 1")
        return Render(
            id=ident,
            pair_id=pair.id,
            arm=arm,
            recipe=recipe,
            status=RenderStatus.FAILED,
            failure=why,
            created_at=STARTED,
        )
    # Case by case a little faster or slower, so that there is something to estimate.
    seconds = 0.5 if arm is Arm.BASELINE else 0.5 * slower * (0.95 + 0.01 * (number * 7 % 5))
    return Render(
        id=ident,
        pair_id=pair.id,
        arm=arm,
        recipe=recipe,
        status=RenderStatus.DONE,
        digest="d" * 64,
        mode="RGBA",
        width=256,
        height=128,
        latency_ms=seconds * 1000,
        gpu_seconds=seconds,
        created_at=STARTED,
    )


def _measurements(
    pair: str,
    number: int,
    *,
    misread: Mapping[Arm, Collection[int]],
    faulty: Mapping[Arm, Collection[int]],
    lost_alpha: Collection[int],
    breaking: Collection[int],
    empty: Mapping[Arm, Collection[int]],
    lpips: float,
) -> tuple[Measurement, ...]:
    found = [
        measurement(pair, "lpips", "lpips", None, lpips),
        measurement(pair, "stlpips", "stlpips", None, lpips),
    ]
    for arm in Arm:
        broken = arm is Arm.CANDIDATE and number in breaking
        lost = arm is Arm.CANDIDATE and number in lost_alpha
        right = float(number not in misread.get(arm, ()))
        found += [
            measurement(pair, "blank", "empty", arm, float(number in empty.get(arm, ()))),
            measurement(pair, "contract", "breaches", arm, float(broken)),
            measurement(pair, "alpha", "band_present", arm, float(not lost)),
            measurement(pair, "alpha", "faults", arm, float(lost or number in faulty.get(arm, ()))),
        ]
        lines = _case(number).expected_text
        found += [measurement(pair, "typography", "exact", arm, right, subject=line.text) for line in lines]
    return tuple(found)


def measurement(
    pair: str, check: str, metric: str, arm: Arm | None, value: float, subject: str = ""
) -> Measurement:
    """A believable measurement."""
    return Measurement(
        pair_id=pair,
        check=check,
        metric=metric,
        arm=arm,
        subject=subject,
        status=MeasurementStatus.MEASURED,
        value=value,
        unit="",
        higher_is_better=None,
        reason=f"{metric} is {value}",
        version=VERSION,
        created_at=STARTED + timedelta(hours=1),
    )


def pair_of(evidence: Evidence, place: int, seed: int = 0) -> Pair:
    """The pair of the unit at a place of the review order."""
    digest = review_order(evidence.cases, evidence.run.plan.order_seed)[place]
    return [pair for pair in evidence.pairs if pair.case_digest == digest][seed]
