"""A database that is not there yet is waited for, with words, and Ctrl-C ends the waiting."""

from __future__ import annotations

import sys
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from cli.call import Call
from cli.runs import wait_until_finished
from cli.waiting import store_when_there
from cli.worker import worker_at_work
from core.config.settings import Settings
from core.errors import StartFailed, StoreError, StoreLocked, StoreUnreachable
from core.records import Failure, RunProgress, WorkerStatus
from db.store import Store
from tests.postgresql import Cluster
from tests.world import request_run


@dataclass
class Clock(threading.Event):
    """A stop that is asked for after so many pauses; no time passes."""

    patience: int = 99
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        if len(self.pauses) >= self.patience:
            self.set()
        return self.is_set()


def call_that(settings: Settings, monkeypatch: pytest.MonkeyPatch, *refusals: Exception) -> Call:
    """A call whose store refuses so often, then opens."""
    left = list(refusals)

    def store(self: Call) -> Store:
        if left:
            raise left.pop(0)
        return Store.open(self.settings)

    monkeypatch.setattr(Call, "store", store)
    return Call(settings=settings, as_json=False, out=sys.stdout)


def test_it_is_opened_as_soon_as_it_answers_with_ever_longer_pauses(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = [StoreUnreachable("the database: it does not answer", remedy="start it") for _ in range(7)]
    call, clock = call_that(settings, monkeypatch, *away, StoreLocked("busy")), Clock()
    opened = store_when_there(call, clock)
    assert opened is not None
    opened.close()
    assert clock.pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    said = capsys.readouterr().err
    assert "it does not answer → start it" in said
    assert "next try in 30 s; Ctrl-C ends this" in said


def test_a_stop_ends_the_waiting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [StoreUnreachable("away") for _ in range(9)]
    clock = Clock(patience=2)
    assert store_when_there(call_that(settings, monkeypatch, *away), clock) is None
    assert clock.pauses == [1, 2]


def test_what_waiting_does_not_mend_is_told_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="damaged"):
        store_when_there(call_that(settings, monkeypatch, StoreError("damaged")), Clock())


def test_an_app_that_ends_meanwhile_ends_the_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended() -> None:
        raise StartFailed("the app ended")

    with pytest.raises(StartFailed):
        store_when_there(call_that(settings, monkeypatch), Clock(), meanwhile=ended)


def test_a_worker_starts_although_its_database_is_made_later(
    settings: Settings, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    """On PostgreSQL itself: the database is created while the store is waited for."""
    with cluster.database(empty=True) as url:
        later = url.replace("/sidegrade_", "/later_")
        name = later.partition("@/")[2].partition("?")[0]
        call = Call(settings=replace(settings, database_url=later), as_json=False, out=sys.stdout)
        looks: list[None] = []

        def meanwhile() -> None:
            looks.append(None)
            if len(looks) == 2:
                cluster._make(f"CREATE DATABASE {name} TEMPLATE template0")

        opened = store_when_there(call, Clock(), meanwhile=meanwhile)
        assert opened is not None
        assert opened.runs.list() == []
        opened.close()
        cluster._make(f"DROP DATABASE {name} WITH (FORCE)")
    assert "there is none of this name" in capsys.readouterr().err


def test_a_command_that_waits_for_a_run_says_once_why_another_worker_waits(
    store: Store, settings: Settings, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    status = WorkerStatus(name="w", device="cpu", pid=7, started_at=now, last_seen_at=now)
    trouble = Failure(error="DiskFull", message="no space is left", remedy="free some")
    call = Call(settings=settings, as_json=False, out=sys.stdout)
    with worker_at_work(call, store) as keep_working:
        for standing in (None, trouble, trouble):
            store.workers.beat(replace(status, trouble=standing))
            keep_working()
    assert capsys.readouterr().err == "worker w waits: DiskFull: no space is left → free some\n"


def test_a_command_that_waits_for_a_run_waits_for_a_database_that_goes_away_meanwhile(
    settings: Settings,
    store: Store,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = request_run(store, now)
    begun, pauses = store.runs.progress(run.id), list[float]()
    away = StoreUnreachable("the database: it does not answer", remedy="start it")
    done = replace(begun, queued=0, done=begun.total)
    answers: list[RunProgress | Exception] = [begun, away, away, begun, done]

    def progress(run_id: str) -> RunProgress:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(store.runs, "progress", progress)
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("cli.runs.worker_at_work", lambda call, store: nullcontext(lambda: None))
    call = Call(settings=settings, as_json=True, out=sys.stdout)
    assert wait_until_finished(call, store, run).finished == begun.total
    assert answers == []
    assert [pause for pause in pauses if pause >= 1] == [1, 2]
    assert capsys.readouterr().err.count("it does not answer") == 2
