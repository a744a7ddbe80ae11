"""The queue of the desk: blind, in the plan's order, what still counts first."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import InvalidRequest, UnknownName
from core.records import (
    Arm,
    Outcome,
    Purpose,
    QueueItem,
    QueueView,
    ReviewFilter,
    ReviewPlan,
    RunKind,
    VerdictEvent,
)
from core.review.units import review_order
from db.store import Store
from tests.world import (
    BASELINE,
    CANDIDATE,
    DIGESTS,
    World,
    finish,
    finish_all,
    judge,
    make_world,
    measurement,
    request_run,
    verdict,
)

MINUTE = timedelta(minutes=1)
PLAIN = ReviewPlan(order_seed=7, overlap_share=0.0, control_share=0.0)
"""A plan without surprises: units in order, agreement only when nothing else is left."""


def plain_world(store: Store, now: datetime, seeds: tuple[int, ...] = (1, 2)) -> World:
    """The test world under the plan without surprises."""
    run = request_run(store, now, plan=PLAIN, seeds=seeds)
    finish_all(store, now)
    return World(store=store, run=run, now=now)


def upcoming(world: World, reviewer: str, minutes: int = 0, **changes: Any) -> list[QueueItem]:
    """The open queue of a reviewer."""
    moment = world.now + minutes * MINUTE
    wanted = ReviewFilter(run_id=world.run.id, **changes)
    return world.store.reviews.queue(reviewer, wanted, 50, now=moment)


def names(world: World, items: list[QueueItem]) -> list[str]:
    """Case names of some items."""
    cases = {pair.id: pair.case_name for pair in world.pairs}
    return [cases[item.pair_id] for item in items]


def cast(world: World, item: QueueItem, reviewer: str, outcome: Outcome = Outcome.TIE) -> VerdictEvent:
    """A reviewer judges an item as the desk does."""
    handout = world.store.reviews.handout(item.task, reviewer)
    pair = world.store.pairs.get(handout.pair_id)
    event = verdict(
        pair, reviewer, outcome, world.now, uuid=item.task, purpose=handout.purpose, side_a=handout.side_a
    )
    assert world.store.reviews.record(event)
    return event


def test_nothing_that_leaves_the_queue_tells_an_arm_or_a_model(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    said = json.dumps([asdict(item) for item in upcoming(world, "ana")])
    for secret in (BASELINE, CANDIDATE, *DIGESTS.values(), "baseline", "candidate", "render_"):
        assert secret not in said, secret


def test_sides_are_the_stored_ones_and_stay(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    for item in upcoming(world, "ana"):
        renders = store.renders.of_pair(item.pair_id)
        side_a = store.reviews.side_a(item.pair_id, "ana", now)
        assert item.a.digest == renders[side_a].digest
        assert item.b.digest == renders[side_a.other].digest
        assert (item.a.width, item.a.height, item.a.mode) == (item.b.width, item.b.height, "RGBA")
    assert upcoming(world, "ana") == upcoming(world, "ana")


def test_units_come_in_the_plans_order_one_seed_each_and_the_rest_last(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    order = review_order({pair.case_digest for pair in world.pairs}, 7)
    names_of = {pair.case_digest: pair.case_name for pair in world.pairs}
    expected = [names_of[digest] for digest in order]
    came = names(world, upcoming(world, "ana"))
    assert came[:4] == expected, "one pair closes a unit"
    assert sorted(came) == sorted(expected * 2), "the other seeds are there for whoever goes on"


def test_two_reviewers_are_not_sent_to_the_same_unit_at_once(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    mine = store.reviews.queue("ana", ReviewFilter(run_id=world.run.id), 2, now=now)
    others = upcoming(world, "ben")
    assert set(names(world, mine)).isdisjoint(names(world, others[:2]))
    later = upcoming(world, "cleo", minutes=11)
    assert names(world, later)[:2] == names(world, mine), "after ten minutes they are free again"


def test_reviewers_who_ask_at_the_same_moment_get_different_units(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    together = threading.Barrier(4)

    def first_case(reviewer: str) -> str:
        together.wait()
        (item,) = store.reviews.queue(reviewer, ReviewFilter(run_id=world.run.id), 1, now=now)
        return store.pairs.get(item.pair_id).case_digest

    with ThreadPoolExecutor(4) as room:
        assert len(set(room.map(first_case, ("ana", "ben", "cleo", "dan")))) == 4


def test_a_judged_unit_is_passed_by_and_comes_back_for_agreement(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    (item, *_) = upcoming(world, "ana")
    cast(world, item, "ana")
    hers = upcoming(world, "ben", minutes=11)
    assert [names(world, hers).index(name) for name in names(world, [item])] == [3], "after the open units"
    assert cast(world, hers[3], "ben").pair_id == item.pair_id
    (event,) = [e for e in store.reviews.current(run_id=world.run.id) if e.reviewer == "ben"]
    assert event.purpose is Purpose.OVERLAP


def test_what_was_put_off_comes_last_and_is_counted(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    first, *rest = upcoming(world, "ana")
    store.reviews.skip(first.pair_id, "ana", now)
    again = upcoming(world, "ana")
    assert again[-1].pair_id == first.pair_id
    assert again[-1].skipped
    assert len(again) == len(rest) + 1
    assert store.reviews.counts("ana", world.run.id).skipped == 1
    cast(world, again[-1], "ana")
    assert store.reviews.counts("ana", world.run.id).skipped == 0
    assert upcoming(world, "ben")[0].pair_id == first.pair_id, "another reviewer has put nothing off"


def test_an_undone_pair_is_open_again(store: Store, now: datetime) -> None:
    world = plain_world(store, now)
    (item, *_) = upcoming(world, "ana")
    event = cast(world, item, "ana")
    assert item.pair_id not in {one.pair_id for one in upcoming(world, "ana")}
    store.reviews.undo("u1", event.uuid, "ana", now)
    assert upcoming(world, "ana")[0].pair_id == item.pair_id


def test_only_pairs_whose_two_renders_are_done_are_shown(store: Store, now: datetime) -> None:
    run = request_run(store, now, plan=PLAIN)
    world = World(store=store, run=run, now=now)
    first, second, third, *_ = store.jobs.claim("worker-1", limit=3, lease_seconds=60)
    finish(store, first, now)
    finish(store, second, now, failing=Arm.BASELINE)
    assert [item.pair_id for item in upcoming(world, "ana")] == [first.subject_id]
    counts = store.reviews.counts("ana", run.id)
    assert (counts.total, counts.coming) == (1, 6)
    with pytest.raises(UnknownName):
        store.reviews.item(third.subject_id, "ana", now)
    assert store.reviews.item(first.subject_id, "ana", now) == upcoming(world, "ana")[0]


def test_filters_and_their_counts_agree(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    judge(world, "ana", {"sale-now": Outcome.CANDIDATE, "star": Outcome.TIE})
    judge(world, "ben", {"sale-now": Outcome.BASELINE, "star": Outcome.TIE})
    broken = measurement(
        world.pairs[4], now, check="contract", metric="breaches", value=2.0, arm=Arm.CANDIDATE
    )
    store.measurements.append([broken])
    counts = store.reviews.counts("ana", world.run.id)
    assert (counts.total, counts.mine, counts.unjudged, counts.disagreement) == (8, 4, 4, 2)
    assert counts.failed_checks == {"contract": 1}
    for view in QueueView:
        wanted = ReviewFilter(run_id=world.run.id, view=view)
        expected = {**asdict(counts), "all": counts.total}[view]
        assert len(upcoming(world, "ana", view=view)) == expected == store.reviews.count("ana", wanted), view
    for tag, number in counts.tags.items():
        assert len(upcoming(world, "ana", view=QueueView.ALL, tag=tag)) == number
    assert names(world, upcoming(world, "ana", view=QueueView.DISAGREEMENT)) == ["sale-now"] * 2
    assert names(world, upcoming(world, "ana", failed_check="contract")) == ["circle"]
    mine = upcoming(world, "ana", view=QueueView.MINE, tag="text")
    assert [item.outcome for item in mine] == [Outcome.CANDIDATE] * 2
    assert store.reviews.counts("ana").total == 8


def test_a_finding_that_a_newer_examination_no_longer_makes_is_no_filter(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    words = {"check": "typography", "metric": "exact", "subject": "SALE NOW"}
    store.measurements.append([measurement(pair, now, value=0.0, **words)])
    assert store.reviews.counts("ana", world.run.id).failed_checks == {"typography": 1}
    store.measurements.append([measurement(pair, now, value=1.0, version="2", **words)])
    assert store.reviews.counts("ana", world.run.id).failed_checks == {}
    assert upcoming(world, "ana", failed_check="typography") == []


def test_a_tag_is_matched_as_a_whole(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    for nearly in ("tex", "TEXT", "%", '"text"'):
        assert upcoming(world, "ana", tag=nearly) == []


def test_the_gallery_pages_through_everything_in_order(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    everything = ReviewFilter(run_id=world.run.id, view=QueueView.ALL)
    pages = [store.reviews.gallery("ana", everything, offset=at, limit=3, now=now) for at in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert [item.place for page in pages for item in page] == list(range(1, 9))


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (501, 0), (5, -1)])
def test_a_senseless_page_is_refused(store: Store, now: datetime, limit: int, offset: int) -> None:
    with pytest.raises(InvalidRequest, match="limit 1–500"):
        store.reviews.gallery("ana", ReviewFilter(), limit=limit, offset=offset, now=now)


def test_a_calibration_run_is_not_up_for_review(store: Store, now: datetime) -> None:
    request_run(store, now, kind=RunKind.NOISE_FLOOR)
    finish_all(store, now)
    assert store.reviews.queue("ana", ReviewFilter(), 50, now=now) == []
    assert store.reviews.counts("ana").total == 0


def test_a_task_of_another_reviewer_is_unknown(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    (item, *_) = upcoming(world, "ana")
    assert store.reviews.handout(item.task, "ana").pair_id == item.pair_id
    with pytest.raises(UnknownName):
        store.reviews.handout(item.task, "ben")
