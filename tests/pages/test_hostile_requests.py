"""Every route against every bad input: a typed answer below 500, nothing stored, not a line in the log.

Long: every route with every kind of bad request.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from core.errors import DiskFull, StoreError, StoreLocked, StoreReadOnly, Unstorable
from core.records import Outcome
from db.store import Store
from pages.routes import all_routes, health, images, reviews, tokens
from pages.routes.context import AppContext, refusal
from pages.routes.tokens import TokenClaims, issue_token
from tests.world import World, judge, make_world

SECRET = "a secret of this test"
NESTED = "[" * 20_000 + "]" * 20_000


def table(store: Store, now: datetime) -> list[Route]:
    """Every route of the app, on this store."""
    app_context = AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: now)
    return [route for route in all_routes(app_context) if isinstance(route, Route)]


PATHS = sorted({route.path for route in all_routes(AppContext(store=None, secret=None, now=None))})  # type: ignore[arg-type]  # only the paths are read
PICTURES = ["/api/img/{digest}"]
POSTS = [
    "/api/pairs/{pair}/reveal", "/api/skips", "/api/triage", "/api/triage/undo", "/api/undo", "/api/verdicts"
]  # fmt: skip
FREE = ["/api/health", "/api/ui/{version}/{name}"]


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    """Finished pairs, one of which ana has judged."""
    world = make_world(store, now)
    judge(world, "ana", {"star": Outcome.TIE})
    return world


@pytest.fixture
def client(world: World, caplog: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    """The app as ana's browser; what a request logs fails the test."""
    caplog.set_level(logging.WARNING, logger="sidegrade")
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), world.now)
    app = Starlette(routes=table(world.store, world.now))
    yield TestClient(app, headers={"authorization": f"Bearer {token}"})
    assert caplog.records == []


def real(world: World, path: str) -> str:
    """The path with ids that exist."""
    pair = world.pairs[0]
    digest = next(iter(world.store.renders.of_pair(pair.id).values())).digest or ""
    known = {"pair": pair.id, "check": "lpips"} | dict.fromkeys(("digest", "first", "second"), digest)
    return re.sub(r"\{(\w+)\}", lambda name: known.get(name[1], "x"), path)


@pytest.mark.parametrize("path", PATHS)
def test_only_a_single_picture_takes_the_token_from_its_address(world: World, path: str) -> None:
    if path in FREE:
        return
    address = real(world, path)
    digest = address.rsplit("/", 1)[1]
    of = {
        name: TokenClaims(reviewer="ana", role="x", picture=of)
        for name, of in (("it", digest), ("another", "f" * 64))
    }
    tokens = {name: issue_token(SECRET, claims, world.now) for name, claims in of.items()}
    tokens["everything"] = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), world.now)
    app = TestClient(Starlette(routes=table(world.store, world.now)))
    ask = app.post if path in POSTS else app.get
    answers = {name: ask(f"{address}?t={token}").status_code for name, token in tokens.items()}
    shown = 200 if path in PICTURES else 401
    assert answers == {"it": shown, "another": 401, "everything": 401}
    header = {"authorization": f"Bearer {tokens['it']}"}
    assert ask(address, headers=header).status_code == 401, "it is no token for a header"
    assert ask(address).json()["message"] == "no token came with the request"


def bodies(client: TestClient) -> dict[str, dict[str, Any]]:
    """A good body for each route that takes one."""
    task = client.get("/api/queue").json()["items"][0]["task"]
    pin = {"side": "a", "x": 0.5, "y": 0.5, "width": 0, "height": 0, "reason": "alpha", "text": "here"}
    look = {"dwell_ms": 900, "modes": ["slider"], "max_zoom": 1, "acknowledged_size_difference": False}
    words = {"reasons": ["alpha"], "comment": "a word", "pins": [pin], "look": look}
    return {
        "/api/pairs/{pair}/reveal": {"verdict": "v"},
        "/api/verdicts": {"uuid": str(uuid4()), "task": task, "outcome": "a", **words},
        "/api/undo": {"uuid": str(uuid4()), "verdict": "v"},
        "/api/skips": {"uuid": str(uuid4()), "task": task},
        "/api/triage": {
            "uuid": str(uuid4()),
            "filter": {"run": "run_0", "tag": "shape", "show": "all"},
            "label": "positive",
            "renders": "both",
            "confirmed": 9,
        },
        "/api/triage/undo": {"events": ["e"]},
    }


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a body, the nested ones too."""
    if place:
        yield place
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*place, position))


def with_value(body: dict[str, Any], place: tuple[Any, ...], raw: str) -> str:
    """The body as JSON with ``raw`` standing at a place."""
    copy = json.loads(json.dumps(body))
    inner = copy
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = "@here"
    return json.dumps(copy).replace('"@here"', raw)


def typed(answer: Any) -> dict[str, Any]:
    """A refusal by its words: a typed error that tells no path and no driver."""
    assert 400 <= answer.status_code < 500, answer.text
    words: dict[str, Any] = answer.json()
    assert set(words) == {"error", "message", "remedy"}
    assert not re.search(r"Traceback|sqlite|site-packages|\.py\b|/tmp/", answer.text)
    return words


# ---- bodies ----------------------------------------------------------------------------------------------

BODIES = {
    "zzz": b"zzz",
    "nothing": b"",
    "an array": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "no UTF-8": b'{"task": "\xff"}',
    "UTF-16": '{"task": "x"}'.encode("utf-16"),
    "cut": b'{"task": "x',
    "nested": b'{"a": ' + NESTED.encode() + b"}",
    "nested objects": b'{"a":' * 20_000,
    "4,000 digits": b'{"a": ' + b"9" * 4_000 + b"}",
    "400 digits": b'{"a": ' + b"9" * 400 + b"}",
    "5,000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "1e999": b'{"a": 1e999}',
    "NaN": b'{"a": NaN}',
}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_object_of_ours_is_refused_by_every_route(
    client: TestClient, world: World, path: str, name: str
) -> None:
    answer = client.post(real(world, path), content=BODIES[name])
    assert (answer.status_code, typed(answer)["error"]) == (400, "InvalidRequest")


VALUES = [
    NESTED, "9" * 4_000, "9" * 400, "-" + "9" * 5_000, "1e999", '"\\ud83d"', '"a\\u0000b"', '"\\udc00x"',
    "NaN", "null", "true", "[]", "{}", '[["x"]]', '"' + "x" * 5_000 + '"', "-1", "0.5", '"²"',
]  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_no_value_of_any_field_is_a_server_error(client: TestClient, world: World, path: str) -> None:
    body = bodies(client)[path]
    for place in leaves(body):
        for raw in VALUES:
            answer = client.post(real(world, path), content=with_value(body, place, raw))
            assert answer.status_code < 500, (place, raw[:40], answer.text)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/verdicts", ("uuid",)),
        ("/api/verdicts", ("task",)),
        ("/api/verdicts", ("outcome",)),
        ("/api/verdicts", ("look", "modes", 0)),
        ("/api/verdicts", ("reasons", 0)),
        ("/api/undo", ("verdict",)),
        ("/api/skips", ("task",)),
        ("/api/triage", ("filter", "run")),
        ("/api/triage", ("filter", "tag")),
        ("/api/triage", ("confirmed",)),
        ("/api/triage/undo", ("events", 0)),
        ("/api/pairs/{pair}/reveal", ("verdict",)),
    ],
)
@pytest.mark.parametrize("raw", ['"\\ud83d"', '"a\\u0000b"', "9" * 4_000, NESTED], ids=list("1234"))
def test_ids_and_tags_that_are_no_text_are_refused_and_nothing_is_stored(
    client: TestClient, world: World, path: str, place: tuple[Any, ...], raw: str
) -> None:
    before = len(world.store.reviews.current())
    answer = client.post(real(world, path), content=with_value(bodies(client)[path], place, raw))
    assert (answer.status_code, typed(answer)["error"]) == (400, "InvalidRequest")
    assert len(world.store.reviews.current()) == before


WORDS = [("comment",), ("pins", 0, "text")]


@pytest.mark.parametrize("place", WORDS, ids=["comment", "pin"])
@pytest.mark.parametrize(
    "sign", ["\\ud83d", "\\u0000", "\\u001b", "\\u0085"], ids=["half", "NUL", "escape", "C1"]
)
def test_words_that_no_database_can_hold_are_refused_with_their_place(
    client: TestClient, world: World, place: tuple[Any, ...], sign: str
) -> None:
    before = len(world.store.reviews.current())
    body = with_value(bodies(client)["/api/verdicts"], place, f'"nice {sign}"')
    words = typed(client.post("/api/verdicts", content=body))
    assert f"U+{sign[2:].upper()} at position 6" in words["message"]
    assert words["message"].startswith(str(place[-1]))
    assert len(world.store.reviews.current()) == before


def test_an_emoji_and_a_second_line_are_words_like_any_other(client: TestClient, world: World) -> None:
    whole = bodies(client)["/api/verdicts"] | {"comment": "nice 😀\nand\ttabs"}
    assert client.post("/api/verdicts", content=json.dumps(whole)).json() == {"saved": True}
    (event,) = (event for event in world.store.reviews.current() if event.uuid == whole["uuid"])
    assert event.comment == "nice 😀\nand\ttabs"


# ---- addresses -------------------------------------------------------------------------------------------

NUMBERS = ["9" * 5_000, "9" * 400, "²", "٣", "-1", "abc", "", "1_0", " 1", "1e3", "0x10", "1.5", "%00"]


@pytest.mark.parametrize("word", NUMBERS)
@pytest.mark.parametrize("path", ["/api/queue?limit=", "/api/gallery?offset=", "/api/thumb/{digest}?w="])
def test_a_number_in_an_address_is_a_number(client: TestClient, world: World, path: str, word: str) -> None:
    answer = client.get(real(world, path) + word)
    assert (answer.status_code, typed(answer)["error"]) == (400, "InvalidRequest")


WORDS = [
    "%00", "x%00y", "%ED%A0%80", "%FF", "x" * 5_000, "x" * 60_000, "%25", "_", "%F0%9F%98%80",
    "..%2F..%2Fetc", "%1B[31m", "'",
]  # fmt: skip
NAMES = ["run", "show", "tag", "check", "pair", "limit", "offset", "w", "t", "nobody-asked", "%00"]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in POSTS])
def test_no_word_of_an_address_is_a_server_error(client: TestClient, world: World, path: str) -> None:
    for word in WORDS:
        for name in NAMES:
            answer = client.get(f"{real(world, path)}?{name}={word}")
            assert answer.status_code < 500, (name, word[:40], answer.text)
        for part in re.findall(r"\{\w+\}", path):
            answer = client.get(real(world, path.replace(part, word)))
            assert answer.status_code < 500, (part, word[:40], answer.text)


@pytest.mark.parametrize("path", POSTS)
def test_a_route_that_takes_something_gives_nothing_for_another_method(
    client: TestClient, world: World, path: str
) -> None:
    assert client.get(real(world, path)).status_code == 405
    assert client.put(real(world, path), content=b"zzz").status_code == 405


def test_nul_in_an_address_is_refused_before_a_database_sees_it(client: TestClient) -> None:
    for path in ("/api/pairs/a%00b", "/api/queue?run=a%00b", "/api/gallery?tag=%00", "/api/img/%00"):
        assert "U+0000" in typed(client.get(path))["message"]


def test_every_route_stands_in_one_of_the_lists_above(store: Store, now: datetime) -> None:
    taking = {route.path for route in table(store, now) if route.methods and "POST" in route.methods}
    assert taking == set(POSTS)


# ---- anything at all -------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.slow
@pytest.mark.parametrize("path", POSTS)
def test_any_json_in_any_field_is_answered_below_500(client: TestClient, world: World, path: str) -> None:
    body = bodies(client)[path]
    places, where = list(leaves(body)), real(world, path)

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(place=st.sampled_from(places), value=anything)
    def asked(place: tuple[Any, ...], value: Any) -> None:
        answer = client.post(where, content=with_value(body, place, json.dumps(value)))
        assert answer.status_code < 500, answer.text

    asked()


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in PATHS if path not in [*POSTS, *FREE]])
def test_any_word_in_an_address_is_answered_below_500(client: TestClient, world: World, path: str) -> None:
    where = real(world, path)

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(query=st.dictionaries(st.sampled_from(NAMES[:-1]), st.text(max_size=40), max_size=3))
    def asked(query: dict[str, str]) -> None:
        answer = client.get(where, params=query)
        assert answer.status_code < 500, answer.text

    asked()


# ---- who gets in, and what a defect looks like -------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in PATHS if path not in FREE])
@pytest.mark.parametrize("content", [b"zzz", b'{"a": ' + NESTED.encode() + b"}"], ids=["zzz", "nested"])
def test_without_a_token_no_body_is_read(client: TestClient, world: World, path: str, content: bytes) -> None:
    method = "POST" if path in POSTS else "GET"
    for headers in ({"authorization": ""}, {"authorization": "Bearer x.y"}):
        answer = client.request(method, real(world, path), content=content, headers=headers)
        assert (answer.status_code, typed(answer)["error"]) == (401, "AccessDenied")


def test_a_body_is_not_even_awaited_without_a_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Request) -> None:
        pytest.fail("the body was read before the token")

    monkeypatch.setattr(Request, "stream", never)
    app = TestClient(Starlette(routes=table(world.store, world.now)))
    assert app.post("/api/undo", content=b"zzz").status_code == 401


@pytest.mark.parametrize(
    "payload",
    [
        ["ana", "x"],
        ["ana", "x", 9**10],
        ["ana", "x", "soon", None],
        [1, "x", 9e99, None],
        ["ana", "x", 9e99, None],
        ["ana", "x", float("inf"), None],
        ["ana", "x", 9**10, 1],
        {"a": 1},
        "ana",
        None,
    ],
)
def test_a_signed_token_of_another_shape_is_refused(world: World, payload: object) -> None:

    word = tokens._serializer(SECRET).dumps(payload)
    app = TestClient(Starlette(routes=table(world.store, world.now)))
    assert app.get("/api/queue", headers={"authorization": f"Bearer {word}"}).status_code == 401


def test_only_what_may_go_well_later_is_an_answer_that_asks_to_wait() -> None:
    later = (StoreLocked, StoreReadOnly, StoreError, DiskFull)
    assert [refusal(kind("x")).status_code for kind in later] == [503, 503, 503, 507]
    assert refusal(Unstorable("expected a finite number, got nan")).status_code == 400


@pytest.mark.parametrize(
    ("path", "module", "name"),
    [
        ("/api/health", health, "run_in_threadpool"),
        ("/api/runs", reviews, None),
        ("/api/img/{digest}", images, "without_texts"),
        ("/api/queue", reviews, "filter_of"),
    ],
)
def test_a_defect_is_one_line_of_log_and_an_answer_without_paths(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    module: Any,
    name: str,
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise RuntimeError("/home/ana/var/sidegrade.db\nis gone")

    if name is None:
        monkeypatch.setattr(type(world.store.runs), "list", broken)
    else:
        monkeypatch.setattr(module, name, broken)
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), world.now)
    app = TestClient(Starlette(routes=table(world.store, world.now)))
    answer = app.get(real(world, path), headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalError")
    assert "sidegrade.db" not in answer.text
    (record,) = caplog.records
    assert record.exc_info is None
    (line,) = record.getMessage().splitlines()
    assert f"GET {path}: RuntimeError" in line
    assert "sidegrade.db" in line
    assert "test_hostile_requests.py:" in line
