"""The desk, the gallery and the reveal: what each of them gives, cuts off, counts and keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from core.errors import BlobMissing, DecisionRefused, InvalidRequest, StoreReadOnly, UnknownName
from core.gates.policies import find_policy
from core.records import (
    Arm,
    Outcome,
    QueueView,
    ReviewFilter,
    TriageLabel,
)
from core.review.acceptance import PICTURE_MISSING, VerdictUse
from core.review.bulk import Chosen
from core.review.sides import Ballot
from db.store import Store
from services.review import bulk, desk, names, verdicts
from services.review.pictures import keep_missing, with_pictures
from services.review.positives import closest_positives
from services.rollouts import judge as judge_run
from services.rollouts import start
from tests.world import World, all_proved, finish_all, judge, make_world, request_run, verdict


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now)


def ballot(task: str, **words: object) -> Ballot:
    return Ballot(uuid=str(uuid4()), task=task, outcome="a", **words)


def label(store: Store, wanted: ReviewFilter, confirmed: int, now: datetime, **words: object):
    words = {"label": TriageLabel.POSITIVE, "chosen": Chosen.BOTH, "batch": "b", **words}
    return bulk.label_filter(store, "ana", wanted, confirmed=confirmed, now=now, **words)


def test_a_page_holds_so_many_pairs_with_what_the_reviewer_did_last(world, store, now):
    page = desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=3, now=now)
    assert (len(page.items), page.run_id, page.last) == (3, world.run.id, None)
    assert (page.counts.total, page.counts.unjudged, page.use) == (8, 8, VerdictUse.TOO_EARLY)
    assert not any(asked.needs_one_to_one for asked in page.items)
    first = page.items[0].item
    assert verdicts.cast_ballot(store, ballot(first.task), "ana", now)
    later = desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=24, now=now)
    asked, own = later.last
    assert (asked.item.pair_id, own.event.pair_id, own.named) == (first.pair_id, first.pair_id, False)
    assert first.pair_id not in {one.item.pair_id for one in later.items}
    assert desk.next_page(store, "ben", ReviewFilter(run_id=world.run.id), limit=1, now=now).last is None
    names.show_names(store, [first.pair_id], "ana", now)
    _, own = desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=1, now=now).last
    assert own.named
    for limit in (0, 501):
        with pytest.raises(InvalidRequest):
            desk.next_page(store, "ana", ReviewFilter(), limit=limit, now=now)


def test_a_pair_that_was_put_off_comes_last(world, store, now):
    wanted = ReviewFilter(run_id=world.run.id)
    first = desk.next_page(store, "ana", wanted, limit=24, now=now).items[0].item
    desk.put_off(store, first.task, "ana", now)
    page = desk.next_page(store, "ana", wanted, limit=24, now=now)
    assert (page.items[-1].item.pair_id, page.items[-1].item.skipped) == (first.pair_id, True)
    assert page.counts.skipped == 1


def test_the_newest_of_the_runs_with_work_is_opened_and_a_filter_keeps_its_own(world, store, now):
    later = now + timedelta(hours=1)
    newer = request_run(store, later, seeds=(7,))
    assert (
        desk.next_page(store, "ana", ReviewFilter(), limit=1, now=later).run_id == world.run.id
    )  # not drawn
    finish_all(store, later)
    assert desk.next_page(store, "ana", ReviewFilter(), limit=1, now=later).run_id == newer.id
    tagged = desk.next_page(store, "ana", ReviewFilter(tag="alpha"), limit=24, now=later)
    assert tagged.run_id is None
    assert {asked.item.run_id for asked in tagged.items} == {world.run.id, newer.id}
    assert tagged.use is VerdictUse.UNKNOWN
    assert [run.id for run in desk.runs_listed_blind(store)] == [newer.id, world.run.id]


def test_what_a_verdict_is_to_its_rollout_is_told_before_it_is_given(world, store, settings, now):
    assert desk.use_in_run(store, None) is VerdictUse.UNKNOWN
    assert desk.use_in_run(store, world.run.id) is VerdictUse.TOO_EARLY
    policy = find_policy(settings.policies_folder, "upgrade")
    start(store, judge_run(store, settings, world.run, policy, now), "lea", now)
    assert desk.use_in_run(store, world.run.id) is VerdictUse.EVIDENCE


def test_a_link_to_a_pair_with_a_missing_picture_or_seen_names_says_why_no_verdict_is_taken(
    world, store, now
):
    named, gone, fine = world.pairs[0], world.pairs[1], world.pairs[2]
    names.show_names(store, [named.id], "ana", now)
    for render in store.renders.of_pair(gone.id).values():
        store.blobs.path(render.digest).unlink()
    assert "you saw which model drew" in desk.by_link(store, named.id, "ana", now).objection
    assert desk.by_link(store, gone.id, "ana", now).objection == PICTURE_MISSING
    assert desk.by_link(store, fine.id, "ana", now).objection is None
    assert desk.by_link(store, fine.id, "ana", now).asked.item.pair_id == fine.id
    with pytest.raises(UnknownName):
        desk.by_link(store, "nothing", "ana", now)


def test_the_reveal_tells_the_sides_as_they_were_shown_with_what_was_found(world, store, now):
    store.selftests.save(all_proved())
    pair = next(pair for pair in world.pairs if pair.case_name == "circle")
    cast = verdict(pair, "ana", Outcome.TIE, now, side_a=Arm.CANDIDATE)
    assert verdicts.cast(store, cast).recorded
    told = desk.reveal(store, pair.id, "ana", now=now)
    assert [render.arm for render in told.sides] == [Arm.CANDIDATE, Arm.BASELINE]
    assert (told.verdict.uuid, told.lost) == (cast.uuid, 0)
    assert {found.pair_id for found in told.found} == {pair.id}
    assert "lpips" in told.self_tests
    assert store.reviews.names_shown(pair.id, "ana")
    assert desk.reveal(store, pair.id, "ana", verdict_uuid=cast.uuid, now=now).verdict == told.verdict
    with pytest.raises(DecisionRefused) as refused:
        desk.reveal(store, pair.id, "ana", verdict_uuid="other", now=now)
    assert refused.value.remedy == "judge the pair first"


def test_a_verdict_that_is_sent_again_is_known_even_when_its_pictures_are_gone(world, store, now):
    pair = world.pairs[0]
    cast = verdict(pair, "ana", Outcome.TIE, now)
    assert verdicts.cast(store, cast).recorded
    for render in store.renders.of_pair(pair.id).values():
        store.blobs.path(render.digest).unlink()
    assert verdicts.cast(store, cast) == (False, cast)
    with pytest.raises(InvalidRequest, match="picture"):
        verdicts.cast(store, verdict(pair, "ben", Outcome.TIE, now))


def test_a_verdict_is_taken_back_once_by_whom_it_belongs_to(world, store, now):
    cast = verdict(world.pairs[0], "ana", Outcome.TIE, now)
    verdicts.cast(store, cast)
    with pytest.raises(UnknownName):
        verdicts.undo(store, cast.uuid, "ben", uuid="u1", now=now)
    assert [verdicts.undo(store, cast.uuid, "ana", uuid=uuid, now=now) for uuid in ("u2", "u3")] == [
        True,
        False,
    ]
    assert store.reviews.current() == []


def test_a_page_of_the_gallery_is_cut_out_of_all_that_fit(world, store, now):
    wanted = ReviewFilter(view=QueueView.ALL)
    whole = bulk.gallery_page(store, "ana", wanted, offset=0, limit=500, now=now)
    assert (len(whole.items), whole.total, whole.counts.total) == (8, 8, 8)
    part = bulk.gallery_page(store, "ana", wanted, offset=5, limit=2, now=now)
    assert [item.pair_id for item in part.items] == [item.pair_id for item in whole.items[5:7]]
    assert part.total == 8
    for offset, limit in ((-1, 1), (0, 0), (0, 501)):
        with pytest.raises(InvalidRequest):
            bulk.gallery_page(store, "ana", wanted, offset=offset, limit=limit, now=now)


def test_only_the_preferred_picture_of_each_pair_is_labelled_where_that_is_chosen(world, store, now):
    judge(world, "ana", {"circle": Outcome.CANDIDATE, "star": Outcome.BASELINE, "wide": Outcome.TIE})
    done = label(store, ReviewFilter(view=QueueView.MINE), 6, now, chosen=Chosen.PREFERRED)
    preferred = {
        store.renders.of_pair(pair.id)[arm].digest
        for pair in world.pairs
        for name, arm in (("circle", Arm.CANDIDATE), ("star", Arm.BASELINE))
        if pair.case_name == name
    }
    assert {entry.render_digest for entry in store.golden.entries()} == preferred
    assert done.changed == len(preferred) == 4


def test_a_page_is_read_again_until_no_picture_of_it_is_missing_and_at_most_fifty_times(world, store, now):
    items = desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=8, now=now).items
    kept = [asked.item for asked in items]
    store.blobs.path(kept[0].a.digest).unlink()
    times: list[int] = []

    def stubborn():
        times.append(len(times))
        return len(times), kept

    count, left = with_pictures(store, stubborn, now)
    assert (count, len(times)) == (50, 50)
    assert kept[0] not in left
    assert left == [item for item in kept if kept[0].a.digest not in (item.a.digest, item.b.digest)]
    assert with_pictures(store, lambda: ("found", left), now) == ("found", left)


def test_a_picture_that_was_found_missing_is_kept_as_such_or_the_reason_why_not(
    world, store, now, monkeypatch
):
    pair = world.pairs[0]
    digest = store.renders.of_pair(pair.id)[Arm.BASELINE].digest
    store.blobs.path(digest).unlink()
    error = BlobMissing("gone")
    assert keep_missing(store, [digest], error, now) is error
    assert desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=24, now=now).counts.total < 8

    def refuse(*_: object) -> None:
        raise StoreReadOnly("no")

    monkeypatch.setattr(store.pictures, "look", refuse)
    assert keep_missing(store, [digest], error, now) is error
    assert error.__notes__ == ["and that could not be kept: no"]


def test_golden_positives_of_a_case_come_the_most_alike_first(world, store, now):
    first, second = (pair for pair in world.pairs if pair.case_name == "star")
    shown = {arm: render.digest for arm, render in store.renders.of_pair(first.id).items()}
    others = [render.digest for render in store.renders.of_pair(second.id).values()]
    judge(world, "ana", {"star": Outcome.TIE})
    label(store, ReviewFilter(view=QueueView.MINE), 2, now)
    item = store.reviews.item(first.id, "ben", now)
    like_a, like_b = closest_positives(store, first.id, "ben", now)
    assert (like_a[0], like_b[0]) == (item.a.digest, item.b.digest)
    assert set(like_a) == set(like_b) == {*shown.values(), *others}
