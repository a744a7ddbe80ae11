"""The noise floor: how far a model may differ from itself before the difference means something.

It is measured by a run of a model against itself. Where none was made, the floor is
what rounding alone does: kernels that add in another order change the last bit of a channel value. With more
than one seed the same run tells how far apart two seeds are: beyond that it is another picture altogether.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from core.records import Measurement, MeasurementStatus

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
    other_seeds: tuple[float, ...] = ()
    """LPIPS between pictures of one case from two seeds, smallest first; empty: never measured."""

    def judge(self, lpips: float) -> str:
        """A distance between two models, in words, by what the baseline differs from itself."""
        measured = f"measured on {self.pairs} pairs" if self.pairs else "rounding alone, never measured"
        side = "within" if lpips <= self.lpips else "above"
        floor = f"{side} the noise floor of {self.lpips:.4f} ({measured})"
        if not self.other_seeds:
            return floor
        middle = median(self.other_seeds)
        than = "less than another seed makes" if lpips < middle else "as much as another seed makes"
        return (
            f"{floor}; {than} ({self.other_seeds[0]:.2f} to {self.other_seeds[-1]:.2f}, mostly {middle:.2f})"
        )

    def covers(self, *, max_abs_difference: int, lpips: float | None) -> bool:
        """Whether a difference is within the floor: by channel values, or by a measured LPIPS floor."""
        by_value = max_abs_difference <= self.max_abs_difference
        by_look = self.pairs > 0 and lpips is not None and lpips <= self.lpips
        return by_value or by_look


def noise_floor(measurements: Iterable[Measurement]) -> NoiseFloor:
    """The largest LPIPS between a model and itself; never below rounding, never from failed measurements."""
    found = [m for m in measurements if m.check == "lpips" and m.status is MeasurementStatus.MEASURED]
    same = [m.value for m in found if m.metric == "lpips" and m.value is not None]
    others = [m.value for m in found if m.metric == "lpips_other_seed" and m.value is not None]
    return NoiseFloor(lpips=max([ROUNDING_LPIPS, *same]), pairs=len(same), other_seeds=tuple(sorted(others)))
