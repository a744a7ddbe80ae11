"""The worker on models that draw by Pillow and a real store: nothing lost, nothing doubled.

Long: the life of a worker, step by step.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

from core.backends.drawing import DrawingBackend
from core.backends.protocol import Generation
from core.config.settings import PROJECT, Settings
from core.errors import DiskFull, GenerationFailed, OutOfMemory
from core.records import (
    Arm,
    Case,
    JobState,
    MeasurementStatus,
    RenderStatus,
    ReplayOutcome,
    Run,
    RunKind,
    Size,
    Suite,
)
from db.store import Store
from services.runs import request_run
from tests.conftest import SetClock
from worker.loop import Worker

CASES = tuple(
    Case(
        name=f"case-{number}", prompt=f'poster, exact text: "NO {number}", red on cream', width=128, height=64
    )
    for number in range(4)
)
SUITE = Suite(name="posters", cases=CASES)


@pytest.fixture
def settings(settings: Settings, drawing_models_file: Path) -> Settings:
    return replace(settings, models_file=drawing_models_file)


@pytest.fixture
def ask(store: Store, settings: Settings, now: datetime) -> Callable[..., Run]:
    def request(suite: Suite = SUITE, seeds: Sequence[int] = (1,), candidate: str = "sketch-turbo") -> Run:
        return request_run(
            store,
            settings,
            suite,
            baseline="sketch",
            candidate=candidate,
            seeds=seeds,
            requested_by="test",
            now=now,
        )

    return request


@pytest.fixture
def worker(store: Store, settings: Settings, now: datetime) -> Iterator[Worker]:
    with Worker(
        store, settings, now=now, name="w", checks=("contract", "alpha"), examine_beside=False
    ) as one:
        yield one


def _work_off(worker: Worker, now: datetime) -> None:
    while worker.run_once(now=now):
        pass


def _warm_ups(store: Store, run: Run) -> dict[Arm, list[str]]:
    """By arm: the pairs whose render is marked, in the order of the run."""
    renders = {pair.id: store.renders.of_pair(pair.id) for pair in store.pairs.of_run(run.id)}
    return {arm: [pair for pair, arms in renders.items() if arms[arm].warm_up] for arm in Arm}


def _states(store: Store, run: Run) -> list[JobState]:
    return [job.state for job in store.jobs.of_run(run.id)]


def test_a_run_ends_with_two_renders_and_measurements_for_every_pair(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime
) -> None:
    run = ask(seeds=(1, 2))
    _work_off(worker, now)
    assert _states(store, run) == [JobState.DONE] * 8
    for pair in store.pairs.of_run(run.id):
        renders = store.renders.of_pair(pair.id)
        assert {render.status for render in renders.values()} == {RenderStatus.DONE}
        assert pair.noise_shared is True
        assert [renders[arm].mode for arm in Arm] == ["RGBA", "RGB"]
        for render in renders.values():
            assert store.blobs.open(render.digest or "").size == (128, 64)
            assert min(render.latency_ms or 0, render.gpu_seconds or 0, render.peak_memory_mb or 0) > 0
        assert {m.check for m in store.measurements.of_pair(pair.id)} == {"contract", "alpha"}


def test_an_empty_queue_is_said_and_shown(worker: Worker, store: Store, now: datetime) -> None:
    assert worker.run_once(now=now) is False
    (status,) = store.workers.list()
    assert (status.name, status.doing) == ("w", "waiting for work")


def test_a_request_beyond_one_contract_fails_on_that_arm_alone(
    ask: Callable[..., Run], worker: Worker, store: Store, settings: Settings, now: datetime
) -> None:
    text = settings.models_file.read_text()
    head, tail = text.split("[models.sketch-turbo]")
    settings.models_file.write_text(head + "[models.sketch-turbo]" + tail.replace(", [128, 64]", ""))
    run = ask()
    _work_off(worker, now)
    assert _states(store, run) == [JobState.FAILED] * 4
    for pair in store.pairs.of_run(run.id):
        renders = store.renders.of_pair(pair.id)
        assert renders[Arm.BASELINE].status is RenderStatus.DONE
        failure = renders[Arm.CANDIDATE].failure
        assert failure is not None
        assert failure.error == "ContractBreach"
        assert "expected a size of 256×128, got 128×64" in failure.message
        assert pair.noise_shared is None
        found = [m for m in store.measurements.of_pair(pair.id) if m.arm is Arm.CANDIDATE]
        assert {m.status for m in found if m.check == "contract"} == {MeasurementStatus.ERROR}
        assert all(m.value is None for m in found)


def test_a_model_removed_after_the_request_fails_its_arm_and_says_so(
    ask: Callable[..., Run], worker: Worker, store: Store, settings: Settings, now: datetime
) -> None:
    run = ask()
    settings.models_file.write_text(settings.models_file.read_text().split("[models.sketch-turbo]")[0])
    _work_off(worker, now)
    renders = store.renders.of_pair(store.pairs.of_run(run.id)[0].id)
    assert renders[Arm.BASELINE].status is RenderStatus.DONE
    assert renders[Arm.CANDIDATE].failure is not None
    assert renders[Arm.CANDIDATE].failure.error == "UnknownName"


def test_a_model_whose_files_changed_after_the_request_is_not_evidence(
    ask: Callable[..., Run], worker: Worker, store: Store, settings: Settings, now: datetime
) -> None:
    run = ask()
    changed = settings.models_file.read_text().replace("num_inference_steps = 3", "num_inference_steps = 4")
    settings.models_file.write_text(changed)
    _work_off(worker, now)
    failure = store.renders.of_pair(store.pairs.of_run(run.id)[0].id)[Arm.CANDIDATE].failure
    assert failure is not None
    assert failure.error == "ModelUnavailable"
    assert "request the run again" in failure.remedy


def test_one_failing_pair_never_stops_a_run(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = DrawingBackend.generate

    def fails_on_case_2(self: DrawingBackend, recipes: Any, **watch: Any) -> list[Generation]:
        if any("NO 2" in recipe.prompt for recipe in recipes):
            raise GenerationFailed("this prompt breaks the pipeline", remedy="change it")
        return generate(self, recipes, **watch)

    monkeypatch.setattr(DrawingBackend, "generate", fails_on_case_2)
    run = ask()
    _work_off(worker, now)
    failed = [job for job in store.jobs.of_run(run.id) if job.state is JobState.FAILED]
    assert [store.pairs.get(job.subject_id).case_name for job in failed] == ["case-2"]
    assert failed[0].failure is not None
    assert failed[0].failure.message == "this prompt breaks the pipeline"


class Spied(DrawingBackend):
    """Draws, and writes down what was opened, drawn and closed."""

    log: ClassVar[list[tuple[str, ...]]] = []
    room: ClassVar[int] = 2

    @classmethod
    def device_of(cls, spec: Any) -> str:
        return str(spec.device)

    @classmethod
    def weight_bytes(cls, spec: Any, models_file: Path) -> int:
        return 1

    @classmethod
    def free_bytes(cls, device: str) -> int:
        return 2 * (cls.room - cls.open())

    @classmethod
    def open(cls) -> int:
        return sum({"open": 1, "close": -1}.get(entry[0], 0) for entry in cls.log)

    def __init__(self, spec: Any, models_file: Path, *, threads: int = 1) -> None:
        super().__init__(spec, models_file, threads=threads)
        self.device = spec.device
        self.log.append(("open", spec.name))

    def generate(self, recipes: Any, **watch: Any) -> list[Generation]:
        self.log.append(("draw", self.spec.name, *(recipe.prompt for recipe in recipes)))
        return super().generate(recipes, **watch)

    def close(self) -> None:
        self.log.append(("close", self.spec.name))

    @classmethod
    def drawn(cls) -> list[str]:
        return [entry[1] for entry in cls.log if entry[0] == "draw"]


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> type[Spied]:
    monkeypatch.setattr(Spied, "log", [])
    monkeypatch.setattr(Spied, "room", 2)
    monkeypatch.setattr("worker.model_pool.backend_class", lambda _spec: Spied)
    return Spied


def test_arms_take_the_first_place_in_turn(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime, spied: type[Spied]
) -> None:
    run = ask()
    _work_off(worker, now)
    positions = [store.pairs.get(job.subject_id).position for job in store.jobs.of_run(run.id)]
    firsts = spied.drawn()[::2]
    assert firsts == ["sketch-turbo" if position % 2 else "sketch" for position in positions]
    assert [entry for entry in spied.log if entry[0] == "open"] == [
        ("open", "sketch"),
        ("open", "sketch-turbo"),
    ]


def test_two_models_that_do_not_fit_take_turns_over_many_pairs_and_never_lie_side_by_side(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spied, "room", 1)
    run = ask(seeds=range(1, 6))
    _work_off(worker, now)
    assert set(_states(store, run)) == {JobState.DONE}
    opened = 0
    for entry in spied.log:
        opened += {"open": 1, "close": -1}.get(entry[0], 0)
        assert opened <= 1
    swaps = sum(entry[0] == "open" for entry in spied.log)
    assert len(spied.drawn()) == 40
    assert swaps <= 9  # one pair to learn it, then turns of eight pairs
    first_draws = sum((one[0], next_[0]) == ("open", "draw") for one, next_ in pairwise(spied.log))
    assert sum(map(len, _warm_ups(store, run).values())) == first_draws == 8  # loaded again, marked again


def test_models_that_take_turns_draw_batches_whose_times_are_evidence(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    settings: Settings,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spied, "room", 1)
    text = settings.models_file.read_text()
    settings.models_file.write_text(
        text.replace('backend = "drawing"', 'backend = "drawing"\nbatch_size = 8')
    )
    run = ask(seeds=range(1, 20))
    _work_off(worker, now)
    assert set(_states(store, run)) == {JobState.DONE}
    pairs = {pair.id for pair in store.pairs.of_run(run.id)}
    timed = pairs - set().union(*_warm_ups(store, run).values())
    assert len(timed) > len(pairs) / 2


def test_the_first_render_of_each_model_is_marked_and_no_later_one(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime
) -> None:
    run = ask(seeds=(1, 2))
    _work_off(worker, now)
    first = store.jobs.of_run(run.id)[0].subject_id
    assert _warm_ups(store, run) == {Arm.BASELINE: [first], Arm.CANDIDATE: [first]}
    other = ask(seeds=(3,))
    _work_off(worker, now)
    assert _warm_ups(store, other) == {Arm.BASELINE: [], Arm.CANDIDATE: []}  # both are loaded still
    assert {cost.pair_id for cost in store.insights.costs(run.id)}.isdisjoint({first})


def test_a_batch_drawn_right_after_loading_is_marked_whole(
    ask: Callable[..., Run], worker: Worker, store: Store, settings: Settings, now: datetime
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(
        text.replace('backend = "drawing"', 'backend = "drawing"\nbatch_size = 3', 1)
    )
    worker._model_pool.open(worker._model_pool.spec("sketch"))  # loaded, and has drawn nothing
    run = ask(seeds=(1, 2))
    _work_off(worker, now)
    marked = _warm_ups(store, run)
    assert (len(marked[Arm.BASELINE]), len(marked[Arm.CANDIDATE])) == (3, 1)


def test_no_check_is_told_the_time_of_a_warm_up(
    ask: Callable[..., Run], store: Store, settings: Settings, now: datetime
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(text.replace('mode = "RGB"\n', 'mode = "RGB"\nmax_latency_ms = 1.0\n'))
    run = ask(seeds=(1, 2))
    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as worker:
        _work_off(worker, now)
    warm_ups = set(_warm_ups(store, run)[Arm.CANDIDATE])
    too_slow = {
        pair.id
        for pair in store.pairs.of_run(run.id)
        for measured in store.measurements.of_pair(pair.id)
        if measured.arm is Arm.CANDIDATE and "expected at most 1 ms" in measured.reason
    }
    assert too_slow
    assert too_slow.isdisjoint(warm_ups)


def test_on_two_devices_both_arms_are_drawn_at_the_same_time(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    settings: Settings,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(
        text.replace("[models.sketch-turbo]", '[models.sketch-turbo]\ndevice = "cuda:1"')
    )
    both = threading.Barrier(2, timeout=10)
    generate = spied.generate

    def meet(self: Spied, recipes: Any, **watch: Any) -> list[Generation]:
        both.wait()  # breaks when the other arm never comes
        return generate(self, recipes, **watch)

    monkeypatch.setattr(spied, "generate", meet)
    run = ask()
    _work_off(worker, now)
    assert _states(store, run) == [JobState.DONE] * 4


def test_pairs_are_drawn_in_batches_and_a_batch_that_fails_is_tried_one_by_one(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    settings: Settings,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = settings.models_file.read_text()
    settings.models_file.write_text(
        text.replace('backend = "drawing"', 'backend = "drawing"\nbatch_size = 2')
    )
    generate = spied.generate

    def fails_on_case_2(self: Spied, recipes: Any, **watch: Any) -> list[Generation]:
        made = generate(self, recipes, **watch)
        if any("NO 2" in recipe.prompt for recipe in recipes):
            raise GenerationFailed("this prompt breaks the pipeline")
        return made

    monkeypatch.setattr(spied, "generate", fails_on_case_2)
    run = ask(seeds=(1, 2))
    _work_off(worker, now)
    done = [job for job in store.jobs.of_run(run.id) if job.state is JobState.DONE]
    assert len(done) == 6
    sizes = {
        render.recipe.batch_size
        for pair in store.pairs.of_run(run.id)
        for render in store.renders.of_pair(pair.id).values()
    }
    assert sizes == {1, 2}


def test_out_of_memory_frees_the_other_model_before_it_fails(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generate = spied.generate

    def needs_the_whole_device(self: Spied, recipes: Any, **watch: Any) -> list[Generation]:
        if spied.open() > 1:
            raise OutOfMemory("no room")
        return generate(self, recipes, **watch)

    monkeypatch.setattr(spied, "generate", needs_the_whole_device)
    run = ask()
    _work_off(worker, now)
    assert set(_states(store, run)) == {JobState.DONE}


def test_latents_of_other_shapes_are_other_noise_and_the_pair_says_so(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shape(self: Spied, size: Size) -> tuple[int, ...]:
        return 1, 16 if self.spec.name == "sketch-turbo" else 4, size.height // 8, size.width // 8

    monkeypatch.setattr(spied, "latent_shape", shape)
    run = ask()
    _work_off(worker, now)
    assert {pair.noise_shared for pair in store.pairs.of_run(run.id)} == {False}


def test_a_cancelled_run_is_not_drawn_and_a_pair_under_way_is_not_saved(
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = ask()
    generate = spied.generate

    def cancelled_meanwhile(self: Spied, recipes: Any, **watch: Any) -> list[Generation]:
        store.runs.cancel(run.id, now)
        return generate(self, recipes, **watch)

    monkeypatch.setattr(spied, "generate", cancelled_meanwhile)
    _work_off(worker, now)
    assert _states(store, run) == [JobState.CANCELLED] * 4
    assert store.renders.of_run(run.id) == {}


def test_a_worker_that_is_stopped_gives_its_jobs_back_unharmed(
    ask: Callable[..., Run], store: Store, settings: Settings, now: datetime
) -> None:
    run = ask()
    asked = iter([False, False, False])
    with Worker(
        store,
        settings,
        now=now,
        name="w",
        checks=("contract",),
        examine_beside=False,
        should_stop=lambda: next(asked, True),
    ) as worker:
        worker.run_once(now=now)
    jobs = store.jobs.of_run(run.id)
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.QUEUED, 0)}


def test_a_full_disk_stops_the_worker_and_loses_nothing(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask()

    def full(*_: Any) -> str:
        raise DiskFull("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(store.blobs, "put", full)
        with pytest.raises(DiskFull):
            worker.run_once(now=now)
    assert store.renders.of_run(run.id) == {}
    assert {(job.state, job.attempts) for job in store.jobs.of_run(run.id)} == {(JobState.QUEUED, 0)}
    _work_off(worker, now)
    assert _states(store, run) == [JobState.DONE] * 4


def test_a_replay_from_the_queue_is_bit_exact(
    ask: Callable[..., Run], worker: Worker, store: Store, now: datetime
) -> None:
    run = ask()
    _work_off(worker, now)
    (render, *_) = store.renders.of_run(run.id)[store.pairs.of_run(run.id)[0].id].values()
    job = store.jobs.request_replay(render.id, now)
    _work_off(worker, now)
    assert store.jobs.get(job.id).state is JobState.DONE
    (report,) = store.replays.of_render(render.id)
    assert report.outcome is ReplayOutcome.BIT_EXACT
    assert report.noise_matches is True


KILLED = """
import os
from datetime import UTC, datetime
from core.config.settings import Settings
from worker.loop import Worker
from db.store import Store

settings, now = Settings.from_env(os.environ), datetime.now(UTC)
with Store.open(settings) as store:
    with Worker(store, settings, now=now, checks=("contract",), examine_beside=BESIDE) as worker:
        while True:
            worker.run_once(now=datetime.now(UTC))
"""


@pytest.mark.slow
@pytest.mark.parametrize("beside", [False, True])
def test_a_worker_killed_half_way_loses_nothing_and_doubles_nothing(
    beside: bool,
    ask: Callable[..., Run],
    worker: Worker,
    store: Store,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    database_clock: SetClock,
) -> None:
    run = ask(seeds=range(1, 21))
    monkeypatch.setenv("SIDEGRADE_HOME", str(settings.home))
    monkeypatch.setenv("SIDEGRADE_MODELS", str(settings.models_file))
    victim = subprocess.Popen([sys.executable, "-c", KILLED.replace("BESIDE", str(beside))], cwd=PROJECT)
    try:
        _until(lambda: store.runs.progress(run.id).done >= 10)
    finally:
        children = psutil.Process(victim.pid).children()
        victim.kill()
        victim.wait()
    _until(lambda: not any(child.is_running() for child in children))
    before = store.renders.of_run(run.id)
    left = [job for job in store.jobs.of_run(run.id) if job.state is JobState.RUNNING]
    assert 10 <= len(before) < 80
    assert len(left) <= 3  # the one being drawn, and those being examined
    database_clock.moment = datetime.now().astimezone() + timedelta(seconds=61)
    _work_off(worker, database_clock.moment)
    after = store.renders.of_run(run.id)
    assert set(_states(store, run)) == {JobState.DONE}
    assert {pair_id: after[pair_id] for pair_id in before} == before
    assert len(after) == 80
    for pair in store.pairs.of_run(run.id):
        assert len(store.measurements.history(pair.id, "contract")) == 2
    again = {job.attempts for job in store.jobs.of_run(run.id)}
    assert again <= {1, 2}


def _until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_pair_examined_beside_is_saved_like_any_other_and_its_process_ends_with_the_worker(
    ask: Callable[..., Run], store: Store, settings: Settings, now: datetime
) -> None:
    run = ask()
    with Worker(store, settings, now=now, name="w", checks=("contract", "alpha")) as worker:
        _work_off(worker, now)
        (check_runner,) = _examiners()
        check_runner.terminate()  # as a whole process group is told to end: the worker decides
        another = ask(seeds=(2,))
        _work_off(worker, now)
        assert _examiners() == [check_runner]
    assert _states(store, run) + _states(store, another) == [JobState.DONE] * 8
    assert not check_runner.is_running()


def test_a_pair_that_is_examined_is_saved_while_a_long_image_is_still_drawn(
    ask: Callable[..., Run],
    store: Store,
    settings: Settings,
    now: datetime,
    spied: type[Spied],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = ask()
    generate, seen = spied.generate, []

    def long(self: Spied, recipes: Any, *, on_step: Any, **watch: Any) -> list[Generation]:
        if len(self.drawn()) == 2:  # the first pair is drawn, the second one takes its time
            deadline = time.monotonic() + 30
            while not store.runs.progress(run.id).done and time.monotonic() < deadline:
                time.sleep(0.05)
                on_step(1, 1)
            seen.append(store.runs.progress(run.id).done)
        return generate(self, recipes, on_step=on_step, **watch)

    monkeypatch.setattr(spied, "generate", long)
    with Worker(store, settings, now=now, name="w", checks=("contract",)) as worker:
        _work_off(worker, now)
    assert seen == [1]


def _examiners() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_an_examining_process_that_dies_is_started_again_and_no_pair_is_lost(
    ask: Callable[..., Run], store: Store, settings: Settings, now: datetime
) -> None:
    run = ask()
    with Worker(store, settings, now=now, name="w", checks=("contract",)) as worker:
        worker.run_once(now=now)
        for check_runner in _examiners():
            check_runner.kill()
        _work_off(worker, now)
    assert _states(store, run) == [JobState.DONE] * 4


def test_a_run_against_itself_lets_the_checks_see_another_seed_of_the_same_case(
    worker: Worker, store: Store, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_run(
        store,
        settings,
        Suite(name="two", cases=CASES[:2]),
        kind=RunKind.NOISE_FLOOR,
        baseline="sketch",
        candidate="sketch",
        seeds=(1, 2),
        requested_by="test",
        now=now,
    )
    shown, submit = [], worker._check_runner.submit
    monkeypatch.setattr(
        worker._check_runner, "submit", lambda pair, moment: (shown.append(pair), submit(pair, moment))
    )
    _work_off(worker, now)
    first, second, third, fourth = shown
    assert (first.other_seed, third.other_seed) == (None, None)
    assert second.other_seed is first.baseline
    assert fourth.other_seed is third.baseline
