"""What a driver says becomes a sentence with a remedy; hosts, users and its own words stay in the log."""

from __future__ import annotations

import re
import sqlite3
import threading
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select

from core.config.settings import Settings
from core.errors import InvalidRequest, SidegradeError, StoreError, StoreUnreachable
from db import tables
from db.store import Store
from db.translation import translated
from tests.postgresql import Cluster
from tests.world import make_world

FOREIGN = re.compile(r"127\.0\.0\.1|nosuch|bob|psycopg\.|OperationalError|sqlalche|port|SELECT|\.py")
CODES = {
    name: code
    for name, code in vars(sqlite3).items()
    if re.fullmatch(
        r"SQLITE_(BUSY|LOCKED|READONLY|PERM|FULL|CORRUPT|NOTADB|IOERR|CANTOPEN|CONSTRAINT|ERROR)", name
    )
}


def at(url: str, settings: Settings) -> Settings:
    return replace(settings, database_url=url)


def opened(settings: Settings) -> SidegradeError:
    with pytest.raises(SidegradeError) as refused:
        Store.open(settings)
    return refused.value


@pytest.mark.sqlite_only("it says what SQLite's driver does")
@pytest.mark.parametrize("name", sorted(CODES))
def test_each_refusal_of_sqlite_is_a_sentence_with_a_remedy(name: str) -> None:
    said = sqlite3.OperationalError("near bob: syntax error in SELECT at 127.0.0.1")
    said.sqlite_errorcode = CODES[name]
    with pytest.raises(StoreError) as refused, translated("the database"):
        raise said
    words = f"{refused.value} → {refused.value.remedy}"
    assert refused.value.remedy
    assert str(refused.value).startswith("the database: ")
    assert not FOREIGN.search(words)


@pytest.mark.sqlite_only("it names servers that are none")
@pytest.mark.parametrize("place", ["bob:secret@127.0.0.1:1/sidegrade", "bob@nosuch.invalid/x"])
def test_a_server_that_does_not_answer_is_told_without_host_and_user(settings: Settings, place: str) -> None:
    error = opened(at(f"postgresql+psycopg://{place}", settings))
    assert isinstance(error, StoreUnreachable)
    assert "does not answer" in str(error)
    assert "start the database" in error.remedy
    assert not FOREIGN.search(f"{error} {error.remedy}")


@pytest.mark.sqlite_only("it takes the driver away")
def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    error = opened(at("postgresql+psycopg://bob@127.0.0.1/x", settings))
    assert isinstance(error, InvalidRequest)
    assert "driver for PostgreSQL is not installed" in str(error)
    assert ".[postgres]" in error.remedy


@pytest.mark.sqlite_only("it opens PostgreSQL itself")
def test_a_login_and_a_database_that_are_none_are_told_apart(settings: Settings, cluster: Cluster) -> None:
    folder = cluster._folder
    stranger = opened(at(f"postgresql+psycopg://bob@/postgres?host={folder}", settings))
    assert "refuses this login" in str(stranger)
    assert not isinstance(stranger, StoreUnreachable)  # no waiting mends it
    nowhere = opened(at(f"postgresql+psycopg://sidegrade@/nosuch?host={folder}", settings))
    assert isinstance(nowhere, StoreUnreachable)
    for error in (stranger, nowhere):
        assert not FOREIGN.search(f"{error} {error.remedy}")


def test_a_query_that_fails_tells_neither_statement_nor_values(
    store: Store, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    make_world(store, now)
    with store._database.write() as connection:
        connection.exec_driver_sql("DROP TABLE skips")
    with pytest.raises(StoreError) as refused:
        store.reviews.counts("bob", None)
    assert not FOREIGN.search(f"{refused.value} {refused.value.remedy}")
    assert refused.value.remedy
    assert "skips" in caplog.text  # for whoever keeps the installation


def test_a_write_is_tried_and_nothing_of_it_stays(store: Store, now: datetime) -> None:
    before = store.evidence_version()
    threads = [threading.Thread(target=store.try_write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.evidence_version() == before
    with store._database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.workers)) == 0
