"""The trial of backups under load: its short form holds, and it notices what a restored home lacks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bench.backup_trial import looked_through, trial
from core.config.settings import Settings
from core.records import Outcome
from db.store import Store
from services.backups.making import back_up
from services.backups.restoring import restore
from tests.world import World, judge, make_world


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_home_at_work_is_backed_up_and_restored_and_both_answer_alike(tmp_path: Path) -> None:
    here = trial(tmp_path, seconds=4, backups=1, reviewers=3)
    assert here["pictures"]


@pytest.fixture
def origin(store: Store, now: datetime) -> World:
    """A home that ana has judged."""
    world = make_world(store, now)
    judge(world, "ana", Outcome.TIE)
    return world


@pytest.fixture
def restored(origin: World, settings: Settings, tmp_path: Path, now: datetime) -> Settings:
    """What was backed up then and restored."""
    back_up(origin.store, settings, tmp_path / "backup", now)
    restore(tmp_path / "backup", tmp_path / "new")
    return Settings.from_env({}, home=tmp_path / "new")


def test_a_home_that_went_on_is_no_difference(origin: World, restored: Settings) -> None:
    judge(origin, "ben", Outcome.CANDIDATE)
    with Store.open(restored) as store:
        assert looked_through(store, origin.store, restored, set()) == 8


def test_a_verdict_that_was_acknowledged_before_and_is_not_there_is_noticed(
    origin: World, restored: Settings
) -> None:
    late = judge(origin, "ben", Outcome.CANDIDATE)[0]
    with Store.open(restored) as store, pytest.raises(SystemExit, match="1 acknowledged verdicts"):
        looked_through(store, origin.store, restored, {late.uuid})


LACKS = {
    "verdicts of": "UPDATE verdicts SET comment = 'another'",
    "renders of": "UPDATE renders SET latency_ms = 1",
    "rows of the review queue": "DELETE FROM standing_verdicts",
}


@pytest.mark.parametrize("what", LACKS)
def test_whatever_differs_is_named(origin: World, restored: Settings, what: str) -> None:
    with Store.open(restored) as store:
        with store._database.write() as connection:
            connection.exec_driver_sql(LACKS[what])
        with pytest.raises(SystemExit, match=what):
            looked_through(store, origin.store, restored, set())
