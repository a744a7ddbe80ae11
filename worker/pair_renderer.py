"""Draws pairs on both arms of a run: batched, in an order that is fair to both, one failure at a time.

A pair's two arms are drawn right after each other, the baseline first on even positions and the candidate
first on odd ones (A B B A …), so that a machine that warms up or slows down is no advantage to either. On two
devices both arms are drawn at the same time; when two models do not fit on one, each draws a whole chunk in
its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.checks.pair import PairToExamine
from core.records import Arm, Contract, Run
from worker.arm_renderer import ArmRenderer, ProgressListener, RenderResult, RenderTask

if TYPE_CHECKING:
    from PIL import Image

    from db.blobs import Blobs
    from worker.model_pool import ModelPool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPair:
    """Both arms of a task."""

    task: RenderTask
    arms: dict[Arm, RenderResult]
    contracts: dict[Arm, Contract]

    @property
    def noise_shared(self) -> bool | None:
        """Whether both arms started from identical latents; None when one of them never started."""
        digests = [drawn.render.noise_digest for drawn in self.arms.values()]
        return None if None in digests else len(set(digests)) == 1

    def other_seed(self, before: DrawnPair | None) -> Image.Image | None:
        """The baseline's picture of the pair before, where that is the same case of the same run."""
        if before is None:
            return None
        pair, other = self.task.pair, before.task.pair
        same = (pair.run_id, pair.case_digest) == (other.run_id, other.case_digest)
        return before.arms[Arm.BASELINE].image if same else None

    def to_examine(self, other_seed: Image.Image | None) -> PairToExamine:
        """The pair as it is handed to the checks."""
        renders = {arm: one.render for arm, one in self.arms.items()}
        return PairToExamine(
            pair_id=self.task.pair.id,
            case=self.task.case,
            baseline=self.arms[Arm.BASELINE].image,
            candidate=self.arms[Arm.CANDIDATE].image,
            recipes={arm: render.recipe for arm, render in renders.items()},
            contracts=self.contracts,
            latencies_ms={
                arm: render.latency_ms
                for arm, render in renders.items()
                if render.latency_ms is not None and not render.warm_up
            },
            other_seed=other_seed,
        )


def draw_pairs(
    run: Run,
    tasks: Sequence[RenderTask],
    *,
    model_pool: ModelPool,
    blobs: Blobs,
    listener: ProgressListener,
    clock: Callable[[], datetime],
) -> Iterator[DrawnPair]:
    """Draw the tasks of one run; each pair is given as soon as both its arms are done, failed ones included.

    Cancelled tasks are left out.

    Raises:
        Cancelled: when the worker is asked to stop.
        StoreError: when an image cannot be saved; nothing that was given before is lost.
        InvalidFile: when ``models.toml`` cannot be read at the moment.
    """
    arms = {arm: ArmRenderer(arm, run, model_pool, blobs, listener, clock) for arm in Arm}
    baseline, candidate = arms[Arm.BASELINE], arms[Arm.CANDIDATE]
    if baseline.device and candidate.device and baseline.device != candidate.device:
        groups = [(tuple(tasks), _at_the_same_time)]
    elif all(renderer.ready for renderer in arms.values()):
        groups = [(group, _one_after_the_other) for group in _groups(tasks, arms.values())]
    else:
        groups = [(tuple(tasks), _one_after_the_other)]
    contracts = {arm: renderer.spec.contract for arm, renderer in arms.items()}
    for group, draw in groups:
        first = arms[Arm.CANDIDATE] if _candidate_first(group, arms) else arms[Arm.BASELINE]
        drawn = draw([first, arms[first.arm.other]], group)
        for task in group:
            pair = {arm: drawn[arm][task.pair.id] for arm in Arm if task.pair.id in drawn[arm]}
            if len(pair) == len(Arm):
                yield DrawnPair(task=task, arms=pair, contracts=contracts)


def _groups(tasks: Sequence[RenderTask], renderers: Iterable[ArmRenderer]) -> list[tuple[RenderTask, ...]]:
    """As many tasks at a time as the larger batch takes."""
    size = max(renderer.spec.batch_size for renderer in renderers)
    return [tuple(tasks[start : start + size]) for start in range(0, len(tasks), size)]


def _candidate_first(group: Sequence[RenderTask], arms: dict[Arm, ArmRenderer]) -> bool:
    """Odd positions; and where models take turns, the arm whose model is loaded."""
    if not arms[Arm.BASELINE].ready:
        return True
    return arms[Arm.CANDIDATE].ready and group[0].pair.position % 2 == 1


def _one_after_the_other(
    renderers: Sequence[ArmRenderer], group: Sequence[RenderTask]
) -> dict[Arm, dict[str, RenderResult]]:
    return {renderer.arm: renderer.draw(group) for renderer in renderers}


def _at_the_same_time(
    renderers: Sequence[ArmRenderer], group: Sequence[RenderTask]
) -> dict[Arm, dict[str, RenderResult]]:
    with ThreadPoolExecutor(len(renderers)) as pool:
        drawn = pool.map(lambda renderer: renderer.draw(group), renderers)
        return {renderer.arm: result for renderer, result in zip(renderers, drawn, strict=True)}
