"""Draws pairs on both arms of a run: batched, in an order that is fair to both, one failure at a time.

A pair's two arms are drawn right after each other, the baseline first on even positions and the candidate
first on odd ones (A B B A …), so that a machine that warms up or slows down is no advantage to either. On two
devices both arms are drawn at the same time; when two models do not fit on one, each draws a whole chunk in
its turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.backends.protocol import Loaded
from core.digests import content_digest
from core.errors import Cancelled, OutOfMemory, SidegradeError, StoreError
from core.recipe import batch_key, declared_recipe, make_recipe
from core.records import (
    Arm,
    Case,
    Contract,
    Failure,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPair:
    """Both arms of an order."""

    order: Order
    arms: dict[Arm, Drawn]
    contracts: dict[Arm, Contract]

    @property
    def noise_shared(self) -> bool | None:
        """Whether both arms started from identical latents; None when one of them never started."""
        digests = [drawn.render.noise_digest for drawn in self.arms.values()]
        return None if None in digests else len(set(digests)) == 1


class Watch(Protocol):
    """Who follows the work and may stop it."""

    def on_step(self, orders: Sequence[Order], arm: Arm, step: int, steps: int) -> None:
        """A denoising step of these orders ended."""
        ...

    def cancelled(self, order: Order) -> bool:
        """Whether nobody wants this order any more."""
        ...


def draw_pairs(
    run: Run,
    orders: Sequence[Order],
    *,
    workshop: Workshop,
    blobs: Blobs,
    watch: Watch,
    clock: Callable[[], datetime],
) -> Iterator[DrawnPair]:
    """Draw the orders of one run; each pair is given as soon as both its arms are done, failed ones included.

    Cancelled orders are left out.

    Raises:
        Cancelled: when the worker is asked to stop.
        StoreError: when an image cannot be saved; nothing that was given before is lost.
    """
    arms = {arm: _Easel(arm, run, workshop, blobs, watch, clock) for arm in Arm}
    baseline, candidate = arms[Arm.BASELINE], arms[Arm.CANDIDATE]
    if baseline.device and candidate.device and baseline.device != candidate.device:
        groups = [(tuple(orders), _at_the_same_time)]
    elif all(easel.ready for easel in arms.values()):
        groups = [(group, _one_after_the_other) for group in _groups(orders, arms.values())]
    else:
        groups = [(tuple(orders), _one_after_the_other)]
    contracts = {arm: easel.spec.contract for arm, easel in arms.items()}
    for group, draw in groups:
        first = arms[Arm.CANDIDATE] if _candidate_first(group, arms) else arms[Arm.BASELINE]
        drawn = draw([first, arms[first.arm.other]], group)
        for order in group:
            pair = {arm: drawn[arm][order.pair.id] for arm in Arm if order.pair.id in drawn[arm]}
            if len(pair) == len(Arm):
                yield DrawnPair(order=order, arms=pair, contracts=contracts)


def _groups(orders: Sequence[Order], easels: Iterable[_Easel]) -> list[tuple[Order, ...]]:
    """As many orders at a time as the larger batch takes."""
    size = max(easel.spec.batch_size for easel in easels)
    return [tuple(orders[start : start + size]) for start in range(0, len(orders), size)]


def _candidate_first(group: Sequence[Order], arms: dict[Arm, _Easel]) -> bool:
    """Odd positions; and where models take turns, the arm whose model is loaded."""
    if not arms[Arm.BASELINE].ready:
        return True
    return arms[Arm.CANDIDATE].ready and group[0].pair.position % 2 == 1


def _one_after_the_other(easels: Sequence[_Easel], group: Sequence[Order]) -> dict[Arm, dict[str, Drawn]]:
    return {easel.arm: easel.draw(group) for easel in easels}


def _at_the_same_time(easels: Sequence[_Easel], group: Sequence[Order]) -> dict[Arm, dict[str, Drawn]]:
    with ThreadPoolExecutor(len(easels)) as pool:
        drawn = pool.map(lambda easel: easel.draw(group), easels)
        return {easel.arm: result for easel, result in zip(easels, drawn, strict=True)}


class _Easel:
    """One arm of a run: its model, opened when it is needed, and what it draws."""

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
        name, self._digest = (
            (run.baseline, run.baseline_digest)
            if arm is Arm.BASELINE
            else (run.candidate, run.candidate_digest)
        )
        self._backend: Backend | None = None
        self._refusal: SidegradeError | None = None
        self.spec = _undeclared(name)
        try:
            self.spec = workshop.spec(name)
            self._backend = workshop.open(self.spec, digest=self._digest)
        except SidegradeError as error:  # every order of this arm fails with it, the other arm goes on
            self._refusal = error

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
            except SidegradeError as error:
                drawn[order.pair.id] = self._failed(order, error)
            else:
                batches[batch_key(recipe)].append((order, recipe))
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
        except StoreError:
            raise
        except Cancelled:
            if self._workshop.should_stop():
                raise
            return {}
        except SidegradeError as error:
            if len(wanted) == 1 or isinstance(error, OutOfMemory):
                return {order.pair.id: self._failed(order, error) for order, _ in wanted}
            # one bad request must not fail the others of its batch
            return {key: drawn for one in wanted for key, drawn in self._batch([one]).items()}
        pairs = zip(wanted, made, strict=True)
        return {order.pair.id: self._done(order, generation) for (order, _), generation in pairs}

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

    def _failed(self, order: Order, error: SidegradeError) -> Drawn:
        loaded = self._backend.loaded if self._backend else self._declared()
        recipe = declared_recipe(order.case, order.pair.seed, self.spec, loaded)
        failure = failure_of(error)
        return Drawn(render=self._render(order, recipe, status=RenderStatus.FAILED, failure=failure))

    def _declared(self) -> Loaded:
        """What is known of a model that could not be loaded."""
        return Loaded(
            model_digest=self._digest,
            device_class="unknown",
            scheduler=self.spec.scheduler or "unknown",
            scheduler_config=self.spec.scheduler_config,
        )

    def _render(self, order: Order, recipe: Recipe, **outcome: object) -> Render:
        moment = self._clock()
        identity = content_digest("render", [order.pair.id, self.arm, moment])
        return Render(
            id=identity,
            pair_id=order.pair.id,
            arm=self.arm,
            recipe=recipe,
            created_at=moment,
            **outcome,  # type: ignore[arg-type]
        )


def failure_of(error: SidegradeError) -> Failure:
    """The error as it is stored with what it spoiled."""
    return Failure(error=type(error).__name__, message=str(error), remedy=error.remedy)


def _undeclared(name: str) -> ModelSpec:
    """Stands for a model that cannot be read from ``models.toml`` any more."""
    nothing = Contract(mode=Mode.RGB)
    return ModelSpec(name=name, source="", num_inference_steps=0, guidance_scale=0.0, contract=nothing)
