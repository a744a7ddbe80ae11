"""One arm of a run at work: its model, opened when it is needed, and what it draws of its orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from core.backends.protocol import Loaded
from core.digests import content_digest
from core.errors import Cancelled, ModelUnavailable, OutOfMemory, SidegradeError, StoreError
from core.failures import failure_of, says_out_of_memory, typed
from core.recipe import batch_key, declared_recipe, make_recipe
from core.records import (
    Arm,
    Case,
    Contract,
    Mode,
    ModelSpec,
    Pair,
    Recipe,
    Render,
    RenderStatus,
    Run,
)
from core.scheduler_settings import carried

if TYPE_CHECKING:
    from PIL import Image

    from core.backends.protocol import Backend, Generation
    from core.workshop import Workshop
    from db.blobs import Blobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A pair to draw, with its case."""

    pair: Pair
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What one arm made of an order; the image is None when it failed."""

    render: Render
    image: Image.Image | None = None


class Watch(Protocol):
    """Who follows the work and may stop it."""

    def on_step(self, orders: Sequence[Order], arm: Arm, step: int, steps: int) -> None:
        """A denoising step of these orders ended."""
        ...

    def cancelled(self, order: Order) -> bool:
        """Whether nobody wants this order any more."""
        ...


class Easel:
    """Draws orders with one model; a failure is an answer, never an exception."""

    def __init__(
        self,
        arm: Arm,
        run: Run,
        workshop: Workshop,
        blobs: Blobs,
        watch: Watch,
        clock: Callable[[], datetime],
    ) -> None:
        self.arm, self._workshop, self._blobs, self._watch, self._clock = arm, workshop, blobs, watch, clock
        models = {
            Arm.BASELINE: (run.baseline, run.baseline_digest),
            Arm.CANDIDATE: (run.candidate, run.candidate_digest),
        }
        name, self._digest = models[arm]
        self._backend: Backend | None = None
        self._refusal: SidegradeError | None = None
        self.spec = _undeclared(name)
        try:
            self.spec = workshop.spec(name)
            self._backend = workshop.open(self.spec, digest=self._digest)
        except Exception as error:  # every order of this arm fails with it, the other arm goes on
            ours = typed(error)  # made anew: the first one's traceback keeps what was loaded of the model
            self._refusal = type(ours)(str(ours), remedy=ours.remedy)

    @property
    def device(self) -> str | None:
        """Where the model runs; None when it could not be opened."""
        return self._backend.device if self._backend else None

    @property
    def ready(self) -> bool:
        """Whether drawing can begin without loading anything."""
        return self._backend is None or self._workshop.holds(self._backend)

    def draw(self, orders: Sequence[Order]) -> dict[str, Drawn]:
        """By pair id: an image or a failure for every order that was not cancelled."""
        drawn: dict[str, Drawn] = {}
        batches: dict[tuple[object, ...], list[tuple[Order, Recipe]]] = defaultdict(list)
        for order in orders:
            try:
                recipe = self._recipe(order)
                batch = batch_key(recipe)
            except Exception as error:
                drawn[order.pair.id] = self._failed(order, error)
            else:
                batches[batch].append((order, recipe))
        for alike in batches.values():
            for start in range(0, len(alike), self.spec.batch_size):
                drawn |= self._batch(alike[start : start + self.spec.batch_size])
        return drawn

    def _recipe(self, order: Order) -> Recipe:
        if self._refusal:
            raise self._refusal
        return make_recipe(order.case, order.pair.seed, self.spec, self._opened().loaded)

    def _opened(self) -> Backend:
        """The backend, loaded again when the other arm needed its room."""
        if self._backend is None or not self._workshop.holds(self._backend):
            self._backend = self._workshop.open(self.spec, digest=self._digest)
        return self._backend

    def _batch(self, wanted: Sequence[tuple[Order, Recipe]]) -> dict[str, Drawn]:
        wanted = [(order, recipe) for order, recipe in wanted if not self._watch.cancelled(order)]
        if not wanted:
            return {}
        try:
            made = self._generate([order for order, _ in wanted], [recipe for _, recipe in wanted])
            pairs = list(zip(wanted, made, strict=True))
        except StoreError:
            raise
        except Cancelled:
            if self._workshop.should_stop():
                raise
            return {}
        except Exception as error:  # whatever it is, it is these orders' trouble alone
            if len(wanted) == 1 or says_out_of_memory(error):
                return {order.pair.id: self._failed(order, error) for order, _ in wanted}
            # one bad request must not fail the others of its batch
            return {key: drawn for one in wanted for key, drawn in self._batch([one]).items()}
        return {order.pair.id: self._ended(order, generation) for (order, _), generation in pairs}

    def _generate(self, orders: Sequence[Order], recipes: Sequence[Recipe]) -> list[Generation]:
        def on_step(step: int, steps: int) -> None:
            self._watch.on_step(orders, self.arm, step, steps)

        def should_cancel() -> bool:
            return self._workshop.should_stop() or all(map(self._watch.cancelled, orders))

        backend = self._opened()
        try:
            return backend.generate(recipes, on_step=on_step, should_cancel=should_cancel)
        except OutOfMemory:
            if not self._workshop.free_others(backend):
                raise
            return backend.generate(recipes, on_step=on_step, should_cancel=should_cancel)

    def _ended(self, order: Order, made: Generation) -> Drawn:
        """The picture, stored; or why it could not be made into a render."""
        try:
            return self._done(order, made)
        except StoreError:
            raise
        except Exception as error:
            return self._failed(order, error)

    def _done(self, order: Order, made: Generation) -> Drawn:
        digest = self._blobs.put(made.image, made.recipe)
        render = self._render(
            order,
            made.recipe,
            status=RenderStatus.DONE,
            digest=digest,
            mode=made.image.mode,
            width=made.image.width,
            height=made.image.height,
            noise_digest=made.noise_digest,
            latent_shape=made.latent_shape,
            latency_ms=made.latency_ms,
            gpu_seconds=made.gpu_seconds,
            peak_memory_mb=made.peak_memory_mb,
            batch_was_halved=made.batch_was_halved,
        )
        return Drawn(render=render, image=made.image)

    def _failed(self, order: Order, error: Exception) -> Drawn:
        loaded = self._backend.loaded if self._backend else self._declared()
        recipe = declared_recipe(order.case, order.pair.seed, self.spec, loaded)
        return Drawn(
            render=self._render(order, recipe, status=RenderStatus.FAILED, failure=failure_of(error))
        )

    def _declared(self) -> Loaded:
        """What is known of a model that could not be loaded."""
        return Loaded(
            model_digest=self._digest,
            device_class="unknown",
            scheduler=self.spec.scheduler or "unknown",
            scheduler_config=_carried(self.spec),
        )

    def _render(self, order: Order, recipe: Recipe, **outcome: Any) -> Render:
        moment = self._clock()
        identity = content_digest("render", [order.pair.id, self.arm, moment])
        return Render(
            id=identity,
            pair_id=order.pair.id,
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
