"""What commands store is dated by the database's clock, whatever the clock of their machine says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.call import Call
from core.config.settings import Settings
from core.records import Case, JobState, Suite
from db.store import Store
from services.runs import request_run
from tests.cli.conftest import Sidegrade
from tests.conftest import SetClock

CASES = tuple(Case(name=f"case-{n}", prompt=f'poster: "NO {n}"', width=128, height=64) for n in range(3))


class WhenIdle(threading.Event):
    """A stop that is asked for at the first pause: when the queue is empty."""

    def wait(self, timeout: float | None = None) -> bool:
        if timeout:
            self.set()
        return self.is_set()


@contextmanager
def until_idle() -> Iterator[WhenIdle]:
    yield WhenIdle()


def test_when_a_pair_was_finished_is_told_by_the_databases_clock(
    sidegrade: Sidegrade,
    store: Store,
    settings: Settings,
    drawing_models_file: Path,
    now: datetime,
    database_clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = {"baseline": "sketch", "candidate": "sketch-turbo"}
    here = replace(settings, models_file=drawing_models_file)
    suite = Suite(name="posters", cases=CASES)
    run = request_run(store, here, suite, **models, seeds=(1,), requested_by="test", now=now)
    monkeypatch.setenv("SIDEGRADE_MODELS", str(drawing_models_file))
    monkeypatch.setattr(Call, "store", lambda self: Store.open(self.settings, clock=database_clock))
    monkeypatch.setattr("cli.worker.stop_signals", until_idle)
    monkeypatch.setattr("cli.worker.self_tests_beside", lambda *_: nullcontext(lambda: None))
    assert sidegrade("worker").code == 0
    jobs = store.jobs.of_run(run.id)
    assert {job.state for job in jobs} == {JobState.DONE}
    minutes = {round((job.finished_at - now) / timedelta(minutes=1)) for job in jobs if job.finished_at}
    assert max(minutes) < 10, "the machine's own clock is months ahead"
