"""The database's file is deleted or replaced under the running app: every page and every route says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.config.settings import Settings
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from tests.pages.conftest import OpenPage, defects, words
from tests.pages.test_frame import PAGES
from tests.pages.test_review_routes import GUARDED, SECRET, TAKING, ballot
from tests.world import make_world

TITLE = "Nothing is saved any more"


def replaced(path: Path) -> None:
    """The same bytes in another file, as an editor or a restored copy leaves it."""
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


GOES: dict[str, Callable[[Path], None]] = {"deleted": Path.unlink, "replaced": replaced}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_that_nothing_is_saved_and_what_to_do(
    open_page: OpenPage, store: Store, settings: Settings, now: datetime, page: str
) -> None:
    make_world(store, now)
    app = open_page(page)
    assert TITLE not in [error.proto.title for error in app.error]
    (settings.home / "sidegrade.db").unlink()
    app.run()
    assert app.error[0].proto.title == TITLE
    assert "deleted or moved away" in words(app)
    assert "What to do:" in words(app)
    assert "Reviewing as ana" in words(app)
    assert defects(app) == []


def test_a_page_whose_database_is_back_says_nothing_of_it(
    open_page: OpenPage, store: Store, settings: Settings, now: datetime
) -> None:
    make_world(store, now)
    app = open_page("engineers/runs.py")
    path = settings.home / "sidegrade.db"
    path.rename(path.with_name("away"))
    assert app.run().error
    path.with_name("away").rename(path)
    assert not app.run().error


@pytest.fixture
def client(store: Store, now: datetime) -> TestClient:
    """The routes as ana's desk calls them."""
    app_context = AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: now)
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="reviewer"), now)
    return TestClient(Starlette(routes=all_routes(app_context)), headers={"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("goes", GOES)
def test_no_vote_is_answered_with_saved(
    client: TestClient, store: Store, settings: Settings, now: datetime, goes: str
) -> None:
    make_world(store, now)
    first, second = client.get("/api/queue").json()["items"][:2]
    assert client.post("/api/verdicts", json=ballot(first)).json()["saved"]
    GOES[goes](settings.home / "sidegrade.db")
    for item in (first, second):
        answer = client.post("/api/verdicts", json=ballot(item))
        assert (answer.status_code, answer.json()["error"]) == (503, "DatabaseGone")
        assert "sidegrade restore" in answer.json()["remedy"]
    assert len(store.reviews.current()) == 1, "what was open before can still be read"


@pytest.mark.parametrize("path", [*GUARDED, *TAKING, "/api/health"])
def test_every_route_says_so(
    client: TestClient, store: Store, settings: Settings, now: datetime, path: str
) -> None:
    make_world(store, now)
    (settings.home / "sidegrade.db").unlink()
    answer = client.post(path, json={}) if path in TAKING else client.get(path)
    assert (answer.status_code, answer.json()["error"]) == (503, "DatabaseGone")
