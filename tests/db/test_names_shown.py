"""Whoever saw a picture named judges it nowhere blind: in no run, by no door, also not in a run to come."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.errors import DecisionRefused
from core.records import Arm, Outcome, QueueView, ReviewFilter, RunKind
from db.store import Store
from tests.world import World, finish, finish_all, make_world, request_run, verdict

LATER = timedelta(hours=1)
FRESH = r"a run with other seeds shows fresh pictures"


def same_pictures_again(world: World, seeds: tuple[int, ...] = (1,)) -> World:
    """Another run that draws the pictures of seed 1 once more."""
    run = request_run(world.store, world.now + LATER, seeds=seeds)
    finish_all(world.store, world.now + LATER)
    return World(store=world.store, run=run, now=world.now + LATER)


def test_a_picture_that_was_named_is_judged_blind_in_no_run(store: Store, now: datetime) -> None:
    first = make_world(store, now)
    second = same_pictures_again(first)
    store.reviews.show_names(first.pairs[0].id, "ana", now)
    twin = next(pair for pair in second.pairs if pair.case_name == first.pairs[0].case_name)
    with pytest.raises(
        DecisionRefused, match=f"in the run posters .{first.run.id[:12]}. you saw which"
    ) as refused:
        store.reviews.record(verdict(twin, "ana", Outcome.TIE, now))
    assert FRESH in refused.value.remedy
    assert store.reviews.record(verdict(twin, "ben", Outcome.TIE, now))
    others = [pair for pair in second.pairs if pair != twin]
    assert all(store.reviews.record(verdict(pair, "ana", Outcome.TIE, now)) for pair in others)


def test_a_run_to_come_finds_the_picture_named_already(store: Store, now: datetime) -> None:
    first = make_world(store, now)
    store.reviews.show_names([pair.id for pair in first.pairs], "ana", now)
    second = same_pictures_again(first, seeds=(1, 3))
    wanted = ReviewFilter(run_id=second.run.id)
    offered = store.reviews.queue("ana", wanted, 50, now=now + LATER)
    seeds = {pair.id: pair.seed for pair in second.pairs}
    assert {seeds[item.pair_id] for item in offered} == {3}
    assert store.reviews.counts("ana", second.run.id).unjudged == store.reviews.count("ana", wanted) == 4
    assert len(store.reviews.queue("ben", wanted, 50, now=now + LATER)) == 8
    everything = ReviewFilter(run_id=second.run.id, view=QueueView.ALL)
    assert store.reviews.count("ana", everything) == 8


def test_a_verdict_whose_picture_is_named_elsewhere_stays(store: Store, now: datetime) -> None:
    first = make_world(store, now)
    second = same_pictures_again(first)
    cast = verdict(second.pairs[0], "ana", Outcome.CANDIDATE, now)
    assert store.reviews.record(cast)
    store.reviews.show_names(first.pairs[0].id, "ana", now)
    with pytest.raises(
        DecisionRefused, match="names were shown for this verdict, so it stays: in the run posters"
    ):
        store.reviews.undo("u1", cast.uuid, "ana", now)
    assert store.reviews.current() == [cast]


def test_one_picture_of_a_pair_is_enough(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    digest = world.store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE].digest
    store.reviews.show_golden_names([str(digest)], "ana", now)
    with pytest.raises(DecisionRefused, match="in an export of the golden set you saw which model"):
        store.reviews.record(verdict(world.pairs[0], "ana", Outcome.TIE, now))


def test_who_saw_names_in_another_spelling_is_the_same_person(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    store.reviews.show_names(world.pairs[0].id, "Ana", now)
    with pytest.raises(DecisionRefused, match="before you judged it"):
        store.reviews.record(verdict(world.pairs[0], "ana", Outcome.TIE, now))
    assert store.reviews.counts("ANA", world.run.id).unjudged == 7


def test_what_names_cost_is_every_pair_of_a_suite_that_holds_the_picture_and_is_open(
    store: Store, now: datetime
) -> None:
    first = make_world(store, now)
    second = same_pictures_again(first)
    pair = first.pairs[0]
    twin = next(one for one in second.pairs if one.case_name == pair.case_name)
    assert store.stakes.of_pairs(pair.id, "ana") == {pair.id: {pair.id, twin.id}}
    assert store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
    assert store.stakes.of_pairs(pair.id, "ana") == {pair.id: {twin.id}}
    store.reviews.show_names(pair.id, "ana", now)
    assert store.stakes.of_pairs(pair.id, "ana") == {}
    assert store.stakes.of_pairs(pair.id, "ben") == {pair.id: {pair.id, twin.id}}


def test_a_comparison_and_a_pair_without_two_pictures_cost_nothing(store: Store, now: datetime) -> None:
    run = request_run(store, now, kind=RunKind.COMPARE)
    finish_all(store, now)
    compared = [pair.id for pair in store.pairs.of_run(run.id)]
    assert store.stakes.of_pairs(compared, "ana") == {}
    store.reviews.show_names(compared, "ana", now)
    broken = request_run(store, now, seeds=(5,))
    job = store.jobs.claim("worker-1", limit=1, lease_seconds=60)[0]
    finish(store, job, now, failing=Arm.CANDIDATE)
    assert store.stakes.of_pairs(job.subject_id, "ana") == {}
    assert store.pairs.get(job.subject_id).run_id == broken.id
