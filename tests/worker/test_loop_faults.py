"""What a bad model, pair or record does to a worker: its own arm fails with the reason, all else goes on.

Long: every fault that a worker survives.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backends import drawing
from core.backends.drawing import DrawingBackend
from core.backends.protocol import Generation
from core.config.settings import Settings
from core.errors import StoreLocked
from core.records import Arm, Case, JobState, RenderStatus, ReplayOutcome, Run, StoredFile, Suite
from db.store import Store
from services.runs import request_run
from worker import check_runner
from worker.loop import Worker
from worker.model_pool import ModelPool
from worker.replay import replay

CASES = tuple(
    Case(name=f"case-{number}", prompt=f'poster, exact text: "NO {number}"', width=64, height=48)
    for number in range(4)
)
SUITE = Suite(name="posters", cases=CASES)
DRAWING = """
[models.{name}]
backend = "drawing"
batch_size = 2
num_inference_steps = {steps}
guidance_scale = 1.0
[models.{name}.contract]
mode = "RGB"
"""
Ask = Callable[..., Run]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    models_file = tmp_path / "models.toml"
    models_file.write_text(DRAWING.format(name="old", steps=3) + DRAWING.format(name="new", steps=4))
    return replace(settings, models_file=models_file)


@pytest.fixture
def tiny(settings: Settings, tiny_models_file: Path) -> Path:
    """Copies of the tiny pipelines beside ``models.toml``, declared as they are."""
    shutil.copytree(tiny_models_file.parent, settings.models_file.parent, dirs_exist_ok=True)
    return settings.models_file


@pytest.fixture
def ask(store: Store, settings: Settings, now: datetime) -> Ask:
    def request(baseline: str = "old", candidate: str = "new", *, cases: Sequence[Case] = CASES) -> Run:
        suite = replace(SUITE, cases=tuple(cases))
        models = {"baseline": baseline, "candidate": candidate}
        return request_run(store, settings, suite, **models, seeds=(1,), requested_by="test", now=now)

    return request


@pytest.fixture
def worker(store: Store, settings: Settings, now: datetime) -> Iterator[Worker]:
    with Worker(store, settings, now=now, name="w", checks=("contract",), examine_beside=False) as one:
        yield one


def _work_off(worker: Worker, now: datetime) -> None:
    while worker.run_once(now=now):
        pass


def _ended(store: Store, run: Run) -> dict[str, str]:
    """Name of each case → ``done``, or the reason of its job's failure."""
    pairs = {pair.id: pair.case_name for pair in store.pairs.of_run(run.id)}
    jobs = store.jobs.of_run(run.id)
    assert {job.state for job in jobs} <= {JobState.DONE, JobState.FAILED}
    assert all(job.attempts <= 1 for job in jobs)
    return {
        pairs[job.subject_id]: f"{job.failure.error}: {job.failure.message}" if job.failure else "done"
        for job in jobs
    }


def _arms(store: Store, run: Run) -> set[tuple[RenderStatus, ...]]:
    renders = store.renders.of_run(run.id)
    return {tuple(arms[arm].status for arm in Arm) for arms in renders.values()}


def _damage(models_file: Path, file: str, **values: Any) -> None:
    path = models_file.parent / file
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_malformed_model_fails_its_arm_alone_and_the_queue_goes_on(
    ask: Ask, tiny: Path, worker: Worker, store: Store, now: datetime
) -> None:
    _damage(tiny, "tiny-sdxl/model_index.json", vae=[])
    bad, good = ask("tiny-sd", "tiny-sdxl", cases=CASES[:2]), ask("tiny-sd3", "tiny-sd", cases=CASES[:1])
    _work_off(worker, now)
    assert all("tiny-sdxl: model_index.json: vae" in words for words in _ended(store, bad).values())
    assert _arms(store, bad) == {(RenderStatus.DONE, RenderStatus.FAILED)}
    assert _ended(store, good) == {"case-0": "done"}


def test_a_scheduler_that_cannot_be_set_fails_its_arm_alone_with_the_reason(
    ask: Ask, tiny: Path, worker: Worker, store: Store, now: datetime
) -> None:
    bad = tiny.read_text().split("[models.tiny-sdxl]")[0].replace("tiny-sd]", "bad-beta]")
    bad = bad.replace("models.tiny-sd.", "models.bad-beta.")
    tiny.write_text(f"{tiny.read_text()}{bad.replace('batch_size', SETTING)}")
    run = ask("tiny-sd", "bad-beta", cases=CASES[:1])
    _work_off(worker, now)
    assert "quadratic is not implemented" in _ended(store, run)["case-0"]
    assert _arms(store, run) == {(RenderStatus.DONE, RenderStatus.FAILED)}


SETTING = 'scheduler_config = { beta_schedule = "quadratic" }\nbatch_size'


@pytest.mark.parametrize("error", [RecursionError("too deep"), AttributeError("x"), ZeroDivisionError()])
def test_any_error_while_a_model_is_opened_fails_its_arm_alone(
    error: Exception,
    ask: Ask,
    worker: Worker,
    store: Store,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = DrawingBackend.__init__

    def refuses_the_new_one(self: DrawingBackend, spec: Any, *args: Any, **more: Any) -> None:
        if spec.name == "new":
            raise error
        opened(self, spec, *args, **more)

    monkeypatch.setattr(DrawingBackend, "__init__", refuses_the_new_one)
    run = ask()
    _work_off(worker, now)
    found = f"ModelUnavailable: new: cannot be opened ({type(error).__name__}"
    assert all(words.startswith(found) for words in _ended(store, run).values())
    assert _arms(store, run) == {(RenderStatus.DONE, RenderStatus.FAILED)}


def test_any_error_while_drawing_fails_that_pair_alone_others_of_its_batch_are_drawn(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = DrawingBackend.generate

    def fails_on_case_2(self: DrawingBackend, recipes: Any, **watch: Any) -> list[Generation]:
        if any("NO 2" in recipe.prompt for recipe in recipes):
            raise KeyError("layer")
        return generate(self, recipes, **watch)

    monkeypatch.setattr(DrawingBackend, "generate", fails_on_case_2)
    run = ask()
    _work_off(worker, now)
    ended = _ended(store, run)
    assert ended.pop("case-2").startswith("GenerationFailed: KeyError")
    assert set(ended.values()) == {"done"}


def test_memory_that_runs_out_in_foreign_words_is_out_of_memory(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> list[Generation]:
        raise MemoryError

    monkeypatch.setattr(DrawingBackend, "generate", full)
    run = ask()
    _work_off(worker, now)
    assert set(_ended(store, run).values()) == {"OutOfMemory: not enough memory (MemoryError)"}


def test_one_picture_of_a_batch_that_holds_nan_fails_alone(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = drawing._draw

    def spoils_case_2(recipes: Any, *watch: Any) -> Any:
        drawn = draw(recipes, *watch)
        for recipe, pixels in zip(recipes, drawn, strict=True):
            if "NO 2" in recipe.prompt:
                pixels[:] = np.nan
        return drawn

    monkeypatch.setattr(drawing, "_draw", spoils_case_2)
    run = ask()
    _work_off(worker, now)
    ended = _ended(store, run)
    assert "expected finite pixel values, got NaN in 12,288 of 12,288" in ended.pop("case-2")
    assert set(ended.values()) == {"done"}


def test_a_backend_that_loses_a_picture_of_a_batch_fails_no_other(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = DrawingBackend.generate
    monkeypatch.setattr(
        DrawingBackend, "generate", lambda self, recipes, **watch: generate(self, recipes, **watch)[:1]
    )
    run = ask()
    _work_off(worker, now)
    assert set(_ended(store, run).values()) == {"done"}


def test_a_render_that_cannot_be_recorded_fails_its_pair_alone(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = DrawingBackend.generate

    def never_ends_on_case_2(self: DrawingBackend, recipes: Any, **watch: Any) -> list[Generation]:
        made = generate(self, recipes, **watch)
        return [replace(one, latency_ms=float("inf")) if "NO 2" in one.recipe.prompt else one for one in made]

    monkeypatch.setattr(DrawingBackend, "generate", never_ends_on_case_2)
    run = ask()
    _work_off(worker, now)
    ended = _ended(store, run)
    assert ended.pop("case-2").startswith("Unstorable: expected a finite number, got inf")
    assert set(ended.values()) == {"done"}


def test_a_picture_that_cannot_be_kept_fails_its_arm_alone(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = store.blobs.put

    def refuses_case_2(image: Any, recipe: Any) -> StoredFile:
        if "NO 2" in recipe.prompt and recipe.model == "new":
            raise ValueError("Out of range float values are not JSON compliant")
        return put(image, recipe)

    monkeypatch.setattr(store.blobs, "put", refuses_case_2)
    run = ask()
    _work_off(worker, now)
    ended = _ended(store, run)
    assert ended.pop("case-2") == (
        "GenerationFailed: ValueError: Out of range float values are not JSON compliant"
    )
    assert set(ended.values()) == {"done"}
    assert _arms(store, run) == {
        (RenderStatus.DONE, RenderStatus.DONE),
        (RenderStatus.DONE, RenderStatus.FAILED),
    }


def test_an_error_in_an_examination_fails_that_pair_alone(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine = check_runner.examined

    def fails_on_case_2(submitted: Any, *more: Any) -> Any:
        if submitted.pair.case.name == "case-2":
            raise IndexError("no such row")
        return examine(submitted, *more)

    monkeypatch.setattr(check_runner, "examined", fails_on_case_2)
    run = ask()
    _work_off(worker, now)
    ended = _ended(store, run)
    assert "IndexError: no such row" in ended.pop("case-2")
    assert set(ended.values()) == {"done"}


def test_an_examining_process_answers_an_error_with_the_reason_and_lives_on(
    ask: Ask, store: Store, settings: Settings, now: datetime
) -> None:
    with Worker(store, settings, now=now, name="w", checks=("no-such-check",)) as worker:
        process = worker._check_runner._process  # type: ignore[attr-defined]  # only one kind has a process
        run = ask(cases=CASES[:2])
        _work_off(worker, now)
        assert worker._check_runner._process is process  # type: ignore[attr-defined]  # as above
        assert process.is_alive()
    assert all(
        words.startswith("CheckUnavailable: UnknownName: unknown check 'no-such-check'")
        for words in _ended(store, run).values()
    )


def test_an_error_before_anything_is_drawn_fails_those_jobs_and_the_next_run_is_drawn(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = ask(cases=CASES[:1]), ask("new", "old", cases=CASES[:2])
    many, broken = store.pairs.many, store.pairs.of_run(run.id)[0].id

    def lost(ids: Sequence[str]) -> Any:
        if broken in ids:
            raise KeyError(broken)
        return many(ids)

    monkeypatch.setattr(store.pairs, "many", lost)
    _work_off(worker, now)
    assert _ended(store, run)["case-0"].startswith("GenerationFailed: KeyError")
    assert set(_ended(store, other).values()) == {"done"}


def test_a_store_that_is_locked_is_no_pairs_failure(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(cases=CASES[:1])

    def locked(*_: Any, **__: Any) -> Any:
        raise StoreLocked("another process holds it")

    monkeypatch.setattr(store.jobs, "finish_pair", locked)
    with pytest.raises(StoreLocked):
        _work_off(worker, now)
    assert [(job.state, job.attempts) for job in store.jobs.of_run(run.id)] == [(JobState.QUEUED, 0)]


def test_any_error_of_a_replay_is_its_answer(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(cases=CASES[:1])
    _work_off(worker, now)
    (arms,) = store.renders.of_run(run.id).values()

    def broken(*_: Any, **__: Any) -> Any:
        raise AttributeError("no such part")

    monkeypatch.setattr(DrawingBackend, "generate", broken)
    job = store.jobs.request_replay(arms[Arm.BASELINE].id, now)
    _work_off(worker, now)
    assert store.jobs.get(job.id).state is JobState.DONE
    (report,) = store.replays.of_render(arms[Arm.BASELINE].id)
    assert report.outcome is ReplayOutcome.IMPOSSIBLE
    assert report.reason == "GenerationFailed: AttributeError: no such part"


def test_an_error_around_a_replay_fails_its_job_alone(
    ask: Ask, worker: Worker, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(cases=CASES[:1])
    _work_off(worker, now)
    (arms,) = store.renders.of_run(run.id).values()

    def broken(*_: Any, **__: Any) -> Any:
        raise AttributeError("no such part")

    monkeypatch.setattr("worker.loop.replay", broken)
    job, other = store.jobs.request_replay(arms[Arm.BASELINE].id, now), ask("new", "old", cases=CASES[:1])
    _work_off(worker, now)
    failure = store.jobs.get(job.id).failure
    assert failure is not None
    assert (failure.error, failure.message) == ("GenerationFailed", "AttributeError: no such part")
    assert _ended(store, other) == {"case-0": "done"}


def test_models_whose_schedulers_are_set_to_infinity_are_drawn_stored_and_replayed_bit_exact(
    ask: Ask, tiny: Path, worker: Worker, store: Store, settings: Settings, now: datetime
) -> None:
    text = tiny.read_text().replace("DDIMScheduler", "DPMSolverMultistepScheduler")
    tiny.write_text(text.replace("EulerAncestralDiscreteScheduler", "SASolverScheduler"))
    run = ask("tiny-sd", "tiny-sdxl", cases=CASES[:2])
    _work_off(worker, now)
    assert set(_ended(store, run).values()) == {"done"}
    with ModelPool(settings) as model_pool:
        for arms in store.renders.of_run(run.id).values():
            for render in arms.values():
                report = replay(store, model_pool, render.id, now=now)
                assert (report.outcome, report.differing_fields) == (ReplayOutcome.BIT_EXACT, ())
