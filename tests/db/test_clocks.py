"""Order and belonging go by ordinals, whatever the clocks of the processes say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.config.settings import Settings
from core.records import Arm, Outcome, ReviewFilter, ReviewPlan, RolloutAction, RolloutEvent
from core.review.units import countable_cases, counted_units, judged_too_early, planned_cases
from db import tables
from db.kept_pairs import keep_pairs
from db.renders import add_renders
from db.store import Store
from tests.db.earlier_schema import brought_back
from tests.world import World, make_world, measurement, render, verdict

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN = ReviewPlan(order_seed=7, control_share=0.0, overlap_share=0.0)


def start(world: World, at: datetime) -> None:
    """Start the rollout of the world's run by a clock that says ``at``."""
    event = RolloutEvent(
        uuid="start",
        run_id=world.run.id,
        action=RolloutAction.START,
        by="lea",
        policy_digest="policy_1",
        created_at=at,
    )
    assert world.store.decisions.append_event(event)


def cast(world: World, place: int, at: datetime, reviewer: str = "ana") -> None:
    """Judge the first pair of the case at this place of the review, by a clock that says ``at``."""
    case = planned_cases(world.store.evidence(world.run.id))[place]
    pair = next(pair for pair in world.pairs if pair.case_digest == case)
    assert world.store.reviews.record(verdict(pair, reviewer, Outcome.CANDIDATE, at))


def early(world: World) -> list[int]:
    """Places of the cases that were judged too early: as stored and as folded from the events."""
    evidence = world.store.evidence(world.run.id)
    found = judged_too_early(evidence)
    assert found == judged_too_early(replace(evidence, units=None))
    return [place for place, case in enumerate(planned_cases(evidence)) if case in found]


def test_the_databases_clock_goes_on_and_is_aware(store: Store) -> None:
    before = datetime.now(UTC)
    first, second = store.now(), store.now()
    assert before - HOUR < first <= second < datetime.now(UTC) + HOUR
    assert first.utcoffset() == timedelta(0)


@pytest.mark.fast_everywhere
def test_a_clock_that_is_set_back_after_the_start_makes_no_case_too_early(
    store: Store, now: datetime
) -> None:
    world = make_world(store, now - DAY, plan=PLAN)
    cast(world, 0, now - HOUR)
    start(world, now)
    for place, back in ((1, HOUR), (2, 2 * HOUR)):
        cast(world, place, now - back)
    assert early(world) == [0]
    evidence = store.evidence(world.run.id)
    assert [len(unit.votes) for unit in counted_units(evidence, now)] == [1, 1]
    assert len(countable_cases(evidence)) == 3


def test_the_desk_asks_for_what_the_rules_count_whatever_a_clock_said(store: Store, now: datetime) -> None:
    plan = replace(PLAN, votes_per_unit=2)
    world = make_world(store, now - DAY, plan=plan)
    cast(world, 0, now + HOUR)
    start(world, now)
    cast(world, 1, now - 2 * HOUR)
    asked = store.reviews.queue("ben", ReviewFilter(run_id=world.run.id), 1, now=now)
    cases = planned_cases(store.evidence(world.run.id))
    assert store.pairs.get(asked[0].pair_id).case_digest == cases[1]


def test_a_verdict_before_the_start_is_no_evidence_although_its_clock_was_ahead(
    store: Store, now: datetime
) -> None:
    world = make_world(store, now - DAY, plan=PLAN)
    cast(world, 0, now + HOUR)
    start(world, now)
    assert early(world) == [0]


def test_no_event_is_stored_with_a_time_that_is_still_to_come(settings: Settings, now: datetime) -> None:
    with Store.open(settings, clock=lambda: now) as store:
        world = make_world(store, now, plan=replace(PLAN, deadline_days=30))
        start(world, now + 40 * DAY)
        cast(world, 0, now + 40 * DAY)
        (stored,), (begun,) = store.reviews.current(), store.decisions.events(world.run.id)
        assert (stored.created_at, begun.created_at) == (now, now)
        (unit,) = counted_units(store.evidence(world.run.id), now)
        assert [vote.uuid for vote in unit.votes] == [stored.uuid], "it came before the deadline"


def draw_again(world: World, at: datetime) -> None:
    """Draw both arms of the first pair once more, by a clock that says ``at``."""
    pair = world.pairs[0]
    case = world.store.suites.cases([pair.case_digest])[pair.case_digest]
    drawn = [render(world.store, pair, case, arm, at) for arm in Arm]
    with world.store._database.write() as connection:
        add_renders(connection, drawn)
        keep_pairs(connection, [pair.id])


def outdated(world: World) -> frozenset[tuple[str, str]]:
    """Examinations of earlier pictures: as all events tell, and as the store has kept it."""
    told = world.store.evidence(world.run.id).outdated
    assert told is not None
    assert world.store.kept_evidence(world.run.id).outdated == told
    return told


@pytest.mark.parametrize("clock", [-HOUR, HOUR])
def test_an_examination_is_of_an_earlier_picture_when_it_was_stored_before_it_whatever_the_clocks_say(
    store: Store, now: datetime, clock: timedelta
) -> None:
    world = make_world(store, now - DAY, plan=PLAN)
    checks = {m.check for m in store.measurements.of_pair(world.pairs[0].id)} | {"lpips"}
    draw_again(world, now)
    store.measurements.append([measurement(world.pairs[0], now + clock)])
    assert (world.pairs[0].id, "lpips") not in outdated(world)
    draw_again(world, now + timedelta(minutes=1))
    assert outdated(world) == {(world.pairs[0].id, check) for check in checks}


def test_files_are_claimed_by_the_clock_that_leases_go_by(settings: Settings, now: datetime) -> None:
    with Store.open(settings, clock=lambda: now) as store:
        make_world(store, now - DAY)
        with store._database.read() as connection:
            assert set(connection.scalars(select(tables.stored_files.c.claimed_at))) == {now}


def judged_before_and_after(world: World, now: datetime) -> None:
    cast(world, 2, now - HOUR)
    cast(world, 0, now)
    start(world, now)
    cast(world, 0, now + HOUR, "ben")
    cast(world, 1, now + HOUR)


def by_a_clock_that_was_ahead_once(world: World, now: datetime) -> None:
    cast(world, 3, now + HOUR)
    cast(world, 0, now - HOUR)
    cast(world, 2, now - HOUR)
    start(world, now)
    cast(world, 1, now + HOUR)


def by_a_clock_that_was_behind_for_a_while(world: World, now: datetime) -> None:
    cast(world, 0, now - HOUR)
    start(world, now)
    cast(world, 2, now - HOUR)
    cast(world, 1, now + HOUR)
    cast(world, 3, now + HOUR)


def by_none(world: World, now: datetime) -> None:
    start(world, now)


@pytest.mark.parametrize(
    ("history", "too_early"),
    [
        (judged_before_and_after, [0, 2]),
        (by_none, []),
        (by_a_clock_that_was_behind_for_a_while, [0, 2]),
        (by_a_clock_that_was_ahead_once, [0, 2, 3]),
    ],
)
@pytest.mark.empty_database
def test_a_started_rollout_of_a_home_of_before_0009_keeps_its_evidence(
    settings: Settings, now: datetime, history: Callable[[World, datetime], None], too_early: list[int]
) -> None:
    with Store.open(settings) as store:
        world = make_world(store, now - DAY, plan=PLAN)
        history(world, now)
        brought_back(store, "0008")
    with Store.open(settings) as store:
        again = World(store=store, run=world.run, now=now)
        assert early(again) == too_early
        cast(again, 1, now + HOUR, "cleo")
        assert early(again) == too_early, "what comes later is no reason to leave a case out"
