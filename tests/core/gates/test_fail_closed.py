"""Evidence that is missing, half there, not a number, stale or untested never opens a gate.

Long: every rule with every way of spoiling its evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.gates import GATES
from core.gates.policies import parse_policy
from core.gates.policy import Policy
from core.records import (
    Arm,
    CanaryCounts,
    Evidence,
    GateOutcome,
    MeasurementStatus,
    Outcome,
    RenderStatus,
)
from tests.evidence import (
    NOW,
    STARTED,
    every_measurement,
    every_render,
    judge,
    judged,
    make_evidence,
    measurement,
    passed,
    policy,
    result,
)

GOOD = replace(
    make_evidence(),
    canary=CanaryCounts(share=0.01, candidate_requests=2000, candidate_errors=8, baseline_errors=1400),
)
CANARY = """
[gates.canary]
requirement = "required"
alpha = 0.05
planned_requests = 1350
most_ratio = 2.0
confidence = 0.95
"""
RULES = parse_policy("everything", policy().text + CANARY)
COMPARED = ("contract", "alpha", "text", "small-text", "perceptual")
CHECKED = ("shows", *COMPARED)
TIMED = ("latency", "tail", "cost")
RENDERED = (*CHECKED, "delivery", *TIMED)
JUDGED = ("quality", "panel", "preference")


def without_arm(arm: Arm) -> Callable[[Evidence], Evidence]:
    """No render and no measurement of one arm."""

    def spoil(evidence: Evidence) -> Evidence:
        kept = every_render(evidence, lambda render: None if render.arm is arm else render)
        return every_measurement(kept, lambda m: None if m.arm in (arm, None) else m)

    return spoil


def failed_arm(arm: Arm) -> Callable[[Evidence], Evidence]:
    """Every render of one arm ended in a failure, so that nothing could be measured."""

    def spoil(evidence: Evidence) -> Evidence:
        lost = every_render(
            evidence,
            lambda render: replace(render, status=RenderStatus.FAILED) if render.arm is arm else render,
        )
        return every_measurement(lost, lambda m: None)

    return spoil


SPOILED: dict[str, tuple[Callable[[Evidence], Evidence], tuple[str, ...]]] = {
    "no measurements": (lambda e: every_measurement(e, lambda m: None), CHECKED),
    "measurements are not numbers": (
        lambda e: every_measurement(e, lambda m: replace(m, value=math.nan)),
        CHECKED,
    ),
    "measurements are empty": (lambda e: every_measurement(e, lambda m: replace(m, value=None)), CHECKED),
    "checks could not run": (
        lambda e: every_measurement(e, lambda m: replace(m, status=MeasurementStatus.ERROR, value=None)),
        CHECKED,
    ),
    "checks do not apply": (
        lambda e: every_measurement(
            e, lambda m: replace(m, status=MeasurementStatus.NOT_APPLICABLE, value=None)
        ),
        CHECKED,
    ),
    "checks failed their self-test": (lambda e: replace(e, self_tests=passed(trusted=False)), CHECKED),
    "checks never had a self-test": (lambda e: replace(e, self_tests={}), CHECKED),
    "checks were changed since their self-test": (
        lambda e: replace(e, self_tests=passed(version="0")),
        CHECKED,
    ),
    "the self-test was of another engine": (
        lambda e: replace(e, self_tests=passed(version="1 + scipy 1.17.2")),
        CHECKED,
    ),
    "the self-test was of other weights": (
        lambda e: replace(e, self_tests=passed(version="1 + scipy 1.17.1 + alex 0d4e4308")),
        CHECKED,
    ),
    "an earlier picture was examined": (
        lambda e: every_measurement(e, lambda m: replace(m, created_at=STARTED - timedelta(seconds=1))),
        CHECKED,
    ),
    "an earlier picture was examined, whatever the clocks say": (
        lambda e: replace(
            e, outdated=frozenset((m.pair_id, m.check) for found in e.measurements.values() for m in found)
        ),
        CHECKED,
    ),
    "nothing is rendered": (lambda e: every_render(e, lambda render: None), RENDERED),
    "the baseline is not rendered": (without_arm(Arm.BASELINE), (*COMPARED, *TIMED)),
    "the candidate is not rendered": (without_arm(Arm.CANDIDATE), RENDERED),
    "the baseline failed": (failed_arm(Arm.BASELINE), (*COMPARED, *TIMED)),
    "the candidate failed": (failed_arm(Arm.CANDIDATE), RENDERED),
    "other weights drew": (
        lambda e: every_render(
            e, lambda render: replace(render, recipe=replace(render.recipe, model_digest="model_other"))
        ),
        RENDERED,
    ),
    "timings are not numbers": (
        lambda e: every_render(e, lambda r: replace(r, latency_ms=math.nan, gpu_seconds=math.nan)),
        TIMED,
    ),
    "timings are missing": (
        lambda e: every_render(e, lambda r: replace(r, latency_ms=None, gpu_seconds=None)),
        TIMED,
    ),
    "models only warmed up": (lambda e: every_render(e, lambda r: replace(r, warm_up=True)), TIMED),
    "nobody has judged": (lambda e: replace(e, verdicts=()), JUDGED),
    "nobody could judge": (lambda e: judged(e, [Outcome.CANT_JUDGE] * 80), JUDGED),
    "one reviewer did everything": (
        lambda e: judged(e, [Outcome.CANDIDATE] * 80, ["ada"]),
        ("panel",),
    ),
    "no case and no pair": (
        lambda e: replace(e, cases={}, pairs=(), renders={}, measurements={}, verdicts=()),
        (*RENDERED, *JUDGED),
    ),
    "prices are unknown": (lambda e: replace(e, models={}), ("cost",)),
    "no live traffic": (lambda e: replace(e, canary=None), ("canary",)),
    "no live request": (
        lambda e: replace(e, canary=CanaryCounts(
            share=0.01, candidate_requests=0, candidate_errors=0, baseline_errors=0
        )),
        ("canary",),
    ),
    "live traffic without an error to compare": (
        lambda e: replace(e, canary=CanaryCounts(
            share=0.01, candidate_requests=9000, candidate_errors=0, baseline_errors=0
        )),
        ("canary",),
    ),
    "an impossible share of live traffic": (
        lambda e: replace(e, canary=CanaryCounts(
            share=math.nan, candidate_requests=9000, candidate_errors=0, baseline_errors=9
        )),
        ("canary",),
    ),
}  # fmt: skip
EVERY_WAY = [(way, gate) for way, (_, gates) in SPOILED.items() for gate in gates]


def test_good_evidence_opens_every_gate_but_the_guardrail() -> None:
    outcomes = {r.gate: r.outcome for r in judge(GOOD, RULES).results}
    assert outcomes.pop("kinds") is GateOutcome.INCONCLUSIVE
    assert set(outcomes.values()) == {GateOutcome.SUCCESSFUL}
    assert judge(GOOD, RULES).outcome is GateOutcome.SUCCESSFUL


def test_every_rule_names_the_checks_that_it_asks_for() -> None:
    # What a rule does not name is not read from the store: its evidence would be missing.
    asked = {check for gate in RULES.gates for check in GATES[gate.rule].checks}
    assert RULES.checks == asked
    narrowed = every_measurement(GOOD, lambda m: m if m.check in asked else None)
    assert judge(narrowed, RULES).results == judge(GOOD, RULES).results
    for gate in RULES.gates:
        own = GATES[gate.rule].checks
        alone = every_measurement(GOOD, lambda m, own=own: m if m.check in own else None)
        assert result(judge(alone, RULES), gate.name) == result(judge(GOOD, RULES), gate.name)


def test_every_rule_of_the_product_is_spoiled_in_some_way() -> None:
    spoiled = {gate for _, gate in EVERY_WAY}
    rules = {gate.rule for gate in RULES.gates if gate.name in spoiled}
    assert rules == set(GATES) - {"slices"}
    assert {gate.rule for gate in RULES.gates} == set(GATES)


@pytest.mark.parametrize(("way", "gate"), EVERY_WAY, ids=lambda word: word)
def test_a_gate_without_sound_evidence_never_succeeds(way: str, gate: str) -> None:
    analysis = judge(SPOILED[way][0](GOOD), RULES)
    assert result(analysis, gate).outcome is not GateOutcome.SUCCESSFUL
    assert result(analysis, gate).reason
    required = {g.name for g in RULES.gates if g.requirement in ("critical", "required")}
    if gate in required:
        assert analysis.outcome is not GateOutcome.SUCCESSFUL


@pytest.mark.parametrize("way", SPOILED)
def test_what_is_stored_of_spoiled_evidence_is_finite_or_absent(way: str) -> None:
    for found in judge(SPOILED[way][0](GOOD), RULES).results:
        numbers = [found.value, found.threshold]
        numbers += [found.interval.low, found.interval.high] if found.interval else []
        assert all(number is None or math.isfinite(number) for number in numbers)


def test_evidence_grows_stale_with_time() -> None:
    later = NOW + timedelta(days=91)
    for gate in RENDERED:
        assert result(judge(GOOD, RULES, later), gate).outcome is GateOutcome.INCONCLUSIVE, gate
    assert "older than 90 days" in result(judge(GOOD, RULES, later), "text").reason


@pytest.mark.parametrize("gate", ["latency", "perceptual"])
@pytest.mark.parametrize(
    ("missing", "expected"), [(4, GateOutcome.SUCCESSFUL), (5, GateOutcome.INCONCLUSIVE)]
)
def test_one_case_in_twenty_may_be_missing_and_no_more(
    gate: str, missing: int, expected: GateOutcome
) -> None:
    assert result(judge(without_pairs(missing), RULES), gate).outcome is expected


@pytest.mark.parametrize("gate", ["alpha", "text"])
def test_a_missing_pair_is_the_loss_that_it_may_hide(gate: str) -> None:
    found = result(judge(without_pairs(4), RULES), gate)
    assert (found.outcome, found.value) == (GateOutcome.INCONCLUSIVE, -4 / 80)
    assert "4 could not be told (4 count as lost)" in found.reason


def without_pairs(missing: int) -> Evidence:
    """The good evidence without its first pairs."""
    lost = {pair.id for pair in GOOD.pairs[:missing]}
    return replace(
        GOOD,
        renders={pair: arms for pair, arms in GOOD.renders.items() if pair not in lost},
        measurements={pair: found for pair, found in GOOD.measurements.items() if pair not in lost},
    )


def test_an_examination_that_came_after_the_picture_is_believed_although_its_clock_was_behind() -> None:
    behind = every_measurement(GOOD, lambda m: replace(m, created_at=STARTED - timedelta(seconds=1)))
    assert judge(replace(behind, outdated=frozenset()), RULES).outcome is GateOutcome.SUCCESSFUL


def test_a_promise_without_statistics_tolerates_no_gap() -> None:
    lost = GOOD.pairs[0].id
    thinner = replace(GOOD, measurements={p: m for p, m in GOOD.measurements.items() if p != lost})
    assert result(judge(thinner, RULES), "contract").outcome is GateOutcome.INCONCLUSIVE


def test_an_error_of_a_check_is_an_error_and_names_what_to_do() -> None:
    broken = every_measurement(
        GOOD,
        lambda m: replace(
            m, status=MeasurementStatus.ERROR, value=None, reason="weights missing, run doctor"
        ),
    )
    found = result(judge(broken, RULES), "text")
    assert found.outcome is GateOutcome.ERROR
    assert "weights missing, run doctor" in found.reason
    assert judge(broken, RULES).outcome is GateOutcome.ERROR


def test_a_failed_gate_outweighs_an_error() -> None:
    mixed = every_measurement(
        make_evidence(misread={Arm.CANDIDATE: range(40)}),
        lambda m: replace(m, status=MeasurementStatus.ERROR) if m.check == "alpha" else m,
    )
    assert judge(mixed, policy()).outcome is GateOutcome.FAILED


def test_a_measurement_of_another_check_is_not_taken_for_the_one_that_is_missing() -> None:
    renamed = every_measurement(GOOD, lambda m: replace(m, check="other"))
    assert result(judge(renamed, RULES), "text").outcome is GateOutcome.INCONCLUSIVE


def test_a_line_that_was_not_examined_is_missing_not_right() -> None:
    half = every_measurement(GOOD, lambda m: None if m.subject.startswith("ONLY") else m)
    assert result(judge(half, RULES), "small-text").outcome is GateOutcome.INCONCLUSIVE


def test_a_policy_whose_gates_are_all_waived_away_decides_nothing() -> None:
    muted = Policy(**{**_fields(RULES), "gates": tuple(replace(g, requirement="muted") for g in RULES.gates)})
    assert judge(GOOD, muted).outcome is GateOutcome.INCONCLUSIVE


def test_a_line_that_cannot_be_told_counts_as_lost_where_it_may_hide_a_loss() -> None:
    pair = GOOD.pairs[0].id
    unsure = replace(
        measurement(pair, "typography", "exact", Arm.CANDIDATE, 0.0, "SALE 0"),
        status=MeasurementStatus.AMBIGUOUS,
        value=None,
    )
    changed = every_measurement(
        GOOD,
        lambda m: unsure if (m.pair_id, m.arm, m.subject) == (pair, Arm.CANDIDATE, "SALE 0") else m,
    )
    found = result(judge(changed, RULES), "text")
    assert found.value == -1 / 80
    assert "1 could not be told (1 count as lost)" in found.reason


def _fields(rules: Policy) -> dict[str, object]:
    return {name: getattr(rules, name) for name in Policy.__slots__}
