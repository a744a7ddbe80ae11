"""What the desk hands out in one run: hidden controls, and the same next task as the rules of collection."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.config.settings import Settings
from core.records import (
    Arm,
    Case,
    Outcome,
    Purpose,
    QueueItem,
    ReviewFilter,
    ReviewPlan,
    RolloutAction,
    RolloutEvent,
    Run,
    Suite,
    TriageEvent,
    TriageLabel,
    VerdictEvent,
)
from db.store import Store
from tests.review_queue import next_task
from tests.world import (
    World,
    finish_all,
    request_run,
    verdict,
)


def cast(
    world: World,
    item: QueueItem,
    reviewer: str,
    outcome: Outcome = Outcome.TIE,
    moment: datetime | None = None,
) -> VerdictEvent:
    """A reviewer judges an item as the desk does."""
    handout = world.store.reviews.handout(item.task, reviewer)
    pair = world.store.pairs.get(handout.pair_id)
    event = verdict(
        pair,
        reviewer,
        outcome,
        moment or world.now,
        uuid=uuid4().hex,
        purpose=handout.purpose,
        side_a=handout.side_a,
    )
    assert world.store.reviews.record(event)
    return event


def started(run: Run, moment: datetime) -> RolloutEvent:
    """The start of a run's rollout."""
    return RolloutEvent(
        uuid="start",
        run_id=run.id,
        action=RolloutAction.START,
        by="lea",
        policy_digest="policy_1",
        created_at=moment,
    )


def controls_of(world: World, reviewer: str, number: int) -> list[Purpose]:
    """Judge so many items of a queue with controls; gives what each verdict was for."""
    purposes = []
    for _ in range(number):
        wanted = ReviewFilter(run_id=world.run.id)
        items = world.store.reviews.queue(reviewer, wanted, 3, now=world.now, controls=True)
        purposes.append(cast(world, items[0], reviewer).purpose)
    return purposes


def test_hidden_controls_are_mixed_in_and_look_like_any_other_item(store: Store, now: datetime) -> None:
    plan = ReviewPlan(order_seed=3, control_share=0.4, overlap_share=0.0)
    cases = tuple(Case(name=f"n{n}", prompt=f"poster {n}", width=16, height=16) for n in range(30))
    run = request_run(store, now, plan=plan, suite=Suite(name="thirty", cases=cases), seeds=(1,))
    finish_all(store, now)
    world = World(store=store, run=run, now=now)
    known_answer(world, world.pairs[0].id)
    purposes = controls_of(world, "ana", 24)
    assert {Purpose.SAME, Purpose.REPEAT, Purpose.GOLD} <= set(purposes)
    standing = {(event.pair_id, event.purpose): event for event in store.reviews.current(run_id=run.id)}
    for (pair_id, purpose), event in standing.items():
        if purpose is Purpose.REPEAT:
            assert event.side_a is standing[pair_id, Purpose.EVIDENCE].side_a.other
    assert store.insights.verdicts(run.id).total == sum(
        p in (Purpose.EVIDENCE, Purpose.OVERLAP) for p in purposes
    )


def test_of_two_verdicts_on_a_unit_the_second_sees_the_sides_swapped(store: Store, now: datetime) -> None:
    plan = ReviewPlan(order_seed=3, votes_per_unit=2, control_share=0.0, overlap_share=0.0)
    run = request_run(store, now, plan=plan, seeds=(1,))
    finish_all(store, now)
    world = World(store=store, run=run, now=now)
    sides: dict[str, list[Arm | None]] = {}
    for turn, reviewer in enumerate(["ana", "ben"] * 4):
        moment = now + turn * timedelta(hours=1)
        wanted = next_task(store.evidence(run.id), reviewer, moment)
        (item,) = store.reviews.queue(reviewer, ReviewFilter(run_id=run.id), 1, now=moment)
        event = cast(world, item, reviewer, Outcome.TIE, moment)
        sides.setdefault(event.pair_id, []).append(event.side_a)
        assert wanted is not None
        assert wanted.side_a in (None, event.side_a)
    assert len(sides) == 4
    assert all(set(shown) == set(Arm) for shown in sides.values())


def test_a_pair_of_equals_shows_one_picture_twice(store: Store, now: datetime) -> None:
    plan = ReviewPlan(order_seed=3, control_share=1.0, overlap_share=0.0)
    run = request_run(store, now, plan=plan)
    finish_all(store, now)
    items = store.reviews.queue("ana", ReviewFilter(run_id=run.id), 8, now=now, controls=True)
    assert all(item.a == item.b for item in items)
    assert len({item.task for item in items}) == 8


def known_answer(world: World, pair_id: str) -> None:
    """A person says that the candidate of a pair is right and its baseline wrong."""
    pair = world.store.pairs.get(pair_id)
    for arm, label in ((Arm.CANDIDATE, TriageLabel.POSITIVE), (Arm.BASELINE, TriageLabel.NEGATIVE)):
        digest = world.store.renders.of_pair(pair_id)[arm].digest
        event = TriageEvent(
            uuid=f"{pair_id}-{arm}",
            case_digest=pair.case_digest,
            render_digest=str(digest),
            label_before=TriageLabel.UNTRIAGED,
            label_after=label,
            by="lea",
            created_at=world.now,
        )
        world.store.golden.triage(event)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    judged=st.lists(
        st.tuples(st.sampled_from(["ana", "ben", "cleo"]), st.sampled_from([*Outcome, "undo", "start"])),
        max_size=14,
    ),
    votes=st.integers(1, 2),
    overlap=st.sampled_from([0.0, 0.3]),
    most=st.sampled_from([3, 400]),
)
def test_the_first_task_is_the_one_that_the_rules_of_collection_name(
    tmp_path_factory: pytest.TempPathFactory,
    now: datetime,
    judged: list[tuple[str, Outcome | str]],
    votes: int,
    overlap: float,
    most: int,
) -> None:
    plan = ReviewPlan(
        order_seed=5, votes_per_unit=votes, overlap_share=overlap, control_share=0.0, max_units=most
    )
    with Store.open(Settings.from_env({}, home=tmp_path_factory.mktemp("home"))) as store:
        run = request_run(store, now, plan=plan)
        finish_all(store, now)
        world = World(store=store, run=run, now=now)
        for turn, (reviewer, outcome) in enumerate(judged):
            moment = now + turn * timedelta(hours=1)  # whatever was handed out before is free again
            last = store.reviews.last_of(reviewer)
            if outcome == "undo" and last is not None:
                assert store.reviews.undo(f"undo-{turn}", last.uuid, reviewer, moment)
            if outcome == "start":
                store.decisions.append_event(started(run, moment), seen=0)
            if not isinstance(outcome, Outcome):
                continue
            items = store.reviews.queue(reviewer, ReviewFilter(run_id=run.id), 1, now=moment)
            task = next_task(store.evidence(run.id), reviewer, moment)
            if task is None:
                continue  # nothing that counts is left: the queue goes on, the rules do not
            assert items[0].pair_id == task.pair_id
            assert cast(world, items[0], reviewer, outcome, moment)
            stored = store.reviews.last_of(reviewer)
            assert stored is not None
            assert stored.purpose is task.purpose
