"""Verdicts: cast once, taken back by a new event, none lost or doubled whoever presses what how often."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess

import pytest

from core.config.settings import Settings
from core.errors import InvalidRequest, UnknownName
from core.records import Arm, Outcome, Pair, Purpose, ReviewPlan, VerdictAction
from db.store import Store
from tests.world import finish_all, judge, make_world, request_run, verdict

MINUTE = timedelta(minutes=1)


def judge_fifty(store: Store, reviewer: str, now: datetime) -> None:
    """One reviewer judges every pair of the only run; each click is delivered twice."""
    for pair in store.pairs.of_run(store.runs.list()[0].id):
        for _ in range(2):
            store.reviews.record(verdict(pair, reviewer, Outcome.TIE, now))


def judge_fifty_elsewhere(settings: Settings, reviewer: str, now: datetime) -> None:
    """The same from a process of its own."""
    with Store.open(settings) as store:
        judge_fifty(store, reviewer, now)


def test_a_verdict_stands_until_it_is_taken_back(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    first = verdict(world.pairs[0], "ana", Outcome.CANDIDATE, now)
    assert store.reviews.record(first)
    assert store.reviews.current(pair_id=first.pair_id) == [first]
    assert store.reviews.last_of("ana") == first
    assert store.reviews.undo("u1", first.uuid, "ana", now + MINUTE)
    assert store.reviews.current(pair_id=first.pair_id) == []
    assert store.reviews.last_of("ana") is None
    second = verdict(world.pairs[0], "ana", Outcome.TIE, now + 2 * MINUTE)
    assert store.reviews.record(second)
    history = store.reviews.history(first.pair_id)
    assert [event.action for event in history] == [VerdictAction.CAST, VerdictAction.UNDO, VerdictAction.CAST]
    assert history[1].undoes == first.uuid


def test_a_repeated_delivery_changes_nothing(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    first = verdict(world.pairs[0], "ana", Outcome.CANDIDATE, now)
    assert store.reviews.record(first)
    assert not store.reviews.record(first)
    assert store.reviews.undo("u1", first.uuid, "ana", now)
    assert not store.reviews.undo("u1", first.uuid, "ana", now)
    assert not store.reviews.undo("u2", first.uuid, "ana", now), "it does not stand any more"
    assert not store.reviews.record(first), "a delivery that was late does not cast it again"
    assert len(store.reviews.history(first.pair_id)) == 2


def test_a_second_verdict_of_the_same_reviewer_on_a_pair_is_refused(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    assert store.reviews.record(verdict(world.pairs[0], "ana", Outcome.CANDIDATE, now))
    assert not store.reviews.record(verdict(world.pairs[0], "ana", Outcome.BASELINE, now + MINUTE))
    assert store.reviews.record(verdict(world.pairs[0], "ben", Outcome.BASELINE, now))


def test_nobody_takes_back_the_verdict_of_another(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    first = verdict(world.pairs[0], "ana", Outcome.CANDIDATE, now)
    store.reviews.record(first)
    with pytest.raises(UnknownName):
        store.reviews.undo("u1", first.uuid, "ben", now)
    forged = verdict(world.pairs[0], "ben", None, now, action=VerdictAction.UNDO, undoes=first.uuid)
    assert not store.reviews.record(forged)
    assert store.reviews.current(run_id=world.run.id) == [first]


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        (None, {}),
        (Outcome.TIE, {"undoes": "v1"}),
        (Outcome.TIE, {"action": VerdictAction.UNDO}),
        (None, {"action": VerdictAction.UNDO}),
    ],
)
def test_an_event_that_says_nothing_clear_is_refused(
    store: Store, now: datetime, outcome: Outcome | None, changes: dict[str, object]
) -> None:
    world = make_world(store, now)
    with pytest.raises(InvalidRequest, match="expected a cast with an outcome"):
        store.reviews.record(verdict(world.pairs[0], "ana", outcome, now, **changes))


def test_a_verdict_on_no_pair_is_refused(store: Store, now: datetime) -> None:
    nowhere = Pair(id="pair_0", run_id="", case_digest="", case_name="", seed=1, position=0)
    with pytest.raises(UnknownName, match="unknown pair"):
        store.reviews.record(verdict(nowhere, "ana", Outcome.TIE, now))


def test_sides_are_drawn_once_and_balanced_for_each_reviewer(store: Store, now: datetime) -> None:
    world = make_world(store, now, seeds=tuple(range(1, 41)))
    for reviewer in ("ana", "ben"):
        sides = [store.reviews.side_a(pair.id, reviewer, now) for pair in world.pairs]
        assert [store.reviews.side_a(pair.id, reviewer, now + MINUTE) for pair in world.pairs] == sides
        times = Counter(sides)
        # Under the 3-in-4 rule a difference of 20 after 160 draws has a chance of about 3⁻²⁰.
        assert abs(times[Arm.BASELINE] - times[Arm.CANDIDATE]) < 20
    assert any(
        store.reviews.side_a(pair.id, "ana", now) != store.reviews.side_a(pair.id, "ben", now)
        for pair in world.pairs
    )


def test_what_comes_after_the_closing_verdict_is_about_agreement(store: Store, now: datetime) -> None:
    run = request_run(store, now, plan=ReviewPlan(votes_per_unit=2))
    finish_all(store, now)
    first, second = store.pairs.of_run(run.id)[:2]
    events = [
        verdict(first, "ana", Outcome.CANT_JUDGE, now),
        verdict(second, "ana", Outcome.TIE, now),
        verdict(first, "ben", Outcome.CANDIDATE, now),
        verdict(first, "cleo", Outcome.BASELINE, now),
    ]
    for event in events:
        assert store.reviews.record(event)
    purposes = [event.purpose for event in store.reviews.current(run_id=run.id)]
    assert purposes == [Purpose.EVIDENCE] * 3 + [Purpose.OVERLAP]


def test_a_hidden_control_never_stands_in_the_way_of_the_judgement(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    for minute, purpose in enumerate((Purpose.EVIDENCE, Purpose.REPEAT, Purpose.SAME, Purpose.GOLD)):
        event = verdict(pair, "ana", Outcome.TIE, now + minute * MINUTE, purpose=purpose)
        assert store.reviews.record(event)
        again = verdict(
            pair, "ana", Outcome.TIE, now + minute * MINUTE, purpose=purpose, uuid=f"again-{minute}"
        )
        assert not store.reviews.record(again)
    assert store.insights.verdicts(world.run.id).total == 1
    assert store.reviews.counts("ana", world.run.id).mine == 1


@pytest.mark.slow
def test_twenty_reviewers_in_threads_lose_and_double_nothing(store: Store, now: datetime) -> None:
    request_run(store, now, seeds=tuple(range(13)))
    names = [f"r{number}" for number in range(20)]
    _together([threading.Thread(target=judge_fifty, args=(store, name, now)) for name in names])
    _all_there(store, 20)


def test_reviewers_in_processes_lose_and_double_nothing(settings: Settings, now: datetime) -> None:
    with Store.open(settings) as store:
        request_run(store, now, seeds=tuple(range(13)))
        spawn = multiprocessing.get_context("spawn")
        names = [f"r{number}" for number in range(3)]
        processes = [
            spawn.Process(target=judge_fifty_elsewhere, args=(settings, name, now)) for name in names
        ]
        _together(processes)
        assert [process.exitcode for process in processes] == [0, 0, 0]
        _all_there(store, 3)


def _together(workers: Sequence[threading.Thread | BaseProcess]) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _all_there(store: Store, reviewers: int) -> None:
    standing = store.reviews.current()
    cast = Counter((event.reviewer, event.pair_id) for event in standing)
    assert len(cast) == reviewers * 52
    assert set(cast.values()) == {1}
    pairs = store.pairs.many(event.pair_id for event in standing)
    evidence = Counter(pairs[e.pair_id].case_digest for e in standing if e.purpose is Purpose.EVIDENCE)
    assert set(evidence.values()) == {1}, "one verdict closes a unit, however many arrive at once"


def test_one_reviewer_with_ten_tabs_gets_one_verdict(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    saved: list[bool] = []

    def press(tab: int) -> None:
        event = verdict(world.pairs[0], "ana", Outcome.CANDIDATE, now, uuid=f"tab-{tab}")
        saved.append(store.reviews.record(event))

    _together([threading.Thread(target=press, args=(tab,)) for tab in range(10)])
    assert sorted(saved) == [False] * 9 + [True]
    assert len(store.reviews.history(world.pairs[0].id)) == 1


def test_current_verdicts_are_asked_by_run_by_pair_or_all_together(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    cast = judge(world, "ana", Outcome.TIE)
    assert len(store.reviews.current(run_id=world.run.id)) == len(store.reviews.current()) == len(cast) == 8
    assert store.reviews.current(run_id="run_0") == []
    assert store.reviews.last_of("ana", run_id="run_0") is None
