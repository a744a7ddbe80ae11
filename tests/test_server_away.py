"""A PostgreSQL server that is stopped in mid-run and in mid-vote, and started again: nothing lost or doubled.

The server is the tests' own, for no other test may be at work on one that is stopped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.backends.drawing import DrawingBackend
from core.backends.protocol import Generation
from core.config.settings import Settings
from core.records import Arm, Case, Failure, JobState, Suite
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from services.runs import request_run
from tests.postgresql import Cluster, cluster, find_server
from tests.world import make_world
from worker.loop import Worker
from worker.recovery import Recovery

pytestmark = pytest.mark.slow
SECRET = "a secret of this test"
CASES = tuple(Case(name=f"case-{n}", prompt=f'poster: "NO {n}"', width=128, height=64) for n in range(5))


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    programs = find_server()
    if programs is None:
        if os.environ.get("SIDEGRADE_REQUIRE_POSTGRESQL"):
            pytest.fail("SIDEGRADE_REQUIRE_POSTGRESQL is set, but there is no PostgreSQL server here")
        pytest.skip("no PostgreSQL server here: install the package postgresql")
    with cluster(programs) as started:
        yield started


@pytest.fixture
def settings(server: Cluster, tmp_path: Path, drawing_models_file: Path) -> Iterator[Settings]:
    """Settings whose database lies on the server that is stopped."""
    with server.database() as url:
        named = Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=tmp_path / "home")
        yield replace(named, models_file=drawing_models_file)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as opened:
        yield opened


@pytest.mark.parametrize("picture", [1, 4, 7])
def test_a_run_completes_by_itself_after_the_server_was_stopped_in_the_middle_of_it(
    picture: int,
    server: Cluster,
    store: Store,
    settings: Settings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = {"baseline": "sketch", "candidate": "sketch-turbo"}
    suite = Suite(name="posters", cases=CASES)
    run = request_run(store, settings, suite, **models, seeds=(1,), requested_by="test", now=now)
    generate, drawn, pauses = DrawingBackend.generate, Counter[str](), list[float]()
    told: list[Failure] = []

    def stops_at_one(self: DrawingBackend, recipes: Any, **watch: Any) -> list[Generation]:
        drawn.update(recipe.prompt for recipe in recipes)
        if drawn.total() == picture:
            server.stop()
        return generate(self, recipes, **watch)

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            server.start()

    monkeypatch.setattr(DrawingBackend, "generate", stops_at_one)
    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as worker:
        recovery = Recovery(worker, wait=wait, tell=lambda failure, _: told.append(failure))
        while recovery.step(lambda: worker.run_once(now=store.now())):
            assert len(pauses) < 9
    assert {failure.error for failure in told} == {"StoreUnreachable"}
    assert all("sidegrade-" not in failure.message for failure in told), "no host is named"
    jobs = store.jobs.of_run(run.id)
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    renders = store.renders.of_run(run.id)
    assert len(renders) == len(CASES)
    assert all(store.blobs.is_there(arms[arm].digest or "") for arms in renders.values() for arm in Arm)
    assert all(len(store.measurements.history(pair, "contract")) == 2 for pair in renders)
    assert drawn.total() <= 2 * len(CASES) + 2, "one pair was drawn again"
    assert store.workers.list()[0].trouble is None


def test_a_vote_while_the_server_is_stopped_is_refused_in_words_and_saved_once_when_sent_again(
    server: Cluster, store: Store, now: datetime
) -> None:
    world = make_world(store, now)
    context = AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: now)
    token = issue_token(SECRET, TokenClaims(reviewer="ana", role="x"), now)
    desk = TestClient(Starlette(routes=all_routes(context)), headers={"authorization": f"Bearer {token}"})
    first, second = desk.get(f"/api/queue?run={world.run.id}").json()["items"][:2]
    votes = [{"uuid": str(uuid4()), "task": item["task"], "outcome": "a"} for item in (first, second)]
    assert desk.post("/api/verdicts", json=votes[0]).json()["saved"]
    server.stop()
    try:
        for vote in votes:
            answer = desk.post("/api/verdicts", json=vote)
            assert (answer.status_code, answer.json()["error"]) == (503, "StoreUnreachable")
            assert answer.json()["message"] == "the database: it does not answer"
            assert "what waits goes on by itself" in answer.json()["remedy"]
    finally:
        server.start()
    for vote in [*votes, *votes]:  # the outbox sends again whatever was not acknowledged, and once more
        assert desk.post("/api/verdicts", json=vote).status_code == 200
    standing = store.reviews.current(run_id=world.run.id)
    assert sorted(verdict.uuid for verdict in standing) == sorted(str(vote["uuid"]) for vote in votes)
