"""What the border refuses and adds, around an app that would answer anything."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.web.border import Border
from pages.web.headers import nonce

HERE = "http://localhost:8501"


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse("changed" if request.method == "POST" else "read")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("open")
    await websocket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/{path:path}", answer, methods=["GET", "POST"]), WebSocketRoute("/_stcore/stream", talk)]
    return TestClient(Border(Starlette(routes=routes), listed=lambda: {"review.example"}), base_url=HERE)


@pytest.mark.parametrize("path", ["/", "/api/queue", "/static/app.js", "/component/x/index.html", "/missing"])
def test_every_answer_says_what_a_browser_may_do_with_it(client: TestClient, path: str) -> None:
    said = client.get(path).headers
    policy = said["content-security-policy"]
    assert "script-src 'self'" in policy
    assert f"'nonce-{nonce()}'" in policy
    assert "'unsafe-eval'" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "object-src 'none'" in policy
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "same-origin"
    assert said["cross-origin-resource-policy"] == "same-origin"


def test_no_page_may_be_framed_but_frames_of_components_by_the_app_itself(client: TestClient) -> None:
    page, component = client.get("/review").headers, client.get("/component/x/index.html").headers
    assert page["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert component["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in component["content-security-policy"]


def test_what_belongs_to_one_person_is_kept_by_no_cache_for_another(client: TestClient) -> None:
    assert client.get("/api/img/abc").headers["vary"] == "Authorization, Cookie"
    assert "vary" not in client.get("/api/ui/1/viewer.js").headers


@pytest.mark.parametrize(
    "host", ["rebind.attacker.test", "rebind.attacker.test:8501", "localhost.attacker.test", ""]
)
def test_a_name_that_is_not_the_apps_own_is_refused_with_headers(client: TestClient, host: str) -> None:
    refused = client.get("/", headers={"host": host})
    assert refused.status_code == 403
    assert "SIDEGRADE_HOSTS" in refused.text
    assert "content-security-policy" in refused.headers


def test_a_listed_name_is_answered(client: TestClient) -> None:
    assert client.get("/", headers={"host": "review.example"}).text == "read"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/below/_stcore/metrics", "/_stcore/agent/x"])
def test_what_tells_of_other_sessions_is_shut(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://attacker.test", "http://localhost:8790", "null", "https://localhost"]
)
def test_another_sites_page_changes_nothing_and_opens_no_websocket(client: TestClient, origin: str) -> None:
    assert client.post("/api/verdicts", headers={"origin": origin}).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/_stcore/stream", headers={"origin": origin, "host": "localhost:8501"}),
    ):
        pass
    assert closed.value.code == 1008


def test_the_apps_own_page_and_a_program_are_let_through(client: TestClient) -> None:
    assert client.post("/api/verdicts", headers={"origin": HERE}).text == "changed"
    assert client.post("/api/verdicts").text == "changed"
    headers = {"origin": HERE, "host": "localhost:8501"}
    with client.websocket_connect("/_stcore/stream", headers=headers) as websocket:
        assert websocket.receive_text() == "open"


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_a_browser_that_names_no_origin_says_by_which_site(
    client: TestClient, site: str, status: int
) -> None:
    assert client.post("/api/undo", headers={"sec-fetch-site": site}).status_code == status
