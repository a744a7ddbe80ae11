"""Which pairs of a run drew the same picture although something else was asked for.

Two pictures are the same when their pixels are: equal digests of two renders. A fingerprint of 64 bits
(:mod:`core.checks.measures.blank`) is equal for pictures that share no more than where they are brighter,
such as two words on flat ground, so it never says *same*: within one case it says that seeds make little
difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from core.records import Arm, Measurement, Pair, Recipe, Render, RenderStatus

WORTH_TELLING = 0.2
"""Share of a run's pairs from which on pictures that look alike are told: a few of them are chance."""


def same_pixels(
    renders: Iterable[Render], measurements: Iterable[Measurement], *, arm: Arm
) -> list[tuple[str, ...]]:
    """Groups of pair ids whose pictures on one arm have the same pixels, largest first.

    What shows nothing is left out, for the check *blank* names it; so are pairs that ask for the same
    picture. Give it the latest render of each arm.
    """
    nothing = {m.pair_id for m in measurements if _is_emptiness(m, arm) and m.value == 1}
    groups: dict[str, list[Render]] = defaultdict(list)
    for render in renders:
        drawn = render.arm is arm and render.status is RenderStatus.DONE and render.pair_id not in nothing
        if drawn and render.digest is not None:
            groups[render.digest].append(render)
    return _largest_first(
        {render.pair_id for render in group}
        for group in groups.values()
        if len({_request(render.recipe) for render in group}) > 1
    )


def look_alikes(
    pairs: Sequence[Pair],
    measurements: Iterable[Measurement],
    *,
    arm: Arm,
    same: Collection[tuple[str, ...]] = (),
    of: int | None = None,
) -> list[tuple[str, ...]]:
    """Groups of pairs of one case whose pictures look alike whatever the seed, largest first.

    Empty below :data:`WORTH_TELLING`. ``same`` are the groups with equal pixels, which are told already;
    ``of`` is how many pairs the run has, where ``pairs`` are only those that can matter.
    """
    case_of = {pair.id: pair.case_digest for pair in pairs}
    groups: dict[object, set[str]] = defaultdict(set)
    for m in measurements:
        fingerprint = m.raw.get("fingerprint")
        if _is_emptiness(m, arm) and m.value == 0 and fingerprint is not None and m.pair_id in case_of:
            groups[case_of[m.pair_id], fingerprint].add(m.pair_id)
    told = [set(group) for group in same]
    alike = _largest_first(group for group in groups.values() if not any(group <= one for one in told))
    share = WORTH_TELLING * (len(case_of) if of is None else of)
    return alike if sum(map(len, alike)) > share else []


def _is_emptiness(measurement: Measurement, arm: Arm) -> bool:
    return (measurement.check, measurement.metric, measurement.arm) == ("blank", "empty", arm)


def _request(recipe: Recipe) -> tuple[object, ...]:
    """What was asked for: two equal ones should give equal pictures."""
    return recipe.prompt, recipe.negative_prompt, recipe.seed, recipe.width, recipe.height


def _largest_first(groups: Iterable[Collection[str]]) -> list[tuple[str, ...]]:
    several = [tuple(sorted(group)) for group in groups if len(group) > 1]
    return sorted(several, key=lambda group: (-len(group), group))
