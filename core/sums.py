"""The fold behind the sums of a run: what one pair, and what one standing verdict, adds to them.

A sum is what all pairs and verdicts of the run add. The database keeps the sums beside the rows: with each
event it takes away what the pair or verdict added before, and adds what it adds now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC
from typing import NamedTuple

from core.digests import canonical_json, content_digest
from core.records import (
    Arm,
    Failure,
    Measurement,
    MeasurementStatus,
    Outcome,
    RenderStatus,
    VerdictEvent,
)
from core.records.sums import Counted, SumKey

Sums = Counter[SumKey]


class Drawn(NamedTuple):
    """What is counted of a render."""

    status: RenderStatus
    digest: str | None
    failure: Failure | None


class Found(NamedTuple):
    """A measurement, and whether it was an alarm when it was stored."""

    measurement: Measurement
    alarm: bool


class Place(NamedTuple):
    """A pair in its run, and what its case is tagged with."""

    pair_id: str
    case_digest: str
    position: int
    shown: bool
    """Whether it can be shown: drawn on both arms, and neither picture missing."""
    tags: Collection[str]

    @property
    def key(self) -> str:
        """Sorts as the run does."""
        return f"{self.position:09}:{self.pair_id}"


def sums_of_pair(place: Place, drawn: Mapping[Arm, Drawn], found: Collection[Found]) -> Sums:
    """What a pair adds: its latest renders, and the latest examination by each check."""
    sums: Sums = Counter()
    for arm, render in drawn.items():
        sums[SumKey(Counted.DRAWN, arm)] += 1
        if render.failure is not None:
            sums[SumKey(Counted.FAILED, arm, canonical_json(render.failure))] += 1
            sums[SumKey(Counted.HIT, arm, f"{hit_key(render.failure)}{place.key}")] += 1
    if place.shown:
        sums[SumKey(Counted.SHOWN)] += 1
        sums.update(SumKey(Counted.SHOWN_TAG, key=tag) for tag in set(place.tags))
        sums.update(SumKey(Counted.SHOWN_ALARM, key=check) for check in {m.check for m in _alarms(found)})
    _add_pictures(sums, place, drawn, found)
    _add_findings(sums, place, found)
    _add_lines(sums, (one.measurement for one in found))
    _add_not_run(sums, drawn, [one.measurement for one in found])
    return sums


def hit_key(failure: Failure) -> str:
    """How the keys of :attr:`Counted.HIT` begin for a failure."""
    return content_digest("failure", failure) + ":"


def sums_of_verdict(event: VerdictEvent, outcome: Outcome, tags: Iterable[str]) -> Sums:
    """What a judgement that stands adds."""
    word = outcome.value
    sums: Sums = Counter([SumKey(Counted.VERDICT, outcome=word)])
    sums.update(SumKey(Counted.TAG, key=tag, outcome=word) for tag in set(tags))
    day = event.created_at.astimezone(UTC).date().isoformat()
    sums.update([SumKey(Counted.DAY, key=day, outcome=word)])
    sums.update([SumKey(Counted.REVIEWER, key=event.reviewer, outcome=word)])
    sums.update(SumKey(Counted.REASON, key=reason.value, outcome=word) for reason in event.reasons)
    return sums


def _add_pictures(sums: Sums, place: Place, drawn: Mapping[Arm, Drawn], found: Iterable[Found]) -> None:
    empty = {m.arm: m for m, _ in found if (m.check, m.metric) == ("blank", "empty")}
    for arm, render in drawn.items():
        shown = empty.get(arm)
        if render.status is RenderStatus.DONE and render.digest and (shown is None or shown.value != 1):
            sums[SumKey(Counted.PICTURE, arm, render.digest)] += 1
    for m in empty.values():
        fingerprint = m.raw.get("fingerprint")
        if m.arm is not None and m.value == 0 and fingerprint is not None:
            sums[SumKey(Counted.FINGERPRINT, m.arm, f"{place.case_digest}:{fingerprint}")] += 1


def _add_findings(sums: Sums, place: Place, found: Collection[Found]) -> None:
    if found:
        sums[SumKey(Counted.EXAMINED)] += 1
    if any(m.status is not MeasurementStatus.ERROR for m, _ in found):
        sums[SumKey(Counted.MEASURED)] += 1
    if any(m.arm is not Arm.BASELINE for m in _alarms(found)):
        sums[SumKey(Counted.BROKEN)] += 1
        sums[SumKey(Counted.BREACH, key=place.key)] += 1


def _alarms(found: Iterable[Found]) -> Iterator[Measurement]:
    """What is bad whatever a policy says: earlier versions stored a check that could not run as one, too."""
    return (m for m, alarm in found if alarm and m.status is MeasurementStatus.MEASURED)


def _add_lines(sums: Sums, found: Iterable[Measurement]) -> None:
    for m in found:
        height = m.raw.get("letter_height_px")
        exact = m.check == "typography" and m.metric == "exact" and m.status is MeasurementStatus.MEASURED
        if exact and m.arm is not None and isinstance(height, int):
            sums[SumKey(Counted.LINES_TOLD, m.arm, str(height))] += 1
            sums[SumKey(Counted.LINES_RIGHT, m.arm, str(height))] += m.value == 1


def _add_not_run(sums: Sums, drawn: Mapping[Arm, Drawn], found: Collection[Measurement]) -> None:
    """Where a picture never came, its failure is told instead."""
    failed = {arm for arm, render in drawn.items() if render.status is RenderStatus.FAILED}
    ran = {m.check for m in found if m.status is not MeasurementStatus.ERROR}
    metrics: dict[tuple[str, str], dict[str, None]] = {}
    for m in found:
        told = not failed or (m.arm is not None and m.arm not in failed)
        if m.status is MeasurementStatus.ERROR and told:
            metrics.setdefault((m.check, m.reason), {})[m.metric] = None
    for (check, reason), names in metrics.items():
        sums[SumKey(Counted.NOT_RUN, key=canonical_json([check, reason, list(names), check in ran]))] += 1
