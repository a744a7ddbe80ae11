"""Analyses, rollout events, waivers, evidence and sums.

Long: one history after the other.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import UnknownName
from core.records import (
    Analysis,
    Arm,
    GateOutcome,
    GateResult,
    Interval,
    Outcome,
    Purpose,
    Reason,
    Requirement,
    RolloutAction,
    RolloutEvent,
    SelfTest,
    TriageEvent,
    TriageLabel,
    Waiver,
)
from db.store import Store
from tests.world import World, finish, judge, make_world, measurement, request_run, verdict

DAY = timedelta(days=1)


def analysis(world: World, **changes: Any) -> Analysis:
    """A small analysis of the world's run."""
    result = GateResult(
        gate="preference",
        title="Designers prefer it",
        requirement=Requirement.REQUIRED,
        outcome=GateOutcome.INCONCLUSIVE,
        value=0.1,
        threshold=None,
        unit="net preference",
        n=8,
        interval=Interval(low=-0.2, high=0.4, level=0.96, method="betting"),
        n_needed=41,
        reason="too few verdicts",
    )
    plain = Analysis(
        id="analysis_1",
        run_id=world.run.id,
        policy="upgrade",
        policy_digest="policy_1",
        policy_text="[gates]",
        evidence_digest="evidence_1",
        outcome=GateOutcome.INCONCLUSIVE,
        sentence="Not yet.",
        results=(result,),
        created_at=world.now,
    )
    return replace(plain, **changes)


def event(world: World, uuid: str, action: RolloutAction, by: str = "lea") -> RolloutEvent:
    """Something that happened to the world's rollout."""
    return RolloutEvent(uuid=uuid, run_id=world.run.id, action=action, by=by, created_at=world.now)


def test_analyses_are_kept_newest_first(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    assert store.decisions.analyses(world.run.id) == []
    first, second = analysis(world), analysis(world, id="analysis_2", outcome=GateOutcome.SUCCESSFUL)
    assert store.decisions.save_analysis(first)
    assert not store.decisions.save_analysis(first)
    assert store.decisions.save_analysis(second)
    assert store.decisions.analyses(world.run.id) == [second, first]


def test_events_are_appended_in_order_and_once(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    started, decided = event(world, "e1", RolloutAction.START), event(world, "e2", RolloutAction.DECIDE)
    assert store.decisions.append_event(started)
    assert store.decisions.append_event(decided, seen=1)
    assert not store.decisions.append_event(started)
    assert store.decisions.events(world.run.id) == [replace(started, last_verdict=0), decided]


def test_two_leads_who_decide_at_once_do_not_both_decide(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    saved: list[bool] = []

    def decide(uuid: str, action: RolloutAction) -> None:
        saved.append(store.decisions.append_event(event(world, uuid, action), seen=0))

    leads = [
        threading.Thread(target=decide, args=words)
        for words in (("approve", RolloutAction.APPROVE), ("refuse", RolloutAction.REFUSE))
    ]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()
    assert sorted(saved) == [False, True]
    assert len(store.decisions.events(world.run.id)) == 1


def test_a_waiver_holds_until_it_expires(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    mine = Waiver(
        id="w1",
        gate="typography",
        run_id=world.run.id,
        owner="lea",
        reason="known font",
        expires_at=now + DAY,
        created_at=now,
    )
    everywhere = replace(mine, id="w2", run_id=None)
    elsewhere = replace(mine, id="w3", run_id="run_0")
    for waiver in (mine, everywhere, elsewhere):
        assert store.decisions.add_waiver(waiver)
    assert not store.decisions.add_waiver(mine)
    assert store.decisions.waivers(world.run.id, now) == [mine, everywhere]
    assert store.decisions.waivers(world.run.id, now + DAY) == []


def test_evidence_is_everything_about_one_run_and_nothing_else(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    request_run(store, now, again=True)
    test = SelfTest(
        check="lpips",
        version="1",
        hit_rate=1.0,
        false_alarm_rate=0.0,
        trusted=True,
        reason="",
        created_at=now,
    )
    store.selftests.save([replace(test, trusted=False), test])
    cast = judge(world, "ana", {"sale-now": Outcome.CANDIDATE})
    store.reviews.undo("u1", cast[0].uuid, "ana", now)
    evidence = store.evidence(world.run.id)
    assert evidence.run == world.run
    assert list(evidence.pairs) == world.pairs
    assert set(evidence.cases) == {pair.case_digest for pair in world.pairs}
    assert evidence.renders == store.renders.of_run(world.run.id)
    assert evidence.measurements == {
        pair.id: tuple(store.measurements.of_pair(pair.id)) for pair in world.pairs
    }
    assert [e.uuid for e in evidence.verdicts] == [cast[0].uuid, cast[1].uuid, "u1"]
    assert evidence.self_tests == {"lpips": test}
    assert evidence.gold == {}
    with pytest.raises(UnknownName):
        store.evidence("run_0")


def test_the_digest_of_evidence_changes_with_what_is_known(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    before = store.evidence(world.run.id).digest
    assert store.evidence(world.run.id).digest == before
    store.measurements.append([measurement(world.pairs[0], now, value=0.3)])
    after = store.evidence(world.run.id).digest
    judge(world, "ana", {"star": Outcome.TIE})
    assert len({before, after, store.evidence(world.run.id).digest}) == 3


def test_a_pair_whose_sides_a_person_labelled_right_and_wrong_is_gold(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    for arm, label in ((Arm.CANDIDATE, TriageLabel.POSITIVE), (Arm.BASELINE, TriageLabel.NEGATIVE)):
        assert store.evidence(world.run.id).gold == {}
        labelled = TriageEvent(
            uuid=f"t-{arm}",
            case_digest=pair.case_digest,
            render_digest=str(store.renders.of_pair(pair.id)[arm].digest),
            label_before=TriageLabel.UNTRIAGED,
            label_after=label,
            by="lea",
            created_at=now,
        )
        store.golden.triage(labelled)
    assert store.evidence(world.run.id).gold == {pair.id: Outcome.CANDIDATE}
    other = request_run(store, now, seeds=(9,))
    store.reviews.record(verdict(pair, "ana", Outcome.CANDIDATE, now, purpose=Purpose.GOLD))
    assert [e.purpose for e in store.evidence(other.id).verdicts] == [Purpose.GOLD], (
        "it is about the reviewer"
    )


def test_labels_of_the_rule_never_make_a_pair_gold(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    for reviewer in ("ana", "ben"):
        judge(world, reviewer, {"sale-now": Outcome.CANDIDATE})
    assert store.golden.promote(now)
    baseline = store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE]
    store.golden.triage(
        TriageEvent(
            uuid="t1",
            case_digest=world.pairs[0].case_digest,
            render_digest=str(baseline.digest),
            label_before=TriageLabel.UNTRIAGED,
            label_after=TriageLabel.NEGATIVE,
            by="lea",
            created_at=now,
        )
    )
    assert store.evidence(world.run.id).gold == {}


def test_sums_count_standing_judgements_and_nothing_else(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    assert store.insights.verdicts().total == 0
    judge(world, "ana", {"sale-now": Outcome.CANDIDATE, "star": Outcome.BOTH_BAD})
    judge(world, "ben", {"sale-now": Outcome.BASELINE, "circle": Outcome.TIE, "wide": Outcome.CANT_JUDGE})
    late = verdict(world.pairs[6], "cleo", Outcome.CANDIDATE, now + DAY)
    taken_back = verdict(world.pairs[7], "cleo", Outcome.CANDIDATE, now + DAY)
    control = verdict(world.pairs[5], "cleo", Outcome.TIE, now + DAY, purpose=Purpose.SAME)
    for each in (late, taken_back, control):
        assert store.reviews.record(each)
    store.reviews.undo("u1", taken_back.uuid, "cleo", now + DAY)
    counts = store.insights.verdicts(world.run.id)
    assert (counts.candidate, counts.baseline, counts.tie, counts.both_bad, counts.cant_judge) == (
        3,
        2,
        2,
        2,
        2,
    )
    assert (counts.total, counts.decisive) == (11, 5)
    assert store.insights.verdicts() == counts
    assert store.insights.verdicts("run_0").total == 0
    by_tag = {row.group: row.total for row in store.insights.by_tag(world.run.id)}
    assert by_tag == {"alpha": 2, "promo": 4, "shape": 5, "text": 4, "wide": 3}
    by_day = [(row.group, row.total) for row in store.insights.by_day(world.run.id)]
    assert by_day == [("2026-03-03", 10), ("2026-03-04", 1)]
    by_reviewer = {row.group: row.total for row in store.insights.by_reviewer(world.run.id)}
    assert by_reviewer == {"ana": 4, "ben": 6, "cleo": 1}
    (reason,) = store.insights.reasons(world.run.id)
    assert (reason.reason, reason.outcome, reason.times) == (Reason.TYPOGRAPHY, Outcome.BOTH_BAD, 2)


def test_costs_are_those_of_the_latest_finished_renders(store: Store, now: datetime) -> None:
    run = request_run(store, now, seeds=(1,))
    first, *others = store.jobs.claim("worker-1", limit=10, lease_seconds=60)
    finish(store, first, now, failing=Arm.CANDIDATE)
    for job in others:
        finish(store, job, now)
    assert len(store.insights.costs(run.id)) == 7
    store.jobs.retry(first.id, now)
    (again,) = store.jobs.claim("worker-1", limit=1, lease_seconds=60)
    finish(store, again, now + DAY)
    costs = store.insights.costs(run.id)
    assert len(costs) == 8
    assert {(cost.arm, cost.latency_ms) for cost in costs} == {(Arm.BASELINE, 100.0), (Arm.CANDIDATE, 80.0)}
