"""Which pairs of a run drew the same picture although they should differ, by the fingerprints of *blank*."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core.records import Arm, Measurement


def duplicates(measurements: Iterable[Measurement], *, arm: Arm) -> list[tuple[str, ...]]:
    """Groups of pair ids whose pictures on one arm share a fingerprint, largest first.

    Give it the measurements of pairs that should differ (other prompts, other seeds); blank pictures are
    left out, they are named by the check itself.
    """
    groups: dict[object, list[str]] = defaultdict(list)
    for m in measurements:
        if m.check == "blank" and m.metric == "empty" and m.arm is arm and m.value == 0:
            groups[m.evidence.get("fingerprint")].append(m.pair_id)
    groups.pop(None, None)
    return sorted((tuple(pairs) for pairs in groups.values() if len(pairs) > 1), key=lambda g: (-len(g), g))
