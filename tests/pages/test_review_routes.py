"""The desk's routes over a real store: who gets in, what stays blind, that no verdict is lost or doubled.

Long: every route of the desk.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.checks.maps import stored
from core.config.settings import Settings
from core.errors import AccessDenied, InvalidImage
from core.formatting import number
from core.records import (
    Arm,
    Box,
    Outcome,
    Purpose,
    QueueView,
    Reason,
    Region,
    ReviewFilter,
    ReviewPlan,
    RolloutAction,
    RolloutEvent,
    TriageLabel,
)
from db import tables
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import MAX_BODY, AppContext
from pages.routes.images import without_texts
from pages.routes.tokens import LIFETIME, ROUNDING, TokenClaims, issue_token, read_token, secret_of
from tests.db.damage import DAMAGE
from tests.world import World, finish_all, judge, make_world, measurement, picture, recipe, request_run

pytestmark = pytest.mark.every_database
SECRET = "a secret of this test"
Client = Callable[..., TestClient]


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now)


@pytest.fixture
def client(store: Store, now: datetime) -> Client:
    """``client("ben")`` speaks in ben's name; ``client(token="…")`` with any token."""
    app_context = AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: now)
    app = Starlette(routes=all_routes(app_context))

    def speaking(reviewer: str = "ana", *, token: str | None = None) -> TestClient:
        word = (
            token if token is not None else issue_token(SECRET, TokenClaims(reviewer=reviewer, role="x"), now)
        )
        return TestClient(app, headers={"authorization": f"Bearer {word}"})

    return speaking


def ballot(item: dict[str, Any], outcome: str = "a", **words: object) -> dict[str, Any]:
    return {"uuid": str(uuid4()), "task": item["task"], "outcome": outcome, **words}


# ---- who gets in -----------------------------------------------------------------------------------------

GUARDED = [
    "/api/queue", "/api/gallery", "/api/runs", "/api/pairs/p", "/api/positives/p",
    f"/api/img/{'0' * 64}", f"/api/thumb/{'0' * 64}", f"/api/difference/{'0' * 64}/{'0' * 64}",
    f"/api/places/{'0' * 64}/{'0' * 64}", "/api/map/p/lpips",
]  # fmt: skip


@pytest.mark.parametrize("path", GUARDED)
def test_without_a_token_every_route_stays_shut(client: Client, path: str) -> None:
    answer = client(token="").get(path)
    assert (answer.status_code, answer.json()["error"]) == (401, "AccessDenied")


def test_every_route_that_tells_or_takes_something_is_in_the_list_above(client: Client) -> None:
    free = {"/api/health", "/api/ui/{version}/{name}"}
    app = client().app
    paths = {route.path for route in app.routes if "GET" in route.methods} - free
    shapes = {path.replace("{digest}", "0" * 64) for path in paths}
    assert {path.split("/")[2] for path in shapes} == {path.split("/")[2] for path in GUARDED}


TAKING = [
    "/api/pairs/p/reveal", "/api/verdicts", "/api/undo", "/api/skips", "/api/triage", "/api/triage/undo"
]  # fmt: skip


@pytest.mark.parametrize("path", TAKING)
def test_without_a_token_nothing_is_taken(client: Client, path: str) -> None:
    assert client(token="forged").post(path, json={}).status_code == 401


def test_a_token_is_its_reviewers_for_half_an_hour(now: datetime) -> None:
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="lead"), now)
    late = now + LIFETIME - timedelta(seconds=1)
    assert read_token(SECRET, token, late) == TokenClaims(reviewer="ana", role="lead")
    with pytest.raises(AccessDenied, match="expired"):
        read_token(SECRET, token, now + LIFETIME + ROUNDING)


def test_a_token_of_another_app_or_with_another_name_in_it_is_refused(now: datetime) -> None:
    token = issue_token("another secret", TokenClaims(reviewer="ana", role="x"), now)
    body, signature = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), now).rsplit(".", 1)
    forged = (
        issue_token(SECRET, TokenClaims(reviewer="ben", role="x"), now).rsplit(".", 1)[0] + "." + signature
    )
    for word in (token, forged, body, "", "x.y"):
        with pytest.raises(AccessDenied):
            read_token(SECRET, word, now)


@pytest.mark.parametrize(
    "name", ["policy:easy", "ana\ufe0f", "\u3164", "first start", " ana", "Ａna", ""], ids=ascii
)
def test_a_token_that_names_no_person_opens_nothing(now: datetime, name: str) -> None:
    token = issue_token(SECRET, TokenClaims(reviewer=name, role="x"), now)
    with pytest.raises(AccessDenied, match="names no person"):
        read_token(SECRET, token, now)


def test_reruns_in_quick_succession_carry_the_same_token(now: datetime) -> None:
    first, second = (
        issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), now + timedelta(seconds=s))
        for s in (0, 20)
    )
    assert first == second


def test_the_secret_is_made_once_and_is_its_owners_alone(settings: Settings) -> None:
    secret = secret_of(settings)
    assert len(secret) > 30
    assert secret_of(settings) == secret
    assert [path.name for path in settings.home.glob("secret*")] == ["secret"]
    assert (settings.home / "secret").stat().st_mode & 0o777 == 0o600


# ---- images ----------------------------------------------------------------------------------------------


def test_whoever_asks_for_the_secret_at_the_same_moment_gets_the_same_whole_one(settings):
    with ThreadPoolExecutor(8) as room:
        found = set(room.map(lambda _: secret_of(settings), range(64)))
    assert len(found) == 1
    assert len(found.pop()) > 30


def test_a_render_leaves_as_it_was_stored_but_without_the_words_that_name_its_model(
    client: Client, store: Store, world: World
) -> None:
    case = store.suites.case(world.pairs[0].case_digest)
    image = picture(case, 99, Arm.BASELINE)
    digest = store.blobs.put(image, recipe(case, 99, Arm.BASELINE)).digest
    answer = client().get(f"/api/img/{digest}")
    assert b"letterpress" in store.blobs.png(digest)
    assert b"letterpress" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).tobytes() == image.tobytes()
    assert "immutable" in answer.headers["cache-control"]
    assert "private" in answer.headers["cache-control"]


def test_only_texts_are_taken_from_a_png() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_itxt("sidegrade", "letterpress")
    words.add_text("parameters", "letterpress", zip=True)
    file, bare = io.BytesIO(), io.BytesIO()
    image = Image.effect_noise((40, 30), 90).convert("RGBA")
    image.save(file, "PNG", pnginfo=words)
    image.save(bare, "PNG")
    assert without_texts(file.getvalue()) == bare.getvalue()


def test_a_digest_that_is_none_or_unknown_is_refused_in_words(client: Client) -> None:
    assert client().get(f"/api/img/{'0' * 64}").json()["error"] == "BlobMissing"
    traversal = client().get("/api/img/..%2f..%2fsecret")
    assert traversal.status_code in (400, 404)


PICTURES = ("img/{a}", "thumb/{a}?w=160", "difference/{a}/{b}", "places/{a}/{b}?pair={pair}")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_picture_whose_file_lies_is_answered_in_words_that_name_its_pair(
    client: Client, store: Store, world: World, damage: str
) -> None:
    pair = world.pairs[0]
    a, b = (render.digest or "" for render in store.renders.of_pair(pair.id).values())
    DAMAGE[damage](store.blobs.path(a))
    for path in PICTURES:
        answer = client().get(f"/api/{path.format(a=a, b=b, pair=pair.id)}")
        assert (answer.status_code, pair.id in answer.json()["message"]) == (404, True), path
        assert answer.json()["error"] == ("BlobMissing" if damage == "missing" else "BlobDamaged")
        assert "immutable" not in answer.headers["cache-control"]


def test_a_png_that_is_cut_anywhere_is_refused(client: Client) -> None:
    file = io.BytesIO()
    Image.effect_noise((40, 30), 90).save(file, "PNG")
    whole = file.getvalue()
    for length in range(len(whole)):
        with pytest.raises(InvalidImage):
            without_texts(whole[:length])
    assert without_texts(whole) == whole
    with pytest.raises(InvalidImage, match="ends in its b'IDAT'"):
        without_texts(whole[:-20])


def test_a_thumbnail_is_small_and_lossless(client: Client, world: World) -> None:
    item = client().get("/api/queue").json()["items"][0]
    answer = client().get(f"/api/thumb/{item['a']['digest']}?w=160")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).mode == "RGBA"


# ---- blind -----------------------------------------------------------------------------------------------


def test_nothing_but_the_reveal_names_a_model_or_an_arm(client: Client, world: World) -> None:
    ana = client()
    item = ana.get("/api/queue").json()["items"][0]
    ana.post("/api/verdicts", json=ballot(item))
    a, b = item["a"]["digest"], item["b"]["digest"]
    paths = ["/api/queue", "/api/gallery", "/api/runs", f"/api/pairs/{item['pair_id']}"]
    paths += [f"/api/places/{a}/{b}?pair={item['pair_id']}", f"/api/positives/{item['pair_id']}"]
    for path in paths:
        words = ana.get(path).text
        for name in ("letterpress", "baseline", "candidate", "model_"):
            assert name not in words, (path, name)


def test_names_come_after_ones_own_verdict_which_then_stays(client: Client, world: World) -> None:
    ana, ben = client("ana"), client("ben")
    item = ana.get("/api/queue").json()["items"][0]
    path = f"/api/pairs/{item['pair_id']}/reveal"
    assert ana.post(path, json={}).status_code == 409
    vote = ballot(item, "b", reasons=["typography"], comment="the R is broken")
    ana.post("/api/verdicts", json=vote)
    assert ana.get("/api/queue").json()["last"]["ballot"]["named"] is False
    told = ana.post(path, json={"verdict": vote["uuid"]}).json()
    assert {told["a"]["model"], told["b"]["model"]} == {"letterpress", "letterpress-2"}
    assert told["verdict"]["outcome"] == "b"
    assert told["verdict"]["comment"] == "the R is broken"
    assert {finding["check"] for finding in told["measurements"]} == {"lpips", "contract"}
    assert ben.post(path, json={}).status_code == 409
    assert ana.get("/api/queue").json()["last"]["ballot"]["named"] is True
    refused = ana.post("/api/undo", json={"uuid": str(uuid4()), "verdict": vote["uuid"]})
    assert refused.status_code == 409
    assert "names were shown for this verdict, so it stays" in refused.json()["message"]
    assert [event.uuid for event in world.store.reviews.current()] == [vote["uuid"]]


def test_who_was_shown_the_names_first_cannot_judge_the_pair_and_is_not_asked_to(
    client: Client, world: World, now: datetime
) -> None:
    ana, ben = client("ana"), client("ben")
    before = ana.get("/api/queue").json()
    item = before["items"][0]
    world.store.reviews.show_names(item["pair_id"], "ana", now)
    refused = ana.post("/api/verdicts", json=ballot(item))
    assert refused.status_code == 409
    assert "before you judged it" in refused.json()["message"]
    after = ana.get("/api/queue").json()
    assert item["pair_id"] not in {one["pair_id"] for one in after["items"]}
    assert after["counts"]["unjudged"] == before["counts"]["unjudged"] - 1
    his = next(one for one in ben.get("/api/queue").json()["items"] if one["pair_id"] == item["pair_id"])
    assert ben.post("/api/verdicts", json=ballot(his)).json()["saved"]


def test_names_shown_after_a_verdict_are_known_in_other_runs_too_and_the_desk_says_so(
    client: Client, world: World, store: Store, now: datetime
) -> None:
    again = request_run(store, now, seeds=(1,))
    finish_all(store, now)
    ana = client("ana")
    twins = {pair.case_name: pair.id for pair in store.pairs.of_run(again.id)}
    mine = next(pair for pair in world.pairs if pair.seed == 1)
    tasks = {one["pair_id"]: one for one in ana.get(f"/api/queue?run={again.id}").json()["items"]}
    judge(world, "ana", {mine.case_name: Outcome.TIE})
    told = ana.post(f"/api/pairs/{mine.id}/reveal", json={}).json()
    assert told["lost"] == 1
    twin = twins[mine.case_name]
    refused = ana.post("/api/verdicts", json=ballot(tasks[twin]))
    assert refused.status_code == 409
    assert f"in the run posters ({world.run.id[:12]}) you saw which model" in refused.json()["message"]
    assert "a run with other seeds" in refused.json()["remedy"]
    assert twin not in {one["pair_id"] for one in ana.get(f"/api/queue?run={again.id}").json()["items"]}
    assert "a run with other seeds" in ana.get(f"/api/pairs/{twin}").json()["objection"]
    assert client("ben").get(f"/api/pairs/{twin}").json()["objection"] is None
    assert ana.get(f"/api/pairs/{mine.id}").json()["objection"] is None


def test_the_reveal_says_what_broke_where_and_how_sure_the_check_is(
    client: Client, world: World, now: datetime
) -> None:
    item = client().get("/api/queue").json()["items"][0]
    vote = ballot(item)
    client().post("/api/verdicts", json=vote)
    (verdict,) = world.store.reviews.current(pair_id=item["pair_id"])
    lost = measurement(
        world.store.pairs.get(item["pair_id"]),
        now,
        check="alpha",
        metric="faults",
        arm=Arm.CANDIDATE,
        value=1.0,
        reason="expected alpha channel, found null",
        regions=(Region(box=Box(1, 2, 3, 4), label="lost", arm=Arm.CANDIDATE),),
    )
    world.store.measurements.append([lost])
    told = client().post(f"/api/pairs/{item['pair_id']}/reveal", json={}).json()
    (found,) = [finding for finding in told["measurements"] if finding["broke"]]
    assert found["side"] == ("b" if verdict.side_a is Arm.BASELINE else "a")
    assert found["boxes"] == [[1, 2, 3, 4]]
    assert found["figure"] == number(lost.value, lost.unit)
    assert found["how_sure"] == "unknown: the check had no self-test on this machine"
    assert told[found["side"]]["digest"] == item[found["side"]]["digest"]


def test_the_queue_says_whether_verdicts_are_evidence_by_now(
    client: Client, world: World, now: datetime
) -> None:
    def use() -> str:
        return str(client().get(f"/api/queue?run={world.run.id}").json()["use"])

    assert use() == "too_early"
    start = RolloutEvent(
        uuid="start",
        run_id=world.run.id,
        action=RolloutAction.START,
        by="lea",
        policy_digest="policy_1",
        created_at=now,
    )
    world.store.decisions.append_event(start)
    assert use() == "evidence"
    refusal = replace(start, uuid="refuse", action=RolloutAction.REFUSE, note="the logo moved")
    world.store.decisions.append_event(refusal)
    assert use() == "too_late"


# ---- verdicts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["a", "b", "tie", "both_bad", "cant_judge"])
def test_a_verdict_said_by_sides_is_stored_by_arms(client: Client, world: World, word: str) -> None:
    item = client().get("/api/queue").json()["items"][0]
    pins = [{"side": "b", "x": 0.25, "y": 0.5, "width": 0.1, "height": 0, "reason": "alpha", "text": "halo"}]
    look = {"dwell_ms": 1234, "modes": ["side", "slider"], "max_zoom": 2}
    vote = ballot(item, word, reasons=["alpha", "colour", "alpha"], comment="halo", pins=pins, look=look)
    assert client().post("/api/verdicts", json=vote).json() == {"saved": True}
    (stored,) = world.store.reviews.current(pair_id=item["pair_id"])
    renders = world.store.renders.of_pair(item["pair_id"])
    assert stored.side_a is not None
    assert renders[stored.side_a].digest == item["a"]["digest"]
    chosen = {"a": stored.side_a.value, "b": stored.side_a.other.value}.get(word, word)
    assert stored.outcome == Outcome(chosen)
    assert stored.reasons == (Reason.ALPHA, Reason.COLOUR)
    assert stored.pins[0].arm is stored.side_a.other
    assert (stored.look.dwell_ms, stored.look.modes, stored.look.max_zoom) == (1234, ("side", "slider"), 2.0)


def test_the_same_vote_twice_and_a_second_vote_are_one_verdict(client: Client, world: World) -> None:
    item = client().get("/api/queue").json()["items"][0]
    vote = ballot(item)
    saved = [client().post("/api/verdicts", json=vote).json()["saved"] for _ in range(3)]
    again = client().post("/api/verdicts", json=ballot(item, "b")).json()["saved"]
    assert (saved, again) == ([True, False, False], False)
    assert len(world.store.reviews.history(item["pair_id"])) == 1


def test_undo_is_an_event_and_the_pair_comes_back(client: Client, world: World) -> None:
    item = client().get("/api/queue").json()["items"][0]
    vote = ballot(item)
    client().post("/api/verdicts", json=vote)
    last = client().get("/api/queue").json()["last"]
    assert (last["uuid"], last["item"]["pair_id"]) == (vote["uuid"], item["pair_id"])
    assert last["item"]["a"] == item["a"]
    assert client().post("/api/undo", json={"uuid": str(uuid4()), "verdict": vote["uuid"]}).json()["saved"]
    assert len(world.store.reviews.history(item["pair_id"])) == 2
    assert item["pair_id"] in {one["pair_id"] for one in client().get("/api/queue").json()["items"]}


def test_nobody_takes_back_or_casts_in_anothers_name(client: Client, world: World) -> None:
    ana, ben = client("ana"), client("ben")
    item = ana.get("/api/queue").json()["items"][0]
    vote = ballot(item)
    ana.post("/api/verdicts", json=vote)
    assert ben.post("/api/undo", json={"uuid": str(uuid4()), "verdict": vote["uuid"]}).status_code == 404
    assert ben.post("/api/verdicts", json=ballot(item)).status_code == 404
    assert {event.reviewer for event in world.store.reviews.current()} == {"ana"}


def test_a_hidden_control_looks_like_any_pair_and_never_counts_as_evidence(
    client: Client, world: World, now: datetime
) -> None:
    item = world.store.reviews.item(world.pairs[0].id, "ana", now, purpose=Purpose.SAME)
    assert item.a == item.b
    vote = {"uuid": str(uuid4()), "task": item.task, "outcome": "tie"}
    client().post("/api/verdicts", json=vote)
    (stored,) = world.store.reviews.current(pair_id=item.pair_id)
    assert stored.purpose is Purpose.SAME
    last = client().get("/api/queue").json()["last"]
    assert last["item"]["task"] == item.task


def test_a_plan_may_want_small_text_seen_at_one_to_one(client: Client, store: Store, now: datetime) -> None:
    run = request_run(store, now, plan=ReviewPlan(look_closer_px=12))
    finish_all(store, now)
    items = client().get(f"/api/queue?run={run.id}").json()["items"]
    small = next(item for item in items if item["expected_text"])
    assert [item["needs_one_to_one"] for item in items] == [bool(item["expected_text"]) for item in items]
    glanced = client().post("/api/verdicts", json=ballot(small, look={"max_zoom": 0.6}))
    assert (glanced.status_code, glanced.json()["error"]) == (409, "DecisionRefused")
    assert client().post("/api/verdicts", json=ballot(small, look={"max_zoom": 1})).json()["saved"]


def test_later_puts_a_pair_behind_the_others(client: Client, world: World) -> None:
    first = client().get("/api/queue?show=unjudged").json()["items"][0]
    client().post("/api/skips", json={"task": first["task"]})
    items = client().get("/api/queue?show=unjudged").json()["items"]
    assert items[-1]["pair_id"] == first["pair_id"]
    assert items[-1]["skipped"] is True


BAD_VOTES = [
    ({"outcome": "candidate"}, "outcome: expected one of"),
    ({"outcome": "a", "uuid": "1"}, "uuid: expected a UUID"),
    ({"reasons": ["taste"]}, "reasons: expected one of"),
    ({"reasons": "typography"}, "reasons: expected a list"),
    ({"comment": "x" * 2001}, "comment: expected a text of at most 2000"),
    ({"comment": 7}, "comment: expected a text"),
    ({"pins": [{"side": "c"}]}, "side a, b or null"),
    ({"pins": [{"side": "a", "x": 1.5}]}, "x: expected a number from 0 to 1"),
    ({"pins": [{}] * 51}, "pins: expected a list of at most 50"),
    ({"look": {"max_zoom": float("inf")}}, "max_zoom: expected a number"),
    ({"look": {"dwell_ms": True}}, "dwell_ms: expected a number"),
    ({"look": []}, "look: expected an object"),
]


@pytest.mark.parametrize(("words", "message"), BAD_VOTES)
def test_a_malformed_vote_is_refused_with_what_was_expected(
    client: Client, world: World, words: dict[str, Any], message: str
) -> None:
    item = client().get("/api/queue").json()["items"][0]
    answer = client().post("/api/verdicts", content=json.dumps(ballot(item) | words))
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert world.store.reviews.current() == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'"' + b"x" * MAX_BODY + b'"'])
def test_a_body_that_is_no_json_object_or_too_large_is_refused(client: Client, content: bytes) -> None:
    answer = client().post("/api/verdicts", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")


def test_unknown_tasks_pairs_and_filters_are_refused(client: Client, world: World) -> None:
    assert client().post("/api/verdicts", json=ballot({"task": "t"})).status_code == 404
    assert client().get("/api/pairs/pair_nowhere").status_code == 404
    assert client().get("/api/queue?show=everything").status_code == 400
    assert client().get("/api/queue?limit=0").status_code == 400


# ---- gallery and labels ----------------------------------------------------------------------------------


def test_the_gallery_pages_through_a_filter(client: Client, world: World) -> None:
    page = client().get("/api/gallery?show=all&tag=shape").json()
    assert page["total"] == len(page["items"]) == 4
    assert client().get("/api/gallery?show=all&offset=6").json()["items"][2:] == []


def test_a_whole_filter_is_labelled_after_confirmation_and_given_back(client: Client, world: World) -> None:
    wanted = {"show": "all", "tag": "alpha"}
    order = {"uuid": str(uuid4()), "filter": wanted, "renders": "both", "label": "positive", "confirmed": 2}
    done = client().post("/api/triage", json=order).json()
    assert done["changed"] == 4
    pair = next(pair for pair in world.pairs if pair.case_name == "star")
    renders = world.store.renders.of_pair(pair.id)
    digest = renders[Arm.BASELINE].digest or ""
    assert world.store.golden.label(pair.case_digest, digest) is TriageLabel.POSITIVE
    assert client().post("/api/triage", json=order).json()["changed"] == 0
    assert client().post("/api/triage/undo", json={"events": done["events"]}).json() == {"undone": 4}
    assert world.store.golden.label(pair.case_digest, digest) is TriageLabel.UNTRIAGED


def test_labels_for_another_number_than_confirmed_are_refused(client: Client, world: World) -> None:
    order = {"uuid": str(uuid4()), "filter": {}, "renders": "both", "label": "negative", "confirmed": 3}
    answer = client().post("/api/triage", json=order)
    assert answer.status_code == 409
    assert "the filter now holds 8" in answer.json()["message"]


def test_only_the_render_that_was_preferred_can_be_labelled(client: Client, world: World) -> None:
    judge(world, "ana", {"circle": Outcome.CANDIDATE, "star": Outcome.TIE})
    held = world.store.reviews.count("ana", ReviewFilter(view=QueueView.MINE))
    order = {"uuid": str(uuid4()), "filter": {"show": "mine"}, "renders": "preferred", "label": "positive"}
    assert client().post("/api/triage", json=order | {"confirmed": held}).json()["changed"] == 2
    for pair in world.pairs:
        digest = world.store.renders.of_pair(pair.id)[Arm.CANDIDATE].digest or ""
        label = world.store.golden.label(pair.case_digest, digest)
        assert (label is TriageLabel.POSITIVE) == (pair.case_name == "circle")


def test_the_closest_positive_of_a_case_comes_first(client: Client, world: World) -> None:
    order = {"uuid": str(uuid4()), "filter": {"show": "all"}, "renders": "both", "label": "positive"}
    client().post("/api/triage", json=order | {"confirmed": 8})
    item = client().get("/api/queue").json()["items"][0]
    found = client().get(f"/api/positives/{item['pair_id']}").json()
    assert found["a"][0] == item["a"]["digest"]
    assert found["b"][0] == item["b"]["digest"]
    assert sorted(found["a"]) == sorted(found["b"])


def test_a_positive_whose_picture_is_lost_is_left_out_and_the_others_are_shown(
    client: Client, store: Store, world: World
) -> None:
    order = {"uuid": str(uuid4()), "filter": {"show": "all"}, "renders": "both", "label": "positive"}
    client().post("/api/triage", json=order | {"confirmed": 8})
    pair, *others = [one for one in world.pairs if one.case_name == "sale-now"]
    own = {render.digest for render in store.renders.of_pair(pair.id).values()}
    lost, kept = (render.digest or "" for render in store.renders.of_pair(others[0].id).values())
    store.blobs.path(lost).unlink()
    assert set(client().get(f"/api/positives/{pair.id}").json()["a"]) == {*own, kept}


# ---- the rest --------------------------------------------------------------------------------------------


def test_differences_come_as_a_picture_and_as_places(client: Client, world: World) -> None:
    item = client().get("/api/queue").json()["items"][0]
    a, b = item["a"]["digest"], item["b"]["digest"]
    picture_of = Image.open(io.BytesIO(client().get(f"/api/difference/{a}/{b}").content))
    found = client().get(f"/api/places/{a}/{b}?pair={item['pair_id']}").json()
    assert picture_of.size == (found["differences"]["width"], found["differences"]["height"])
    assert found["differences"]["differing_pixels"] > 0
    assert found["differences"]["regions"]


def test_places_of_a_pair_are_told_for_its_own_pictures_alone(
    client: Client, world: World, now: datetime
) -> None:
    pair = world.pairs[0].id
    a, b = (render.digest for render in world.store.renders.of_pair(pair).values())
    foreign = [render.digest for render in world.store.renders.of_pair(world.pairs[1].id).values()]
    for first, second in ((a, foreign[0]), (foreign[0], b), (foreign[0], foreign[1]), ("0" * 64, b)):
        answer = client().get(f"/api/places/{first}/{second}?pair={pair}")
        assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
        assert "texts" not in answer.json()
    assert client().get(f"/api/places/{b}/{a}?pair={pair}").status_code == 200
    assert client().get(f"/api/places/{a}/{a}?pair={pair}").status_code == 200
    assert client().get(f"/api/places/{foreign[0]}/{foreign[1]}").json()["texts"] == []
    assert client().get(f"/api/places/{a}/{b}?pair=pair_0").status_code == 404


def test_a_hidden_control_has_no_map_of_the_render_it_does_not_show(
    client: Client, world: World, now: datetime
) -> None:
    item = client().get("/api/queue").json()["items"][0]
    pair, (a, b) = item["pair_id"], (item["a"]["digest"], item["b"]["digest"])
    drawn = measurement(world.store.pairs.get(pair), now, raw=stored(np.ones((4, 8), np.float32)))
    world.store.measurements.append([drawn])
    (shown,) = client().get(f"/api/places/{a}/{b}?pair={pair}").json()["maps"]
    assert shown["title"] == "LPIPS"
    assert client().get(f"/api/places/{a}/{a}?pair={pair}").json()["maps"] == []


def test_the_viewers_modules_are_kept_for_ever_under_their_digest_and_never_under_an_old_one(
    client: Client,
) -> None:
    from pages.routes.assets import files, version

    assert {"main.js", "viewer.css"} <= set(files())
    present = client(token="").get(f"/api/ui/{version()}/main.js")
    assert present.headers["content-type"].startswith("text/javascript")
    assert "immutable" in present.headers["cache-control"]
    assert client().get("/api/ui/older/main.js").headers["cache-control"] == "no-store"
    assert client().get(f"/api/ui/{version()}/..%2f__init__.py").status_code == 404


def test_health_tells_whether_the_store_answers(client: Client) -> None:
    assert client(token="").get("/api/health").json() == {"status": "ok"}


@pytest.mark.sqlite_only("a second connection locks the file")
def test_health_is_not_ok_while_no_write_would_work(
    client: Client, store: Store, settings: Settings, now: datetime
) -> None:
    health = client(token="")
    other = sqlite3.connect(settings.home / "sidegrade.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = health.get("/api/health")
    assert (refused.status_code, refused.json()["error"]) == (503, "StoreLocked")
    other.execute("ROLLBACK")
    other.close()
    assert health.get("/api/health").status_code == 200
    connection = store._database.engine.raw_connection()
    (pages,) = connection.cursor().execute("PRAGMA page_count").fetchone()
    connection.cursor().execute(f"PRAGMA max_page_count={pages}")
    connection.close()
    full = health.get("/api/health")
    assert (full.status_code, full.json()["error"]) == (507, "DiskFull")
    with store._database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.workers)) == 0
