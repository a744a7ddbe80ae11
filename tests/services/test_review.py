"""Blind review as every entrance gets it: one way to a verdict, one way to a name, labels for many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from core.errors import DecisionRefused, InvalidRequest, UnknownName
from core.records import (
    Arm,
    Look,
    Outcome,
    Purpose,
    QueueView,
    ReviewFilter,
    ReviewPlan,
    RunKind,
    TriageLabel,
)
from core.review.bulk import CAP, Chosen
from core.review.sides import Ballot
from db.store import Store
from services.review import bulk, desk, names, verdicts
from tests.world import World, finish_all, judge, make_world, request_run, verdict


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now)


def ballot(task: str, **words: object) -> Ballot:
    return Ballot(uuid=str(uuid4()), task=task, outcome="a", **words)


def test_a_verdict_comes_back_as_it_is_stored(world, store, now):
    first, second = (pair for pair in world.pairs if pair.case_name == "star")
    assert verdicts.cast(store, verdict(first, "ana", Outcome.TIE, now)).event.purpose is Purpose.EVIDENCE
    closed = verdicts.cast(store, verdict(second, "ben", Outcome.TIE, now))
    assert (closed.recorded, closed.event.purpose) == (True, Purpose.OVERLAP)
    assert closed.event in store.reviews.history(second.id)


def test_a_verdict_of_the_desk_is_stored_under_the_name_as_its_reviewer_spells_it(world, store, now):
    page = desk.next_page(store, "Ana B. Kim", ReviewFilter(run_id=world.run.id), limit=1, now=now)
    assert verdicts.cast_ballot(store, ballot(page.items[0].item.task), "Ana B. Kim", now)
    (stored,) = store.reviews.current(run_id=world.run.id)
    assert stored.reviewer == "Ana B. Kim"


def test_a_second_verdict_changes_nothing(world, store, now):
    offered = verdict(world.pairs[0], "ana", Outcome.TIE, now)
    other = replace(offered, uuid="other", outcome=Outcome.BASELINE)
    assert [verdicts.cast(store, one).recorded for one in (offered, offered, other)] == [True, False, False]
    assert store.reviews.history(world.pairs[0].id) == [offered]


def test_a_pair_without_both_pictures_is_judged_by_no_way(store, now):
    run = request_run(store, now)
    pair = store.pairs.of_run(run.id)[0]
    with pytest.raises(InvalidRequest, match="expected two pictures to judge, got 0"):
        verdicts.cast(store, verdict(pair, "ana", Outcome.TIE, now))
    assert store.reviews.current() == []


def test_small_text_has_to_be_seen_at_one_to_one_by_every_way(store, now):
    run = request_run(store, now, plan=ReviewPlan(look_closer_px=12))
    finish_all(store, now)
    page = desk.next_page(store, "ana", ReviewFilter(run_id=run.id), limit=24, now=now)
    small = next(asked for asked in page.items if asked.needs_one_to_one)
    with pytest.raises(DecisionRefused, match="expected a look at 1:1, got 0:1"):
        verdicts.cast_ballot(store, ballot(small.item.task), "ana", now)
    at_terminal = replace(verdict(store.pairs.get(small.item.pair_id), "ana", Outcome.TIE, now), side_a=None)
    with pytest.raises(DecisionRefused, match="a terminal shows no picture"):
        verdicts.cast(store, at_terminal)
    assert store.reviews.current() == []
    assert verdicts.cast_ballot(store, ballot(small.item.task, look=Look(max_zoom=1)), "ana", now)


def test_a_task_of_another_reviewer_is_none(world, store, now):
    page = desk.next_page(store, "ana", ReviewFilter(), limit=1, now=now)
    with pytest.raises(UnknownName):
        verdicts.cast_ballot(store, ballot(page.items[0].item.task), "ben", now)
    with pytest.raises(UnknownName):
        desk.put_off(store, page.items[0].item.task, "ben", now)


def test_without_a_filter_the_newest_suite_run_with_work_is_opened(world, store, now):
    assert desk.next_page(store, "ana", ReviewFilter(), limit=1, now=now).run_id == world.run.id
    judge(world, "ana", Outcome.TIE)
    page = desk.next_page(store, "ana", ReviewFilter(), limit=1, now=now)
    assert (page.run_id, page.items, page.use.value) == (None, [], "unknown")
    asked, own = page.last
    assert (asked.item.pair_id, own.named) == (own.event.pair_id, False)


def test_names_cost_what_could_still_be_judged_blind(world, store, now):
    mine, twin = (pair for pair in world.pairs if pair.case_name == "star")
    judge(world, "ana", {"star": Outcome.TIE})
    other = world.pairs[0]
    cost = names.cost_of_names(store, [mine.id, other.id], "ana")
    assert (cost.pairs, cost.own, cost.elsewhere, cost.free) == ({other.id}, {other.id}, set(), {mine.id})
    names.show_names(store, [other.id], "ana", now)
    assert names.cost_of_names(store, [mine.id, other.id], "ana").free == {mine.id, other.id}
    assert not store.reviews.names_shown(twin.id, "ana")


def test_the_reveal_counts_the_other_pairs_it_costs(world, store, now):
    again = request_run(store, now, seeds=(1,))
    finish_all(store, now)
    mine = next(pair for pair in world.pairs if pair.seed == 1)
    with pytest.raises(DecisionRefused, match="none of yours stands"):
        desk.reveal(store, mine.id, "ana", now=now)
    assert not store.reviews.names_shown(mine.id, "ana")
    judge(world, "ana", {mine.case_name: Outcome.TIE})
    told = desk.reveal(store, mine.id, "ana", now=now)
    assert (told.lost, [render.arm for render in told.sides]) == (1, [Arm.BASELINE, Arm.CANDIDATE])
    twin = next(pair for pair in store.pairs.of_run(again.id) if pair.case_name == mine.case_name)
    assert store.reviews.names_shown(twin.id, "ana")


def test_a_noise_floor_is_no_run_to_look_at_blind(world, store, now):
    request_run(store, now, kind=RunKind.NOISE_FLOOR)
    assert [run.id for run in desk.runs_listed_blind(store)] == [world.run.id]


def label(store: Store, wanted: ReviewFilter, confirmed: int, now: datetime, **words: object):
    words = {"label": TriageLabel.POSITIVE, "chosen": Chosen.BOTH, "batch": "b", **words}
    return bulk.label_filter(store, "ana", wanted, confirmed=confirmed, now=now, **words)


def test_labels_for_another_number_of_pairs_than_confirmed_change_nothing(world, store, now):
    everything = ReviewFilter(view=QueueView.ALL)
    for confirmed in (0, 7, CAP + 1):
        with pytest.raises(DecisionRefused, match="the filter now holds 8"):
            label(store, everything, confirmed, now)
    assert store.golden.entries() == []


def test_a_filter_of_more_pairs_than_the_cap_is_labelled_by_nobody(world, store, now, monkeypatch):
    monkeypatch.setattr("core.review.bulk.CAP", 7)
    with pytest.raises(DecisionRefused, match="at most 7"):
        label(store, ReviewFilter(view=QueueView.ALL), 8, now)
    assert store.golden.entries() == []


def test_the_labels_of_one_action_are_given_back_once(world, store, now):
    judge(world, "ana", {"circle": Outcome.CANDIDATE, "star": Outcome.TIE})
    mine = ReviewFilter(view=QueueView.MINE)
    done = label(store, mine, 4, now, chosen=Chosen.PREFERRED)
    assert (done.changed, len(done.events)) == (2, 2)
    assert label(store, mine, 4, now, chosen=Chosen.PREFERRED).changed == 0
    later = now + timedelta(minutes=1)
    assert [bulk.undo_labels(store, done.events, "ana", later) for _ in range(2)] == [2, 0]
    assert bulk.undo_labels(store, ["never"], "ana", later) == 0


def test_both_pictures_of_every_pair_of_a_filter_are_labelled(world, store, now):
    judge(world, "ana", {"circle": Outcome.CANDIDATE, "star": Outcome.TIE})
    done = label(store, ReviewFilter(view=QueueView.MINE), 4, now)
    pairs = [pair for pair in world.pairs if pair.case_name in ("circle", "star")]
    shown = {render.digest for pair in pairs for render in store.renders.of_pair(pair.id).values()}
    assert {entry.render_digest for entry in store.golden.entries()} == shown
    assert done.changed == len(shown)


def test_a_link_to_a_pair_shows_ones_own_verdict_and_nobody_elses(world, store, now):
    judge(world, "ana", {"circle": Outcome.CANDIDATE})
    pair = next(pair for pair in world.pairs if pair.case_name == "circle")
    mine, theirs = (desk.by_link(store, pair.id, who, now) for who in ("ana", "ben"))
    assert mine.own is not None
    assert mine.objection is None
    assert theirs.own is None
