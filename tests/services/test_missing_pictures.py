"""A pair whose picture is missing is asked of nobody, judged by no route, and comes back with its picture.

Long: every way by which a reviewer meets a pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cli.main import run
from core.errors import BlobMissing, DecisionRefused, InvalidRequest
from core.records import (
    Arm,
    Case,
    Outcome,
    Pair,
    Purpose,
    QueueView,
    ReviewFilter,
    ReviewPlan,
    Suite,
    TriageEvent,
    TriageLabel,
    UnitState,
)
from core.review.bulk import Chosen
from core.review.next_pair import Task
from core.review.sides import Ballot
from db import verifier
from db.blob_files import read_signed
from db.desk import ReviewerQueue
from db.missing_pictures import missing_pictures
from db.queue_rows import folded, stored
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext, RequestContext
from pages.routes.images import render as image
from pages.routes.tokens import TokenClaims, issue_token
from services.review import bulk, desk, verdicts
from tests.world import World, finish_all, judge, make_world, picture, request_run, verdict

pytestmark = pytest.mark.every_database


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now, plan=ReviewPlan(order_seed=7, control_share=0.0, overlap_share=0.0))


def lose(world: World, pair: Pair, arm: Arm = Arm.CANDIDATE) -> None:
    """Take the file of a picture away."""
    digest = world.store.renders.of_pair(pair.id)[arm].digest or ""
    world.store.blobs.path(digest).unlink()


def asked(world: World, reviewer: str = "ana", *, limit: int = 24) -> list[str]:
    page = desk.next_page(
        world.store, reviewer, ReviewFilter(run_id=world.run.id), limit=limit, now=world.now
    )
    return [one.item.pair_id for one in page.items]


def as_folded(world: World) -> bool:
    """Whether the queue's rows are those of the fold over all events."""
    with world.store._database.read() as connection:
        one, other = stored(connection), folded(connection)
        return (one.units, one.pairs, one.desks) == (other.units, other.pairs, other.desks)


def test_it_leaves_the_queue_for_everyone_and_all_others_stay(world: World) -> None:
    first = asked(world)[0]
    gone = world.store.pairs.get(first)
    lose(world, gone)
    for reviewer in ("ana", "ben"):
        left = asked(world, reviewer)
        assert gone.id not in left
        assert len(left) == len(world.pairs) - 1
    assert world.store.reviews.counts("cleo", world.run.id).total == len(world.pairs) - 1
    assert as_folded(world)


def test_a_case_with_no_pair_left_to_show_waits(world: World) -> None:
    stars = [pair for pair in world.pairs if pair.case_name == "star"]
    for pair in stars:
        lose(world, pair)
    assert not set(asked(world)) & {pair.id for pair in stars}
    with world.store._database.read() as connection:
        units = {unit.case_digest: unit.state for unit in stored(connection).units.values()}
    assert units[stars[0].case_digest] is UnitState.WAITING


def test_a_queue_of_which_everything_is_missing_is_empty_and_no_error(world: World) -> None:
    for pair in world.pairs:
        lose(world, pair)
    assert asked(world, limit=3) == []
    assert world.store.reviews.counts("ana", world.run.id).unjudged == 0


def test_it_comes_back_when_its_picture_is_drawn_again(world: World) -> None:
    gone = world.pairs[0]
    lose(world, gone)
    assert gone.id not in asked(world)
    request_run(world.store, world.now, again=True)
    finish_all(world.store, world.now)  # the same recipe, so the same picture
    with world.store._database.read() as connection:
        assert stored(connection).pairs[gone.id].ready
    assert gone.id in asked(world)
    assert as_folded(world)


def test_it_comes_back_when_its_file_is_put_back_by_hand(world: World) -> None:
    gone = world.pairs[0]
    render = world.store.renders.of_pair(gone.id)[Arm.CANDIDATE]
    lose(world, gone)
    assert gone.id not in asked(world)
    assert gone.id not in asked(world)
    case = world.store.suites.case(gone.case_digest)
    assert world.store.blobs.put(picture(case, gone.seed, Arm.CANDIDATE)).digest == render.digest
    assert gone.id in asked(world)


def test_a_picture_that_two_runs_hold_takes_both_pairs_out_and_brings_both_back(world: World) -> None:
    again = request_run(world.store, world.now, again=True)
    finish_all(world.store, world.now)
    gone = world.pairs[0]
    (twin,) = (
        pair
        for pair in world.store.pairs.of_run(again.id)
        if (pair.case_digest, pair.seed) == (gone.case_digest, gone.seed)
    )
    lose(world, gone)
    world.store.pictures.look([world.store.renders.of_pair(gone.id)[Arm.CANDIDATE].digest or ""], world.now)
    with world.store._database.read() as connection:
        pairs = stored(connection).pairs
    assert [one for one, pair in pairs.items() if not pair.ready] == sorted([gone.id, twin.id])


def test_a_digest_that_no_render_has_leaves_no_event(world: World) -> None:
    assert world.store.pictures.look(["0" * 64], world.now) == {"0" * 64}
    with world.store._database.read() as connection:
        assert connection.execute(missing_pictures()).all() == []


# ---- verdicts --------------------------------------------------------------------------------------------


def cast_by_the_service(world: World, pair: Pair, **_: object) -> str:
    with pytest.raises(InvalidRequest) as refused:
        verdicts.cast(world.store, verdict(pair, "ana", Outcome.TIE, world.now))
    return str(refused.value)


def cast_by_the_desk(world: World, pair: Pair, *, task: str, **_: object) -> str:
    ballot = Ballot(uuid=str(uuid4()), task=task, outcome="a")
    with pytest.raises(InvalidRequest) as refused:
        verdicts.cast_ballot(world.store, ballot, "ana", world.now)
    return str(refused.value)


def cast_by_http(world: World, pair: Pair, *, task: str, **_: object) -> str:
    secret = "a secret of this test"
    context = AppContext(store=lambda: world.store, secret=lambda: secret, now=lambda: world.now)
    token = issue_token(secret, TokenClaims(reviewer="ana", role="x"), world.now)
    client = TestClient(Starlette(routes=all_routes(context)), headers={"authorization": f"Bearer {token}"})
    answer = client.post("/api/verdicts", json={"uuid": str(uuid4()), "task": task, "outcome": "a"})
    assert answer.status_code == 400  # no later try can help: the outbox goes on
    return str(answer.json()["message"])


def cast_by_the_command(world: World, pair: Pair, *, capsys: pytest.CaptureFixture[str], **_: object) -> str:
    assert run(["verdict", pair.id, "--reviewer", "ana", "--outcome", "tie"]) == 1
    return capsys.readouterr().err


ROUTES = [cast_by_the_service, cast_by_the_desk, cast_by_http, cast_by_the_command]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_no_route_takes_a_verdict_on_it(
    world: World, capsys: pytest.CaptureFixture[str], route: Callable[..., str]
) -> None:
    page = desk.next_page(world.store, "ana", ReviewFilter(run_id=world.run.id), limit=1, now=world.now)
    item = page.items[0].item
    gone = world.store.pairs.get(item.pair_id)
    lose(world, gone)
    words = route(world, gone, task=item.task, capsys=capsys)
    assert "a picture of this pair is missing" in words
    assert world.store.reviews.history(gone.id) == []
    assert gone.id not in asked(world, "ben")


def test_a_verdict_that_was_stored_before_is_acknowledged_when_it_is_sent_again(world: World) -> None:
    event = verdict(world.pairs[0], "ana", Outcome.TIE, world.now)
    assert verdicts.cast(world.store, event).recorded
    lose(world, world.pairs[0])
    assert not verdicts.cast(world.store, event).recorded
    other = replace(event, uuid="another", reviewer="ben")
    with pytest.raises(InvalidRequest, match="missing"):
        verdicts.cast(world.store, other)


def test_a_verdict_can_be_taken_back_although_its_picture_is_gone(world: World) -> None:
    event = verdict(world.pairs[0], "ana", Outcome.TIE, world.now)
    verdicts.cast(world.store, event)
    lose(world, world.pairs[0])
    page = desk.next_page(world.store, "ana", ReviewFilter(run_id=world.run.id), limit=3, now=world.now)
    assert page.last is not None
    assert page.last[1].event == event
    assert verdicts.undo(world.store, event.uuid, "ana", uuid="undo", now=world.now)
    assert world.pairs[0].id not in asked(world)
    assert as_folded(world)


def test_a_link_to_it_says_why_no_verdict_is_taken(world: World) -> None:
    gone = world.pairs[0]
    lose(world, gone)
    found = desk.by_link(world.store, gone.id, "ana", world.now)
    assert found.asked.item.pair_id == gone.id
    assert found.objection is not None
    assert "missing" in found.objection


def test_no_hidden_control_shows_it(store: Store, now: datetime) -> None:
    plan = ReviewPlan(order_seed=7, control_share=0.9, overlap_share=0.0)
    cases = tuple(Case(name=f"case-{n:02}", prompt=f"star {n}", width=48, height=48) for n in range(16))
    world = make_world(store, now, plan=plan, suite=Suite(name="many", cases=cases), seeds=(1,))
    for pair in world.pairs[:14]:
        item = store.reviews.item(pair.id, "ana", now)
        side = store.reviews.handout(item.task, "ana").side_a
        store.reviews.record(verdict(pair, "ana", Outcome.CANDIDATE, now, side_a=side))
    for arm, label in ((Arm.CANDIDATE, TriageLabel.POSITIVE), (Arm.BASELINE, TriageLabel.NEGATIVE)):
        for pair in world.pairs[14:16]:
            digest = store.renders.of_pair(pair.id)[arm].digest or ""
            store.golden.triage([_triage(pair, digest, label, now)])
    before = _controls(world)
    assert {task.purpose for task in before} == {Purpose.GOLD, Purpose.REPEAT, Purpose.SAME}
    gone = {pair.id for pair in (*world.pairs[:2], world.pairs[14])}
    for pair_id in gone:
        lose(world, store.pairs.get(pair_id))
        store.pictures.look([store.renders.of_pair(pair_id)[Arm.CANDIDATE].digest or ""], now)
    assert sorted(_controls(world)) == sorted(task for task in before if task.pair_id not in gone)


def test_a_control_that_shows_one_picture_twice_is_not_shown_while_the_other_is_missing(
    store: Store, now: datetime
) -> None:
    plan = ReviewPlan(order_seed=7, control_share=0.9, overlap_share=0.0)
    world = make_world(store, now, plan=plan)
    page = desk.next_page(store, "ana", ReviewFilter(run_id=world.run.id), limit=8, now=now)
    twice = next(one.item for one in page.items if one.item.a.digest == one.item.b.digest)
    (other,) = (
        arm for arm, render in store.renders.of_pair(twice.pair_id).items() if render.digest != twice.a.digest
    )
    lose(world, store.pairs.get(twice.pair_id), other)
    assert twice.pair_id not in asked(world, limit=8), "its verdict would be refused"


def _controls(world: World) -> list[Task]:
    """Every hidden control that ana may be given."""
    with world.store._database.read() as connection:
        queue = ReviewerQueue(connection, world.run, "ana", world.now)
        return [choices.draw(Random(0)) for choices in queue.controls() for _ in range(len(choices))]


def _triage(pair: Pair, digest: str, label: TriageLabel, now: datetime) -> TriageEvent:
    return TriageEvent(
        uuid=str(uuid4()),
        case_digest=pair.case_digest,
        render_digest=digest,
        label_before=TriageLabel.UNTRIAGED,
        label_after=label,
        by="lea",
        created_at=now,
    )


# ---- the gallery, and pictures asked for by their address -------------------------------------------------


def test_the_gallery_leaves_it_out_and_no_label_falls_on_it(world: World) -> None:
    everything = ReviewFilter(run_id=world.run.id, view=QueueView.ALL)
    whole = bulk.gallery_page(world.store, "ana", everything, offset=0, limit=60, now=world.now)
    lose(world, world.pairs[0])
    words = {"label": TriageLabel.POSITIVE, "chosen": Chosen.BOTH, "batch": str(uuid4()), "now": world.now}
    with pytest.raises(DecisionRefused):  # as many as were confirmed are no longer there
        bulk.label_filter(world.store, "ana", everything, confirmed=whole.total, **words)
    page = bulk.gallery_page(world.store, "ana", everything, offset=0, limit=60, now=world.now)
    assert page.total == whole.total - 1
    assert world.pairs[0].id not in {item.pair_id for item in page.items}


def test_a_picture_that_is_asked_for_and_missing_leaves_the_queue_at_once(world: World) -> None:
    gone = world.pairs[0]
    lose(world, gone)
    digest = world.store.renders.of_pair(gone.id)[Arm.CANDIDATE].digest or ""
    context = RequestContext(
        store=world.store,
        reviewer="ana",
        role="x",
        now=world.now,
        path={"digest": digest},
        query={},
        body={},
    )
    with pytest.raises(BlobMissing):
        image(context)
    with world.store._database.read() as connection:
        assert not stored(connection).pairs[gone.id].ready


def test_verdicts_that_stand_go_on_standing(world: World) -> None:
    judge(world, "ana", Outcome.CANDIDATE)
    before = world.store.reviews.current(run_id=world.run.id)
    lose(world, world.pairs[0])
    asked(world, "ben")
    assert world.store.reviews.current(run_id=world.run.id) == before
    assert as_folded(world)


def test_a_file_is_read_once_and_again_when_it_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = world.store.renders.of_pair(world.pairs[0].id)[Arm.CANDIDATE].digest or ""
    path, reads = world.store.blobs.path(digest), []

    def counted(one: Path) -> object:
        reads.append(one)
        return read_signed(one)

    monkeypatch.setattr(verifier, "FRESH_NS", 0)
    monkeypatch.setattr(verifier, "read_signed", counted)
    for _ in range(3):
        assert world.store.pictures.look([digest], world.now) == set()
    assert reads == [path]
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0")
    for _ in range(3):
        assert world.store.pictures.look([digest], world.now) == {digest}
    assert reads == [path] * 2
    path.unlink()
    assert world.store.pictures.look([digest], world.now) == {digest}
    path.write_bytes(whole)
    assert world.store.pictures.look([digest], world.now) == set()
