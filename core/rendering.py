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

from core.easel import Drawn, Easel, Order, Watch
from core.examiner import Exhibit
from core.records import Arm, Contract, Run

if TYPE_CHECKING:
    from PIL import Image

    from core.workshop import Workshop
    from db.blobs import Blobs


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

    def other_seed(self, before: DrawnPair | None) -> Image.Image | None:
        """The baseline's picture of the pair before, where that is the same case of the same run."""
        if before is None:
            return None
        pair, other = self.order.pair, before.order.pair
        same = (pair.run_id, pair.case_digest) == (other.run_id, other.case_digest)
        return before.arms[Arm.BASELINE].image if same else None

    def exhibit(self, other_seed: Image.Image | None, now: datetime) -> Exhibit:
        """The pair as it is handed to the checks."""
        renders = {arm: one.render for arm, one in self.arms.items()}
        return Exhibit(
            pair_id=self.order.pair.id,
            case=self.order.case,
            images={arm: one.image for arm, one in self.arms.items() if one.image},
            recipes={arm: render.recipe for arm, render in renders.items()},
            contracts=self.contracts,
            latencies_ms={
                arm: render.latency_ms for arm, render in renders.items() if render.latency_ms is not None
            },
            other_seed=other_seed,
            now=now,
        )


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
    arms = {arm: Easel(arm, run, workshop, blobs, watch, clock) for arm in Arm}
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


def _groups(orders: Sequence[Order], easels: Iterable[Easel]) -> list[tuple[Order, ...]]:
    """As many orders at a time as the larger batch takes."""
    size = max(easel.spec.batch_size for easel in easels)
    return [tuple(orders[start : start + size]) for start in range(0, len(orders), size)]


def _candidate_first(group: Sequence[Order], arms: dict[Arm, Easel]) -> bool:
    """Odd positions; and where models take turns, the arm whose model is loaded."""
    if not arms[Arm.BASELINE].ready:
        return True
    return arms[Arm.CANDIDATE].ready and group[0].pair.position % 2 == 1


def _one_after_the_other(easels: Sequence[Easel], group: Sequence[Order]) -> dict[Arm, dict[str, Drawn]]:
    return {easel.arm: easel.draw(group) for easel in easels}


def _at_the_same_time(easels: Sequence[Easel], group: Sequence[Order]) -> dict[Arm, dict[str, Drawn]]:
    with ThreadPoolExecutor(len(easels)) as pool:
        drawn = pool.map(lambda easel: easel.draw(group), easels)
        return {easel.arm: result for easel, result in zip(easels, drawn, strict=True)}
