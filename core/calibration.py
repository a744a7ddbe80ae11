"""The noise floor: how far a model may differ from itself before the difference means something.

It is measured by a run of a model against itself (``RunKind.NOISE_FLOOR``). Where none was made, the floor is
what rounding alone does: kernels that add in another order change the last bit of a channel value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.records import Measurement, MeasurementStatus, RunKind

if TYPE_CHECKING:
    from db.store import Store

ROUNDING_LEVELS = 2
"""Largest difference of a channel value that rounding explains; 1 was observed between batch sizes."""
ROUNDING_LPIPS = 0.005
"""LPIPS of "the same picture, other numerics", from published same-seed comparisons of kernels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """Differences up to here are the model's own."""

    lpips: float = ROUNDING_LPIPS
    max_abs_difference: int = ROUNDING_LEVELS
    pairs: int = 0
    """Pairs it was measured on; 0: never measured, rounding alone."""

    def covers(self, *, max_abs_difference: int, lpips: float | None) -> bool:
        """Whether a difference is within the floor: by channel values, or by a measured LPIPS floor."""
        by_value = max_abs_difference <= self.max_abs_difference
        by_look = self.pairs > 0 and lpips is not None and lpips <= self.lpips
        return by_value or by_look


def noise_floor(measurements: Iterable[Measurement]) -> NoiseFloor:
    """The largest LPIPS between a model and itself; never below rounding, never from failed measurements."""
    values = [
        m.value
        for m in measurements
        if m.check == "lpips" and m.status is MeasurementStatus.MEASURED and m.value is not None
    ]
    return NoiseFloor(lpips=max([ROUNDING_LPIPS, *values]), pairs=len(values))


def noise_floor_of(store: Store, model_digest: str) -> NoiseFloor:
    """The floor of these model files, by their latest run against themselves."""
    for run in store.runs.list(kind=RunKind.NOISE_FLOOR):
        if run.baseline_digest == run.candidate_digest == model_digest:
            found = store.measurements.of_run(run.id).values()
            return noise_floor(measurement for of_pair in found for measurement in of_pair)
    return NoiseFloor()
