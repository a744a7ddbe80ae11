"""Evidence as the store keeps it is judged exactly as the whole records are, whatever was found."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.gates import evaluate
from core.records import Arm, Evidence, Failure, Measurement, MeasurementStatus, Render, RenderStatus
from core.records.kept import READ, KeptPair, KeptPairs, SeenRender, keep
from tests.evidence import NOW, STARTED, make_evidence, policy

ARM = Arm.CANDIDATE


def seen(render: Render) -> SeenRender:
    """What is kept of a render."""
    names = [name for name in SeenRender._fields if name != "model_digest"]
    words: dict[str, Any] = {name: getattr(render, name) for name in names}
    return SeenRender(**words, model_digest=render.recipe.model_digest)


def as_kept(evidence: Evidence) -> Evidence:
    """The same evidence in the form in which the store keeps it."""
    rows: dict[str, KeptPair] = {}
    for pair in evidence.pairs:
        drawn = [
            seen(evidence.renders[pair.id][arm]) for arm in Arm if arm in evidence.renders.get(pair.id, {})
        ]
        found = evidence.measurements.get(pair.id, ())
        if drawn or found:
            case = evidence.cases[pair.case_digest]
            outdated = [check for pair_id, check in evidence.outdated or () if pair_id == pair.id]
            rows[pair.id] = keep(pair.id, evidence.run.id, case, drawn, found, outdated=outdated)
    kept = KeptPairs({pair.id: pair for pair in evidence.pairs}, evidence.cases, rows)
    outdated = None if evidence.outdated is None else kept.outdated
    assert outdated == evidence.outdated
    return replace(
        evidence, renders=kept.renders, measurements=kept.measurements, outdated=outdated, kept=kept
    )


def same(evidence: Evidence) -> None:
    """Every gate of every policy that ships says the same of both forms, to the last bit and word."""
    for name in ("upgrade", "same-model"):
        whole, kept = (evaluate(policy(name), one, NOW) for one in (evidence, as_kept(evidence)))
        assert kept.results == whole.results
        assert (kept.outcome, kept.sentence) == (whole.outcome, whole.sentence)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"seeds": (1, 2, 3), "lpips": 0.31},
        {"misread": {ARM: range(9)}, "faulty": {Arm.BASELINE: range(3), ARM: range(2, 9)}},
        {"lost_alpha": (3,), "breaking": (5, 6), "empty": {Arm.BASELINE: (1,), ARM: (1, 2)}},
        {"failing": {Arm.BASELINE: (4, 5), ARM: (5, 6, 7)}, "seeds": (1, 2)},
        {"slower": 1.4},
    ],
)
def test_each_kind_of_evidence_is_judged_alike_in_both_forms(words: dict[str, Any]) -> None:
    same(make_evidence(**words))


@pytest.mark.parametrize("seed", range(6))
def test_evidence_with_many_gaps_at_once_is_judged_alike_in_both_forms(seed: int) -> None:
    chance = random.Random(seed)

    def spoiled(m: Measurement) -> Measurement | None:
        changes: list[dict[str, Any] | None] = [
            None,
            {"status": MeasurementStatus.ERROR, "value": None, "reason": f"no reader on {m.pair_id[-4:-2]}0"},
            {"status": MeasurementStatus.AMBIGUOUS},
            {"status": MeasurementStatus.NOT_APPLICABLE, "value": None},
            {"created_at": m.created_at - timedelta(days=chance.choice([1, 100]))},
            {"version": "2"},
            {"subject": "other words"},
            {"value": chance.choice([0.0, 1.0, 0.3, 2.5])},
        ]
        change = chance.choice(changes) if chance.random() < 0.02 else {}
        return None if change is None else replace(m, **change)

    def spoilt(render: Render) -> Render | None:
        changes: list[dict[str, Any] | None] = [
            None,
            {"warm_up": True},
            {"latency_ms": None},
            {"gpu_seconds": -1.0},
            {"created_at": STARTED - timedelta(days=100)},
            {"created_at": STARTED + timedelta(hours=2)},
            {"recipe": replace(render.recipe, model_digest="model_other")},
            {"status": RenderStatus.FAILED, "failure": Failure(error="OutOfMemory", message="at batch 1")},
        ]
        change = chance.choice(changes) if chance.random() < 0.02 else {}
        return None if change is None else replace(render, **change)

    evidence = make_evidence(cases=70, seeds=(1, 2), lpips=0.19)
    renders = {
        pair: {arm: new for arm, render in arms.items() if (new := spoilt(render)) is not None}
        for pair, arms in evidence.renders.items()
    }
    found = {
        pair: tuple(new for m in some if (new := spoiled(m)) is not None)
        for pair, some in evidence.measurements.items()
    }
    left_behind = {(pair.id, chance.choice(("typography", "lpips", "alpha"))) for pair in evidence.pairs[:9]}
    same(replace(evidence, renders=renders, measurements=found))
    same(replace(evidence, renders=renders, measurements=found, outdated=frozenset(left_behind)))


def test_what_is_kept_is_read_back_as_it_was() -> None:
    evidence = make_evidence(cases=4, lpips=0.123, failing={ARM: (1,)}, breaking=(2,))
    kept = as_kept(evidence)
    for pair in evidence.pairs:
        for arm, render in evidence.renders[pair.id].items():
            assert seen(kept.renders[pair.id][arm])._replace(id=render.id) == seen(render)
        told = [
            (m.check, m.metric, m.arm, m.subject, m.status, m.value, m.version, m.created_at)
            for m in kept.measurements[pair.id]
        ]
        assert told == [
            (m.check, m.metric, m.arm, m.subject, m.status, m.value, m.version, m.created_at)
            for m in evidence.measurements[pair.id]
            if (m.check, m.metric) in READ
        ]


def test_pairs_of_one_shape_are_read_once() -> None:
    kept = as_kept(make_evidence(cases=60)).kept
    assert kept is not None
    assert len({row.shape for pair in kept.ids() if (row := kept.row(pair))}) == 2, (
        "with one line, and with two"
    )


def test_the_identity_of_kept_evidence_follows_every_measurement_and_render() -> None:
    evidence = make_evidence(cases=3)
    first = evidence.pairs[0].id
    other = replace(evidence.measurements[first][0], value=0.9)
    changed = {**evidence.measurements, first: (other, *evidence.measurements[first][1:])}
    digests = {as_kept(one).digest for one in (evidence, replace(evidence, measurements=changed))}
    assert len({*digests, as_kept(replace(evidence, renders={})).digest}) == 3
