"""One arm of a run at work: its model, opened when it is needed, and what it draws of its tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from core.digests import content_digest
from core.errors import Cancelled, ModelUnavailable, OutOfMemory, SidegradeError, StoreError
from core.failures import failure_of, says_out_of_memory, typed
from core.recipes.recipe import batch_key, declared_recipe, make_recipe
from core.recipes.scheduler_settings import carried
from core.records import (
    Arm,
    Case,
    Contract,
    LoadedModel,
    Mode,
    ModelSpec,
    Pair,
    Recipe,
    Render,
    RenderStatus,
    Run,
)

if TYPE_CHECKING:
    from PIL import Image

    from core.backends.protocol import Backend, Generation
    from db.blobs import Blobs
    from worker.model_pool import ModelPool


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTask:
    """A pair to draw, with its case."""

    pair: Pair
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What one arm made of a task; the image is None when it failed."""

    render: Render
    image: Image.Image | None = None


class ProgressListener(Protocol):
    """Who follows the work and may stop it."""

    def on_step(self, tasks: Sequence[RenderTask], arm: Arm, step: int, steps: int) -> None:
        """A denoising step of these tasks ended."""
        ...

    def cancelled(self, task: RenderTask) -> bool:
        """Whether the task was cancelled or is no longer waited for."""
        ...


class ArmRenderer:
    """Draws tasks with one model; a failure is an answer, never an exception."""

    def __init__(
        self,
        arm: Arm,
        run: Run,
        model_pool: ModelPool,
        blobs: Blobs,
        listener: ProgressListener,
        clock: Callable[[], datetime],
    ) -> None:
        self.arm, self._model_pool, self._blobs, self._listener, self._clock = (
            arm,
            model_pool,
            blobs,
            listener,
            clock,
        )
        models = {
            Arm.BASELINE: (run.baseline, run.baseline_digest),
            Arm.CANDIDATE: (run.candidate, run.candidate_digest),
        }
        name, self._digest = models[arm]
        self._backend: Backend | None = None
        self._refusal: SidegradeError | None = None
        self.spec = _undeclared(name)
        try:
            self.spec = model_pool.spec(name)
            self._backend = model_pool.open(self.spec, digest=self._digest)
        except Exception as error:  # every task of this arm fails with it, the other arm goes on
            ours = typed(error)  # made anew: the first one's traceback keeps what was loaded of the model
            self._refusal = type(ours)(str(ours), remedy=ours.remedy)

    @property
    def device(self) -> str | None:
        """Where the model runs; None when it could not be opened."""
        return self._backend.device if self._backend else None

    @property
    def ready(self) -> bool:
        """Whether drawing can begin without loading anything."""
        return self._backend is None or self._model_pool.holds(self._backend)

    def draw(self, tasks: Sequence[RenderTask]) -> dict[str, RenderResult]:
        """By pair id: an image or a failure for every task that was not cancelled."""
        drawn: dict[str, RenderResult] = {}
        batches: dict[tuple[object, ...], list[tuple[RenderTask, Recipe]]] = defaultdict(list)
        for task in tasks:
            try:
                recipe = self._recipe(task)
                batch = batch_key(recipe)
            except Exception as error:
                drawn[task.pair.id] = self._failed(task, error)
            else:
                batches[batch].append((task, recipe))
        for alike in batches.values():
            for start in range(0, len(alike), self.spec.batch_size):
                drawn |= self._batch(alike[start : start + self.spec.batch_size])
        return drawn

    def _recipe(self, task: RenderTask) -> Recipe:
        if self._refusal:
            raise self._refusal
        return make_recipe(task.case, task.pair.seed, self.spec, self._opened().loaded)

    def _opened(self) -> Backend:
        """The backend, loaded again when the other arm needed its room."""
        if self._backend is None or not self._model_pool.holds(self._backend):
            self._backend = self._model_pool.open(self.spec, digest=self._digest)
        return self._backend

    def _batch(self, wanted: Sequence[tuple[RenderTask, Recipe]]) -> dict[str, RenderResult]:
        wanted = [(task, recipe) for task, recipe in wanted if not self._listener.cancelled(task)]
        if not wanted:
            return {}
        try:
            made = self._generate([task for task, _ in wanted], [recipe for _, recipe in wanted])
            pairs = list(zip(wanted, made, strict=True))
        except StoreError:
            raise
        except Cancelled:
            if self._model_pool.should_stop():
                raise
            return {}
        except Exception as error:  # whatever it is, it is these tasks' trouble alone
            if len(wanted) == 1 or says_out_of_memory(error):
                return {task.pair.id: self._failed(task, error) for task, _ in wanted}
            # one bad request must not fail the others of its batch
            return {key: drawn for one in wanted for key, drawn in self._batch([one]).items()}
        return {task.pair.id: self._ended(task, generation) for (task, _), generation in pairs}

    def _generate(self, tasks: Sequence[RenderTask], recipes: Sequence[Recipe]) -> list[Generation]:
        def on_step(step: int, steps: int) -> None:
            self._listener.on_step(tasks, self.arm, step, steps)

        def should_cancel() -> bool:
            return self._model_pool.should_stop() or all(map(self._listener.cancelled, tasks))

        backend = self._opened()
        try:
            return backend.generate(recipes, on_step=on_step, should_cancel=should_cancel)
        except OutOfMemory:
            if not self._model_pool.free_others(backend):
                raise
            return backend.generate(recipes, on_step=on_step, should_cancel=should_cancel)

    def _ended(self, task: RenderTask, made: Generation) -> RenderResult:
        """The picture, stored; or why it could not be made into a render."""
        try:
            return self._done(task, made)
        except StoreError:
            raise
        except Exception as error:
            return self._failed(task, error)

    def _done(self, task: RenderTask, made: Generation) -> RenderResult:
        stored = self._blobs.put(made.image, made.recipe)
        render = self._render(
            task,
            made.recipe,
            status=RenderStatus.DONE,
            digest=stored.digest,
            file_digest=stored.file_digest,
            mode=made.image.mode,
            width=made.image.width,
            height=made.image.height,
            noise_digest=made.noise_digest,
            latent_shape=made.latent_shape,
            latency_ms=made.latency_ms,
            gpu_seconds=made.gpu_seconds,
            peak_memory_mb=made.peak_memory_mb,
            warm_up=made.warm_up,
            batch_was_halved=made.batch_was_halved,
        )
        return RenderResult(render=render, image=made.image)

    def _failed(self, task: RenderTask, error: Exception) -> RenderResult:
        loaded = self._backend.loaded if self._backend else self._declared()
        recipe = declared_recipe(task.case, task.pair.seed, self.spec, loaded)
        return RenderResult(
            render=self._render(task, recipe, status=RenderStatus.FAILED, failure=failure_of(error))
        )

    def _declared(self) -> LoadedModel:
        """What is known of a model that could not be loaded."""
        return LoadedModel(
            model_digest=self._digest,
            device_class="unknown",
            scheduler=self.spec.scheduler or "unknown",
            scheduler_config=_carried(self.spec),
        )

    def _render(self, task: RenderTask, recipe: Recipe, **outcome: Any) -> Render:
        moment = self._clock()
        identity = content_digest("render", [task.pair.id, self.arm, moment])
        return Render(
            id=identity,
            pair_id=task.pair.id,
            arm=self.arm,
            recipe=recipe,
            created_at=moment,
            **outcome,
        )


def _carried(spec: ModelSpec) -> dict[str, object]:
    """The declared settings, none where it is them that no recipe can carry: the failure says so."""
    try:
        return carried(spec.scheduler_config, spec.name)
    except ModelUnavailable:
        return {}


def _undeclared(name: str) -> ModelSpec:
    """Stands for a model that cannot be read from ``models.toml`` any more."""
    nothing = Contract(mode=Mode.RGB)
    return ModelSpec(name=name, source="", num_inference_steps=0, guidance_scale=0.0, contract=nothing)
