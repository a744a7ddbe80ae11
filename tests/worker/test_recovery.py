"""A worker's own trouble: no pair pays for it, it says why it waits, and the run completes by itself.

Long: every trouble that a worker waits out, each until its run is complete.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from core.backends.drawing import DrawingBackend
from core.config.settings import Settings
from core.errors import (
    BlobMissing,
    DiskFull,
    GenerationFailed,
    InvalidFile,
    StoreError,
    StoreLocked,
    StoreUnreachable,
    Unstorable,
)
from core.failures import is_workers_trouble
from core.records import Arm, Case, Failure, JobState, ReplayOutcome, Run, Suite, WorkerStatus
from db import tables
from db.store import Store
from services.runs import request_run
from worker.loop import Worker
from worker.recovery import Recovery

CASES = tuple(Case(name=f"case-{n}", prompt=f'poster: "NO {n}"', width=128, height=64) for n in range(4))
MENDS_AFTER = 3
"""Pauses before the trouble of a test ends."""


@pytest.fixture
def settings(settings: Settings, drawing_models_file: Path) -> Settings:
    return replace(settings, models_file=drawing_models_file)


@pytest.fixture
def run(store: Store, settings: Settings, now: datetime) -> Run:
    models = {"baseline": "sketch", "candidate": "sketch-turbo"}
    suite = Suite(name="posters", cases=CASES)
    return request_run(store, settings, suite, **models, seeds=(1,), requested_by="test", now=now)


@pytest.fixture
def worker(store: Store, settings: Settings, now: datetime) -> Iterator[Worker]:
    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as one:
        yield one


@dataclass
class Watched:
    """A worker at its steps: what it said, how long it waited, and what its store showed meanwhile."""

    worker: Worker
    store: Store
    run: Run
    now: datetime
    mend: Callable[[], None] = lambda: None
    pauses: list[float] = field(default_factory=list)
    told: list[Failure] = field(default_factory=list)
    shown: list[WorkerStatus] = field(default_factory=list)
    jobs: set[tuple[JobState, int]] = field(default_factory=set)

    def work_off(self) -> None:
        """Step until nothing is left; the trouble is mended during the third pause."""
        recovery = Recovery(self.worker, wait=self._wait, tell=lambda failure, _: self.told.append(failure))
        while recovery.step(lambda: self.worker.run_once(now=self.now)):
            assert len(self.pauses) < 20

    def _wait(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.shown += self.store.workers.list()
        open_jobs = [job for job in self.store.jobs.of_run(self.run.id) if job.state is not JobState.DONE]
        self.jobs |= {(job.state, job.attempts) for job in open_jobs}
        if len(self.pauses) == MENDS_AFTER:
            self.mend()


@pytest.fixture
def watched(worker: Worker, store: Store, run: Run, now: datetime) -> Watched:
    return Watched(worker, store, run, now)


def completed(watched: Watched) -> bool:
    """Whether every pair is done at its first attempt, with both pictures."""
    jobs = watched.store.jobs.of_run(watched.run.id)
    renders = watched.store.renders.of_run(watched.run.id)
    whole = all(
        watched.store.blobs.is_there(arms[arm].digest or "") for arms in renders.values() for arm in Arm
    )
    done = {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    return done and whole and len(renders) == len(CASES)


@pytest.mark.parametrize("words", ["[models.sketch\nbackend = ", None])
def test_a_broken_models_file_fails_no_pair_and_the_run_completes_once_it_is_mended(
    words: str | None, watched: Watched, settings: Settings
) -> None:
    sound = settings.models_file.read_text()
    watched.worker.run_once(now=watched.now)  # the models are loaded, and the file breaks while they draw
    settings.models_file.unlink() if words is None else settings.models_file.write_text(words)
    watched.mend = lambda: settings.models_file.write_text(sound) and None
    watched.work_off()
    assert watched.jobs == {(JobState.QUEUED, 0)}
    assert watched.pauses == [1, 2, 4]
    assert {failure.error for failure in watched.told} == {"InvalidFile"}
    assert completed(watched)


def test_why_a_worker_waits_is_shown_until_it_goes_on(watched: Watched, settings: Settings) -> None:
    sound = settings.models_file.read_text()
    settings.models_file.write_text("[models.sketch\n")
    watched.mend = lambda: settings.models_file.write_text(sound) and None
    watched.work_off()
    reasons = [status.trouble for status in watched.shown]
    assert len(reasons) == MENDS_AFTER
    assert all(reason and "models.toml" in reason.message for reason in reasons)
    assert [status.trouble for status in watched.store.workers.list()] == [None]


def test_pauses_grow_to_half_a_minute_while_the_trouble_lasts(
    watched: Watched, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.worker.test_recovery.MENDS_AFTER", 8)
    sound = settings.models_file.read_text()
    settings.models_file.write_text("")
    watched.mend = lambda: settings.models_file.write_text(sound) and None
    watched.work_off()
    assert watched.pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert completed(watched)


def test_after_a_success_the_next_trouble_is_waited_for_shortly_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = watched.store.blobs.put, iter(range(100))
    trouble = {0, 1, 6}  # two of the first pair, then one of a later pair

    def now_and_then(*args: object) -> object:
        if next(calls) in trouble:
            raise DiskFull("no space is left")
        return put(*args)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(watched.store.blobs, "put", now_and_then)
    watched.work_off()
    assert watched.pauses == [1, 2, 1]
    assert completed(watched)


def test_an_error_that_is_no_trouble_of_the_worker_is_not_waited_for(watched: Watched) -> None:
    def broken() -> bool:
        raise GenerationFailed("a defect")

    with pytest.raises(GenerationFailed):
        Recovery(watched.worker, wait=watched.pauses.append, tell=lambda *_: None).step(broken)
    assert watched.pauses == []


def test_a_replay_asked_for_while_the_models_file_is_broken_is_made_once_it_is_mended(
    watched: Watched, settings: Settings
) -> None:
    watched.work_off()
    (arms, *_) = watched.store.renders.of_run(watched.run.id).values()
    job = watched.store.jobs.request_replay(arms[Arm.BASELINE].id, watched.now)
    sound = settings.models_file.read_text()
    settings.models_file.write_text("[models")
    watched.mend = lambda: settings.models_file.write_text(sound) and None
    watched.work_off()
    (report,) = watched.store.replays.of_render(arms[Arm.BASELINE].id)
    assert (report.outcome, watched.store.jobs.get(job.id).attempts) == (ReplayOutcome.BIT_EXACT, 1)
    assert len(watched.pauses) == MENDS_AFTER


@pytest.mark.parametrize(
    ("error", "is_trouble"),
    [
        (StoreError("it refuses"), True),
        (StoreLocked("busy"), True),
        (DiskFull("full"), True),
        (InvalidFile("models.toml, line 3: expected a number"), True),
        (Unstorable("got inf"), False),
        (BlobMissing("no such picture"), False),
        (GenerationFailed("the pipeline broke"), False),
        (KeyError("layer"), False),
    ],
)
def test_trouble_is_what_no_job_is_to_blame_for(error: Exception, is_trouble: bool) -> None:
    assert is_workers_trouble(error) is is_trouble


def test_a_record_that_goes_with_none_that_is_stored_fails_its_pair_alone(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = watched.store.jobs.of_run(watched.run.id)[0].subject_id
    finish = watched.store.jobs.finish_pair

    def of_an_unknown_pair(*args: object, renders: list[object], **more: object) -> bool:
        mended = [replace(one, pair_id="unknown") if one.pair_id == first else one for one in renders]  # type: ignore[attr-defined, type-var]  # renders of the first pair
        return finish(*args, renders=mended, **more)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(watched.store.jobs, "finish_pair", of_an_unknown_pair)
    watched.work_off()
    ended = {job.subject_id: job.failure for job in watched.store.jobs.of_run(watched.run.id)}
    failure = ended.pop(first)
    assert failure is not None
    assert failure.error == "Unstorable"
    assert set(ended.values()) == {None}
    assert watched.pauses == []


def test_a_folder_that_cannot_be_written_is_looked_at_again_before_anything_is_drawn(
    watched: Watched, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.blobs / "sha256"
    folder.write_bytes(b"a file where the folder of the pictures belongs")
    watched.mend = folder.unlink
    drawn: list[int] = []
    generate = DrawingBackend.generate
    monkeypatch.setattr(
        DrawingBackend,
        "generate",
        lambda self, recipes, **watch: drawn.append(len(watched.pauses)) or generate(self, recipes, **watch),
    )
    watched.work_off()
    assert watched.pauses == [1, 2, 4]
    assert drawn.count(0) == 1, "one picture was drawn before the folder was known to refuse"
    assert {pauses for pauses in drawn if pauses} == {MENDS_AFTER}
    assert completed(watched)
    assert [path for path in settings.blobs.rglob("*") if path.suffix == ".part"] == []


class Away:
    """A database that goes away at one of the worker's calls, and comes back when the worker has waited."""

    def __init__(self, store: Store, call: int, *, after_it_was_done: bool) -> None:
        self._database, self._left, self._late = store._database, call, after_it_was_done
        self._read, self._write = self._database.read, self._database.write
        self._thread, self.is_away, self.was_away = threading.get_ident(), False, False

    def come_back(self) -> None:
        self.is_away = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """As the database's own, while it is there."""
        self._count()
        self._refuse()
        with self._read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The same; where the answer alone is lost, what was asked is done."""
        self._count()
        if not self._late or self.was_away:
            self._refuse()
        with self._write() as connection:
            yield connection
        if not self.was_away:
            self._refuse()

    def _count(self) -> None:
        if threading.get_ident() == self._thread and not self.was_away:
            self._left -= 1
            self.is_away = self._left == 0

    def _refuse(self) -> None:
        if self.is_away:
            self.was_away = True
            raise StoreUnreachable("the database: it does not answer")


EVERY_CALL = [pytest.param(n, marks=() if n in (1, 4, 9, 16) else pytest.mark.slow) for n in range(1, 35)]
"""As many as a worker makes until this run is done."""


@pytest.mark.parametrize(
    ("after_it_was_done", "at_once"),
    [(False, True), (True, True), (False, False)],
    ids=["refused", "answer lost", "refused while pairs wait for their measurements"],
)
@pytest.mark.parametrize("call", EVERY_CALL)
def test_at_whatever_call_the_database_goes_away_every_pair_is_drawn_and_saved_once(
    call: int,
    after_it_was_done: bool,
    at_once: bool,
    watched: Watched,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not at_once:
        monkeypatch.setattr(watched.worker._check_runner, "ready", lambda: False)
    away = Away(watched.store, call, after_it_was_done=after_it_was_done)
    monkeypatch.setattr(watched.store._database, "read", away.read)
    monkeypatch.setattr(watched.store._database, "write", away.write)
    recovery = Recovery(
        watched.worker,
        wait=lambda seconds: watched.pauses.append(seconds) or away.come_back(),
        tell=lambda *_: None,
    )
    while recovery.step(lambda: watched.worker.run_once(now=watched.now)):
        assert len(watched.pauses) <= 1
    assert away.was_away
    away.come_back()  # where the last call alone, a report, was refused: it is not waited for
    assert completed(watched)
    with watched.store._database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.renders)) == 2 * len(CASES)


def test_a_worker_that_ends_in_trouble_gives_back_what_it_had_drawn_and_could_not_save(
    store: Store, settings: Settings, run: Run, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreLocked("busy")

    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as worker:
        monkeypatch.setattr(worker._check_runner, "ready", lambda: False)
        for _ in range(2):
            worker.run_once(now=now)
        monkeypatch.setattr(store.jobs, "finish_pair", refuse)
    assert {(job.state, job.attempts) for job in store.jobs.of_run(run.id)} == {(JobState.QUEUED, 0)}
