"""How well lettering is read by its size: the curve of a size ladder, from the measurements of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.records import Arm, Measurement, MeasurementStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Lines of one letter height on one arm."""

    arm: Arm
    letter_height_px: int
    right: int
    told: int
    """Lines the reader could tell right from wrong; ambiguous ones are left out."""

    @property
    def pass_rate(self) -> float:
        """Share of the told lines that were read exactly, 0–1."""
        return self.right / self.told


def pass_rate_by_size(measurements: Iterable[Measurement]) -> list[Rung]:
    """One rung for each arm and letter height that was told at least once, baseline first, small to large."""
    told: dict[tuple[Arm, int], list[bool]] = defaultdict(list)
    for m in measurements:
        height = m.raw.get("letter_height_px")
        exact = m.check == "typography" and m.metric == "exact" and m.status is MeasurementStatus.MEASURED
        if exact and m.arm is not None and isinstance(height, int):
            told[m.arm, height].append(m.value == 1)
    return [
        Rung(arm=arm, letter_height_px=height, right=sum(lines), told=len(lines))
        for (arm, height), lines in sorted(
            told.items(), key=lambda item: (list(Arm).index(item[0][0]), item[0][1])
        )
    ]
