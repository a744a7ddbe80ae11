"""What is stored at the desk is dated by the database's clock, whatever the clock of its process says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.records import ReviewPlan
from db.desk import HELD_FOR
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from tests.conftest import SetClock
from tests.world import World, make_world

pytestmark = pytest.mark.every_database
SECRET = "a secret of this test"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Apps:
    """Apps at one database, each with a clock of its own."""

    world: World

    def asked(self, reviewer: str, clock: datetime) -> TestClient:
        """What the reviewer's browser speaks to: an app whose clock says ``clock``."""
        store = self.world.store
        context = AppContext(
            store=lambda: store, secret=lambda: SECRET, now=lambda: clock, dated=lambda: store.now()
        )
        token = issue_token(SECRET, TokenClaims(reviewer=reviewer, role="x"), clock)
        app = Starlette(routes=all_routes(context))
        return TestClient(app, headers={"authorization": f"Bearer {token}"})

    def first_pair(self, reviewer: str, clock: datetime) -> dict[str, Any] | None:
        """The first pair that the reviewer is asked for in the run."""
        answer = self.asked(reviewer, clock).get(f"/api/queue?run={self.world.run.id}&limit=1").json()
        return next(iter(answer["items"]), None)


@pytest.fixture
def apps(store: Store, now: datetime, database_clock: SetClock) -> Apps:
    plan = ReviewPlan(order_seed=7, control_share=0.0, overlap_share=0.0, deadline_days=30)
    return Apps(make_world(store, now, plan=plan))


def case_of(apps: Apps, item: dict[str, Any] | None) -> str:
    assert item is not None
    return apps.world.store.pairs.get(item["pair_id"]).case_digest


def test_a_pair_is_held_for_its_reviewer_also_against_an_app_whose_clock_is_an_hour_ahead(
    apps: Apps, now: datetime
) -> None:
    held = case_of(apps, apps.first_pair("ana", now))
    assert case_of(apps, apps.first_pair("ben", now + HOUR)) != held


def test_a_pair_is_held_no_longer_where_it_was_handed_out_by_a_clock_that_was_ahead(
    apps: Apps, now: datetime, database_clock: SetClock
) -> None:
    held = case_of(apps, apps.first_pair("ana", now + DAY))
    database_clock.moment = now + HELD_FOR + MINUTE
    assert case_of(apps, apps.first_pair("ben", now)) == held


def test_an_app_whose_clock_is_behind_takes_no_vote_for_evidence_after_the_deadline(
    apps: Apps, now: datetime, database_clock: SetClock
) -> None:
    item = apps.first_pair("ana", now)
    assert item is not None
    database_clock.moment = now + 30 * DAY + MINUTE
    ballot = {"uuid": str(uuid4()), "task": item["task"], "outcome": "a"}
    assert apps.asked("ana", now - DAY).post("/api/verdicts", json=ballot).json()["saved"]
    (stored,) = apps.world.store.reviews.current()
    assert stored.created_at == database_clock.moment
    evidence = apps.world.store.evidence(apps.world.run.id)
    assert evidence.units is not None
    assert [vote for unit in evidence.units.values() for vote in unit.votes] == []
