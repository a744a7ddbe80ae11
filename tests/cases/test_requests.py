"""Problems that users of other tools reported in public, kept as small inputs.

Requests no record can hold.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from tests.world import make_world

SECRET = "a secret of this test"
NESTED = "[" * 20_000 + "]" * 20_000
HALF_AN_EMOJI = "\ud83d"


@pytest.fixture
def client(store: Store, now: datetime) -> TestClient:
    """The desk's routes over finished pairs, in ana's name; a server error is an answer like any other."""
    make_world(store, now)
    app = Starlette(
        routes=all_routes(AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: now))
    )
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), now)
    headers = {"authorization": f"Bearer {token}"}
    return TestClient(app, headers=headers, raise_server_exceptions=False)


def ballot(client: TestClient, place: int, comment: str) -> dict[str, Any]:
    task = client.get("/api/queue").json()["items"][place]["task"]
    return {"uuid": str(uuid4()), "task": task, "outcome": "a", "comment": comment}


def test_a_comment_that_ends_in_half_an_emoji_is_a_typed_refusal_that_holds_up_nothing(
    client: TestClient, store: Store
) -> None:
    words = ballot(client, 0, f"nice {HALF_AN_EMOJI}")
    answer = client.post("/api/verdicts", content=json.dumps(words))
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
    assert store.reviews.current() == []


def test_a_whole_emoji_is_a_comment_like_any_other(client: TestClient, store: Store) -> None:
    words = ballot(client, 0, "nice \N{GRINNING FACE}")
    assert client.post("/api/verdicts", content=json.dumps(words)).status_code == 200
    assert [event.comment for event in store.reviews.current()] == ["nice \N{GRINNING FACE}"]


def test_a_body_nested_beyond_a_parsers_stack_is_a_typed_refusal(client: TestClient) -> None:
    answer = client.post("/api/verdicts", content=f'{{"a": {NESTED}}}')
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")


@pytest.mark.parametrize("width", ["-1", "abc", "²"])
def test_a_width_that_is_no_number_is_a_typed_refusal(client: TestClient, width: str) -> None:
    digest = client.get("/api/queue").json()["items"][0]["a"]["digest"]
    answer = client.get(f"/api/thumb/{digest}", params={"w": width})
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
    assert client.get(f"/api/thumb/{digest}", params={"w": "320"}).status_code == 200
