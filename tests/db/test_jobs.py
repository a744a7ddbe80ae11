"""The work queue: nothing done is done twice, nothing asked for is lost, no job loops for ever.

Long: claims, leases and retries of one queue, by one worker, several, and workers of other clocks.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from core.errors import UnknownName
from core.records import (
    Arm,
    Failure,
    JobKind,
    JobState,
    MeasurementStatus,
    ReplayOutcome,
    ReplayReport,
    RunKind,
    WorkerStatus,
)
from db.jobs import MAX_ATTEMPTS
from db.store import Store
from tests.conftest import SetClock
from tests.world import SUITE, finish, make_world, measurement, request_run

MINUTE = timedelta(minutes=1)


def test_a_job_is_held_by_one_worker_until_its_lease_runs_out(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    request_run(store, now)
    mine = store.jobs.claim("one", limit=5, lease_seconds=60)
    assert [job.state for job in mine] == [JobState.RUNNING] * 5
    assert len(store.jobs.claim("two", limit=50, lease_seconds=60)) == 3
    database_clock.moment = now + MINUTE / 2
    assert store.jobs.claim("three", limit=50, lease_seconds=60) == []
    database_clock.moment = now + MINUTE
    again = store.jobs.claim("three", limit=50, lease_seconds=60)
    assert {job.worker for job in again} == {"three"}
    assert {job.attempts for job in again} == {2}


def test_an_extended_lease_holds_longer(store: Store, now: datetime, database_clock: SetClock) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("one", limit=1, lease_seconds=60)
    database_clock.moment = now + MINUTE / 2
    assert store.jobs.extend(job.id, "one", lease_seconds=60)
    database_clock.moment = now + MINUTE
    taken = store.jobs.claim("two", limit=50, lease_seconds=60)
    assert job.id not in {other.id for other in taken}


def test_a_late_result_of_a_worker_that_lost_its_lease_is_refused(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("slow", limit=1, lease_seconds=60)
    database_clock.moment = now + MINUTE
    store.jobs.claim("quick", limit=1, lease_seconds=60)
    assert not store.jobs.extend(job.id, "slow", lease_seconds=60)
    assert not finish(store, job, now + MINUTE, worker="slow")
    assert store.renders.of_pair(job.subject_id) == {}
    assert finish(store, job, now + MINUTE, worker="quick")
    assert not finish(store, job, now + 2 * MINUTE, worker="quick"), "a job ends once"
    assert len(store.renders.find(job.subject_id)) == 2
    assert len(store.measurements.of_pair(job.subject_id)) == 3


def test_a_late_result_is_taken_while_nobody_else_has_the_job(store: Store, now: datetime) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("slow", limit=1, lease_seconds=60)
    assert finish(store, job, now + 10 * MINUTE, worker="slow")


def test_a_job_that_kills_every_worker_is_given_up_with_a_reason(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    request_run(store, now, suite=SUITE, seeds=(1,))
    for attempt in range(MAX_ATTEMPTS):
        database_clock.moment = now + attempt * MINUTE
        (job, *_) = store.jobs.claim("doomed", limit=50, lease_seconds=60)
    database_clock.moment = now + MAX_ATTEMPTS * MINUTE
    assert store.jobs.claim("doomed", limit=50, lease_seconds=60) == []
    ended = store.jobs.get(job.id)
    assert ended.state is JobState.FAILED
    assert ended.failure is not None
    assert (ended.failure.error, ended.attempts) == ("GenerationFailed", MAX_ATTEMPTS)
    assert ended.finished_at == now + MAX_ATTEMPTS * MINUTE
    assert store.jobs.retry(job.id, now) == 1
    assert store.jobs.get(job.id).attempts == 0


def test_a_worker_that_is_asked_to_stop_puts_its_job_back_unharmed(store: Store, now: datetime) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("one", limit=1, lease_seconds=60)
    assert not store.jobs.release(job.id, "two")
    assert store.jobs.release(job.id, "one")
    (again,) = store.jobs.claim("two", limit=1, lease_seconds=60)
    assert (again.id, again.attempts) == (job.id, 1)


def test_a_failure_ends_a_job_and_says_why(store: Store, now: datetime) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("one", limit=1, lease_seconds=60)
    failure = Failure(error="ModelUnavailable", message="no such folder", remedy="fetch it")
    assert not store.jobs.fail(job.id, "two", failure, now)
    assert store.jobs.fail(job.id, "one", failure, now)
    assert store.jobs.get(job.id).failure == failure


def test_progress_is_shown_only_while_the_job_runs(store: Store, now: datetime) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("one", limit=1, lease_seconds=60)
    store.jobs.progress(job.id, Arm.CANDIDATE, 3, 20)
    shown = store.jobs.get(job.id)
    assert (shown.arm, shown.step, shown.steps) == (Arm.CANDIDATE, 3, 20)
    finish(store, job, now, worker="one")
    store.jobs.progress(job.id, Arm.CANDIDATE, 4, 20)
    assert store.jobs.get(job.id).step == 3


def test_somebody_who_waits_at_the_screen_comes_first(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    request_run(store, now, again=True)
    compare = request_run(store, now + MINUTE, kind=RunKind.COMPARE, seeds=(5,))
    render = store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE]
    replay = store.jobs.request_replay(render.id, now + MINUTE)
    claimed = store.jobs.claim("one", limit=6, lease_seconds=60)
    assert [job.run_id for job in claimed[:4]] == [compare.id] * 4
    assert claimed[4].id == replay.id


def test_a_replay_is_asked_for_once_at_a_time(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    render = store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE]
    job = store.jobs.request_replay(render.id, now)
    assert store.jobs.request_replay(render.id, now) == job
    (claimed,) = store.jobs.claim("one", limit=1, lease_seconds=60)
    assert (claimed.kind, claimed.subject_id) == (JobKind.REPLAY, render.id)
    report = ReplayReport(
        id="replay_1",
        render_id=render.id,
        outcome=ReplayOutcome.BIT_EXACT,
        digest_before=str(render.digest),
        reason="the same pixels",
        created_at=now,
    )
    assert not store.jobs.finish_replay(job.id, "two", report, now)
    assert store.jobs.finish_replay(job.id, "one", report, now)
    assert store.replays.of_render(render.id) == [report]
    assert store.replays.get("replay_1") == report
    assert store.jobs.request_replay(render.id, now).id != job.id
    assert [job.state for job in store.jobs.of_subject(render.id)] == [JobState.DONE, JobState.QUEUED]


def test_twenty_workers_at_once_never_share_a_job(store: Store, now: datetime) -> None:
    request_run(store, now, seeds=tuple(range(25)))
    claimed: list[str] = []

    def work(name: str) -> None:
        while jobs := store.jobs.claim(name, limit=3, lease_seconds=60):
            claimed.extend(job.id for job in jobs)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 100


def test_examining_again_counts_without_erasing(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    old = store.measurements.of_pair(pair.id)
    newer = [measurement(pair, now + MINUTE, version="2", value=0.5, subject=line) for line in ("one", "two")]
    store.measurements.append(newer)
    assert [m for m in store.measurements.of_pair(pair.id) if m.check == "lpips"] == newer
    assert [m.version for m in store.measurements.history(pair.id, "lpips")] == ["1+lpips 0.1.4", "2", "2"]
    assert [m for m in store.measurements.of_pair(pair.id) if m.check == "contract"] == [
        m for m in old if m.check == "contract"
    ]
    of_run = store.measurements.of_run(world.run.id)
    assert of_run == store.measurements.of_pairs(pair.id for pair in world.pairs)
    assert sum(map(len, of_run.values())) == 8 * 3 + 1


@pytest.mark.parametrize(
    ("check", "metric", "value", "found"),
    [
        ("contract", "breaches", 1.0, True),
        ("contract", "breaches", 0.0, False),
        ("alpha", "faults", 2.0, True),
        ("typography", "exact", 0.0, True),
        ("typography", "exact", 1.0, False),
        ("lpips", "lpips", 0.9, False),
    ],
)
def test_a_broken_promise_is_an_alarm_and_a_distance_is_none(
    store: Store, now: datetime, check: str, metric: str, value: float, found: bool
) -> None:
    world = make_world(store, now)
    store.measurements.append([measurement(world.pairs[0], now, check=check, metric=metric, value=value)])
    assert (store.reviews.counts("ana").failed_checks == {check: 1}) is found


@pytest.mark.parametrize("status", [MeasurementStatus.ERROR, MeasurementStatus.AMBIGUOUS])
def test_a_check_that_could_not_run_or_tell_has_found_nothing(
    store: Store, now: datetime, status: MeasurementStatus
) -> None:
    world = make_world(store, now)
    broken = {"status": status, "value": None, "reason": "fetch the weights"}
    store.measurements.append([measurement(world.pairs[0], now, **broken)])
    assert store.reviews.counts("ana").failed_checks == {}


def test_what_an_earlier_version_stored_as_an_alarm_although_it_could_not_run_is_none(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(store, now)
    monkeypatch.setattr("db.measurements.is_alarm", lambda found: True)
    broken = {"status": MeasurementStatus.ERROR, "value": None, "reason": "fetch the weights"}
    store.measurements.append([measurement(world.pairs[0], now, **broken)])
    assert store.reviews.counts("ana").failed_checks == {}


def test_a_worker_is_listed_while_it_reports(store: Store, now: datetime, database_clock: SetClock) -> None:
    status = WorkerStatus(name="w", device="cpu", pid=7, started_at=now, last_seen_at=now)
    later = WorkerStatus(
        name="w", device="cpu", pid=7, started_at=now, last_seen_at=now + MINUTE / 2, doing="sale-now"
    )
    store.workers.beat(status)
    database_clock.moment = now + MINUTE / 2
    store.workers.beat(later)
    database_clock.moment = now + MINUTE
    assert store.workers.list() == [later]
    database_clock.moment = now + 2 * MINUTE
    assert store.workers.list() == []


def test_a_worker_whose_own_clock_is_a_day_ahead_is_gone_a_minute_after_its_last_word(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    ahead = now + timedelta(days=1)
    store.workers.beat(WorkerStatus(name="w", device="cpu", pid=7, started_at=ahead, last_seen_at=ahead))
    assert [worker.last_seen_at for worker in store.workers.list()] == [now]
    database_clock.moment = now + MINUTE
    assert store.workers.list() == []


def test_a_time_that_is_still_to_come_is_neither_of_late_nor_a_lease(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    request_run(store, now, seeds=(1,))
    database_clock.moment = now + timedelta(days=1)
    store.workers.beat(WorkerStatus(name="w", device="cpu", pid=7, started_at=now, last_seen_at=now))
    held = store.jobs.claim("w", limit=50, lease_seconds=60)
    database_clock.moment = now
    assert store.workers.list() == []
    again = store.jobs.claim("other", limit=50, lease_seconds=60)
    assert [job.id for job in again] == [job.id for job in held]


def test_a_database_clock_that_is_set_back_a_little_takes_no_job_away(
    store: Store, now: datetime, database_clock: SetClock
) -> None:
    request_run(store, now)
    store.jobs.claim("one", limit=50, lease_seconds=60)
    database_clock.moment = now - MINUTE / 2
    assert store.jobs.claim("two", limit=50, lease_seconds=60) == []


def test_an_unknown_job_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(UnknownName, match="unknown job"):
        store.jobs.get("job_0")
