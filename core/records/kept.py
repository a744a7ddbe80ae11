"""What gates read of a pair, in the form in which the store keeps it: its shape, moments and numbers.

The *shape* is everything about a pair that thousands of pairs have in common: how each arm ended, by which
model, and what each check found, with moments and fractions replaced by their place in a list. Pairs of one
shape are read once (:meth:`core.gates.scope.Scope.read`): a run of 40,000 pairs has a few hundred shapes. A
new metric that a gate reads needs a row in :data:`READ`, and a migration after which all pairs are kept anew
(:data:`db.schema.FILLED_AT`).

Long: how a pair is written down and how it is read again belong together.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from core.digests import canonical_json
from core.records.cases import Case
from core.records.measurements import Measurement, MeasurementStatus
from core.records.renders import Arm, Failure, Recipe, Render, RenderStatus
from core.records.runs import Pair

READ: Final = frozenset(
    {
        ("blank", "empty"),
        ("contract", "breaches"),
        ("alpha", "band_present"),
        ("alpha", "faults"),
        ("typography", "exact"),
        ("lpips", "lpips"),
        ("stlpips", "stlpips"),
    }
)
"""Check and metric of every measurement that a gate may ask for."""
TIMINGS: Final = ("latency_ms", "gpu_seconds")
"""The first numbers of a pair: these of the baseline, then of the candidate."""
MOMENT_WIDTH: Final = 32
"""Characters of a moment in UTC with microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPair:
    """What gates read of one pair: a row of the store."""

    pair_id: str
    run_id: str
    shape: str
    """Canonical JSON; see the module."""
    moments: str
    """When its renders and measurements were made: ISO in UTC, ascending, separated by spaces."""
    numbers: tuple[float | None, ...]
    """The timings of both arms, then every value that is no whole number."""
    digest: str
    """Identity of its renders and measurements."""


class SeenRender(NamedTuple):
    """What is kept of a render."""

    id: str
    arm: Arm
    status: RenderStatus
    model_digest: str
    warm_up: bool
    latency_ms: float | None
    gpu_seconds: float | None
    failure: Failure | None
    created_at: datetime


def moment_text(moment: datetime) -> str:
    """A moment in :data:`MOMENT_WIDTH` characters that sort as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def keep(
    pair_id: str,
    run_id: str,
    case: Case,
    drawn: Sequence[SeenRender],
    found: Sequence[Measurement],
    *,
    outdated: Collection[str] = (),
) -> KeptPair:
    """What gates read of a pair: its latest renders, baseline first, and what counts of its measurements.

    Args:
        outdated: checks that have examined an earlier picture.
    """
    read = [m for m in found if (m.check, m.metric) in READ]
    made = [*(render.created_at for render in drawn), *(m.created_at for m in read)]
    moments = sorted({moment_text(moment) for moment in made})
    places = {moment: place for place, moment in enumerate(moments)}
    of_arm = {render.arm: render for render in drawn}
    numbers = [getattr(of_arm[arm], name) if arm in of_arm else None for arm in Arm for name in TIMINGS]
    shape = {
        "drawn": [_render_shape(render, places) for render in drawn],
        "found": [_shape_of(m, places, numbers) for m in read],
        "lines": _lines(case, read),
        "outdated": sorted(outdated),
    }
    identity = [
        sorted(render.id for render in drawn),
        [[m.check, m.metric, m.arm, m.subject, m.status, repr(m.value), m.version] for m in found],
        sorted(outdated),
    ]
    return KeptPair(
        pair_id=pair_id,
        run_id=run_id,
        shape=canonical_json(shape),
        moments=" ".join(moments),
        numbers=tuple(numbers),
        digest=hashlib.sha256(canonical_json(identity).encode()).hexdigest(),
    )


def _render_shape(render: SeenRender, places: Mapping[str, int]) -> list[Any]:
    """``timed`` per timing: true for a time, null for none, else what stands there instead."""
    values = (render.latency_ms, render.gpu_seconds)
    timed = [value if value is None or value <= 0 else True for value in values]
    failure = None if render.failure is None else [render.failure.error, render.failure.message]
    place = places[moment_text(render.created_at)]
    return [render.arm, render.status, render.model_digest, render.warm_up, timed, failure, place]


def _shape_of(m: Measurement, places: Mapping[str, int], numbers: list[float | None]) -> list[Any]:
    value: Any = m.value
    if m.value is not None and not m.value.is_integer():
        value = [len(numbers)]
        numbers.append(m.value)
    breach = m.check == "contract" and m.value is not None and m.value > 0
    looks = m.raw.get("looks") if m.value == 1 else None
    place = places[moment_text(m.created_at)]
    reason = m.reason if breach or m.status is MeasurementStatus.ERROR else ""
    return [m.check, m.metric, m.arm, _subject(m), m.status, value, m.version, reason, looks, place]


def _subject(m: Measurement) -> str:
    """Lines of lettering are told by whether all were looked at: see :func:`_lines`."""
    return "" if (m.check, m.metric) == ("typography", "exact") else m.subject


def _lines(case: Case, found: Sequence[Measurement]) -> dict[str, list[str] | bool]:
    """By arm, whether the lines examined are those of the case, in their order; else what they are."""
    wanted = [line.text for line in case.expected_text]
    lines: dict[str, list[str] | bool] = {}
    for arm in Arm:
        lettering = ("typography", "exact", arm)
        subjects = [m.subject for m in found if (m.check, m.metric, m.arm) == lettering]
        lines[arm.value] = True if subjects == wanted else subjects
    return lines


class Shape(NamedTuple):
    """A shape, read."""

    drawn: list[list[Any]]
    found: list[list[Any]]
    lines: Mapping[str, list[str] | bool]
    outdated: list[str]


@lru_cache(maxsize=4096)
def read_shape(text: str) -> Shape:
    """A stored shape, read once."""
    return Shape(**json.loads(text))


class KeptPairs:
    """The pairs of a run as they are kept; the records that gates know are made when they are asked for."""

    def __init__(
        self, pairs: Mapping[str, Pair], cases: Mapping[str, Case], rows: Mapping[str, KeptPair]
    ) -> None:
        self._pairs, self._cases, self._rows = pairs, cases, rows
        self.renders: Mapping[str, Mapping[Arm, Render]] = _Renders(self)
        self.measurements: Mapping[str, tuple[Measurement, ...]] = _Measurements(self)

    @property
    def digest(self) -> str:
        """Identity of all renders and measurements."""
        known = (self._rows[pair_id].digest for pair_id in self._pairs if pair_id in self._rows)
        return hashlib.sha256("".join(known).encode()).hexdigest()

    @property
    def outdated(self) -> frozenset[tuple[str, str]]:
        """Pair id and check of each examination of an earlier picture."""
        return frozenset(
            (pair_id, check)
            for pair_id, row in self._rows.items()
            for check in read_shape(row.shape).outdated
        )

    def ids(self) -> Iterator[str]:
        """The pairs of which something is kept."""
        return iter(self._rows)

    def row(self, pair_id: str) -> KeptPair | None:
        """What is kept of a pair; None of one that was neither drawn nor examined."""
        return self._rows.get(pair_id)

    def likeness(self, pair_id: str, oldest: str) -> tuple[str, tuple[bool, ...]]:
        """Equal for pairs of which every gate reads the same, numbers aside.

        Args:
            oldest: the moment before which a render or measurement is stale, as :func:`moment_text` gives it.
        """
        row = self._rows.get(pair_id)
        if row is None:
            return "", ()
        if row.moments[:MOMENT_WIDTH] >= oldest:
            return row.shape, ()
        return row.shape, tuple(moment < oldest for moment in row.moments.split())

    def timings(self, pair_id: str, metric: str) -> tuple[float, float]:
        """One timing of baseline and candidate; NaN where there is none, which a shape tells."""
        numbers, at = self._rows[pair_id].numbers, 0 if metric == TIMINGS[0] else 1
        before, after = numbers[at], numbers[at + len(TIMINGS)]
        return math.nan if before is None else before, math.nan if after is None else after

    def values(self, pair_id: str, check: str, metric: str) -> list[float | None]:
        """The values of one metric, of every arm."""
        row = self._rows.get(pair_id)
        if row is None:
            return []
        places = _places(row.shape, check, metric)
        return [_value(place, row.numbers) for place in places]

    def made_render(self, pair_id: str, place: int) -> Render:
        """One render of a pair; of its recipe the model's digest alone is true."""
        row = self._rows[pair_id]
        arm, status, model_digest, warm_up, _, failure, at = read_shape(row.shape).drawn[place]
        numbers = row.numbers[2 * (arm == Arm.CANDIDATE.value) :]
        return Render(
            id="",
            pair_id=pair_id,
            arm=Arm(arm),
            recipe=_recipe(model_digest),
            status=RenderStatus(status),
            warm_up=warm_up,
            latency_ms=numbers[0],
            gpu_seconds=numbers[1],
            failure=None if failure is None else Failure(error=failure[0], message=failure[1]),
            created_at=datetime.fromisoformat(row.moments.split()[at]),
        )

    def made_measurements(self, pair_id: str) -> tuple[Measurement, ...]:
        """What gates read of the measurements of a pair."""
        row = self._rows[pair_id]
        shape, moments = read_shape(row.shape), row.moments.split()
        case = self._cases[self._pairs[pair_id].case_digest]
        wanted = [line.text for line in case.expected_text]
        lines = {arm: iter(said if isinstance(said, list) else wanted) for arm, said in shape.lines.items()}
        return tuple(
            Measurement(
                pair_id=pair_id,
                check=check,
                metric=metric,
                arm=None if arm is None else Arm(arm),
                subject=next(lines[arm]) if (check, metric) == ("typography", "exact") and arm else subject,
                status=MeasurementStatus(status),
                value=_value(value, row.numbers),
                unit="",
                higher_is_better=None,
                reason=reason,
                version=version,
                raw={} if looks is None else {"looks": looks},
                created_at=datetime.fromisoformat(moments[at]),
            )
            for check, metric, arm, subject, status, value, version, reason, looks, at in shape.found
        )


@lru_cache(maxsize=4096)
def _places(shape: str, check: str, metric: str) -> tuple[Any, ...]:
    return tuple(one[5] for one in read_shape(shape).found if one[0] == check and one[1] == metric)


def _value(value: Any, numbers: Sequence[float | None]) -> float | None:
    return numbers[value[0]] if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _recipe(model_digest: str) -> Recipe:
    return Recipe(
        model="",
        model_digest=model_digest,
        backend="",
        prompt="",
        negative_prompt="",
        seed=0,
        width=0,
        height=0,
        num_inference_steps=0,
        guidance_scale=0.0,
        scheduler="",
        scheduler_config={},
        dtype="",
        device_class="",
    )


class _Arms(Mapping[Arm, Render]):
    """The renders of one pair."""

    def __init__(self, kept: KeptPairs, pair_id: str, shape: Shape) -> None:
        self._kept, self._pair_id = kept, pair_id
        self._places = {Arm(one[0]): place for place, one in enumerate(shape.drawn)}

    def __getitem__(self, arm: Arm) -> Render:
        return self._kept.made_render(self._pair_id, self._places[arm])

    def __iter__(self) -> Iterator[Arm]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _Renders(Mapping[str, Mapping[Arm, Render]]):
    def __init__(self, kept: KeptPairs) -> None:
        self._kept = kept

    def __getitem__(self, pair_id: str) -> Mapping[Arm, Render]:
        row = self._kept.row(pair_id)
        if row is None:
            raise KeyError(pair_id)
        return _Arms(self._kept, pair_id, read_shape(row.shape))

    def __iter__(self) -> Iterator[str]:
        return self._kept.ids()

    def __len__(self) -> int:
        return sum(1 for _ in self._kept.ids())


class _Measurements(Mapping[str, tuple[Measurement, ...]]):
    def __init__(self, kept: KeptPairs) -> None:
        self._kept = kept

    def __getitem__(self, pair_id: str) -> tuple[Measurement, ...]:
        if self._kept.row(pair_id) is None:
            raise KeyError(pair_id)
        return self._kept.made_measurements(pair_id)

    def __iter__(self) -> Iterator[str]:
        return self._kept.ids()

    def __len__(self) -> int:
        return sum(1 for _ in self._kept.ids())
