"""Whatever the database or the disk refuses arrives as one of Sidegrade's errors; nothing is half-done."""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import text

from core.config.settings import Settings
from core.errors import DiskFull, InvalidRequest, SidegradeError, StoreError, StoreLocked, StoreReadOnly
from core.records import Outcome
from db.store import Store
from tests.world import judge, make_world, request_run, verdict


@pytest.mark.sqlite_only("a second connection locks the file; test_postgresql.py has the other lock")
def test_a_locked_database_is_said_to_be_locked(settings: Settings, now: datetime) -> None:
    with Store.open(settings, busy_timeout_ms=50) as store:
        other = sqlite3.connect(settings.home / "sidegrade.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked, match="too long") as refused:
            request_run(store, now)
        assert "retry" in refused.value.remedy
        assert store.runs.list() == [], "reading goes on meanwhile"
        other.execute("ROLLBACK")
        other.close()
        assert request_run(store, now)


@pytest.mark.sqlite_only("it opens the file read-only")
def test_a_read_only_database_can_be_read_but_not_written(settings: Settings, now: datetime) -> None:
    with Store.open(settings) as store:
        world = make_world(store, now)
    url = f"sqlite:///file:{settings.home / 'sidegrade.db'}?mode=ro&uri=true"
    frozen = Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=settings.home)
    with Store.open(frozen) as store:
        assert store.runs.get(world.run.id) == world.run
        with pytest.raises(StoreReadOnly) as refused:
            store.reviews.record(verdict(world.pairs[0], "ana", Outcome.TIE, now))
        assert "writable" in refused.value.remedy


@pytest.mark.sqlite_only("it bounds the pages of the file")
def test_a_full_disk_loses_nothing_that_was_saved(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    saved = judge(world, "ana", {"sale-now": Outcome.TIE})
    with store._database.read() as connection:
        used = connection.execute(text("PRAGMA page_count")).scalar()
    connection = store._database.engine.raw_connection()
    connection.cursor().execute(f"PRAGMA max_page_count={used + 30}")
    connection.close()

    def judge_until_it_is_full() -> None:
        for number in range(10_000):
            event = verdict(world.pairs[0], f"reviewer-{number}", Outcome.TIE, now, comment="x" * 5000)
            assert store.reviews.record(event)
            saved.append(event)

    with pytest.raises(DiskFull, match="nothing was saved"):
        judge_until_it_is_full()
    assert len(saved) > 2
    standing = store.reviews.current(run_id=world.run.id)
    assert [event.uuid for event in standing] == [event.uuid for event in saved]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, StoreReadOnly),
        (errno.EIO, StoreError),
    ],
)
def test_a_home_that_cannot_be_made_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[SidegradeError]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(expected, match=str(settings.home)):
        Store.open(settings)


def test_a_broken_reference_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StoreError, match=r"(?i)foreign key"):
        store.reviews.side_a("pair_nobody_made", "ana", now)


def test_nothing_of_a_failed_transaction_stays(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise OSError(errno.EIO, "the cable was pulled")

    monkeypatch.setattr("db.runs.save_suite", explode)
    with pytest.raises(StoreError, match="cable"):
        request_run(store, now)
    assert store.runs.list() == []


def test_a_value_that_no_database_can_hold_is_the_callers_and_leaves_the_store_at_work(
    store: Store, now: datetime
) -> None:
    world = make_world(store, now)
    for bad in ({"comment": "nice \ud83d"}, {"reviewer": "\udcff"}, {"uuid": "a\ud800"}):
        event = replace(verdict(world.pairs[0], "ana", Outcome.TIE, now), **bad)
        with pytest.raises(InvalidRequest, match="a database can hold"):
            store.reviews.record(event)
    with pytest.raises(InvalidRequest, match="a database can hold"):
        store.renders.find("\ud800")
    assert store.reviews.record(verdict(world.pairs[0], "ana", Outcome.TIE, now))
