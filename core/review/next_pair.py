"""What a reviewer is asked next, and which arm is shown as A.

Mostly a unit that still waits for verdicts; now and then something that is shown to learn about reviewers
(overlap, gold, repeats, equals), which never counts as evidence: see :mod:`core.review.units`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from random import Random
from typing import Final, NamedTuple

from core.records import Arm, Evidence, Pair, Purpose, RenderStatus, VerdictAction, VerdictEvent
from core.review.units import UnitState, pairs_by_case, standing, units

REPEAT_AFTER: Final = 10
"""Verdicts between a pair and its hidden repeat, so that the first answer is not simply remembered."""


class Task(NamedTuple):
    """What a reviewer is asked next."""

    pair_id: str
    purpose: Purpose
    side_a: Arm | None
    """The arm to show as A; None: to be drawn."""


def next_task(evidence: Evidence, reviewer: str, now: datetime, *, held: Collection[str] = ()) -> Task | None:
    """What to show a reviewer next; None when there is nothing left for them.

    Mostly the first open unit that nobody else holds; now and then, unannounced, a pair for agreement or a
    control. Which turn is which follows from the stored seed, so it can be re-derived and not chosen.

    Args:
        held: pairs that another reviewer is looking at right now.
    """
    run = evidence.run
    mine = [e for e in evidence.verdicts if e.reviewer == reviewer and e.action is VerdictAction.CAST]
    judged = [e for e in standing(evidence.verdicts) if e.reviewer == reviewer]
    seen = {event.pair_id for event in judged if event.purpose in (Purpose.EVIDENCE, Purpose.OVERLAP)}
    draw = Random(f"{run.plan.order_seed}:{reviewer}:{len(mine)}")
    chance = draw.random()
    agreed = _overlap_task(evidence, reviewer, seen, now)
    if chance < run.plan.control_share and (control := _control_task(evidence, mine, draw)):
        return control
    if chance < run.plan.control_share + run.plan.overlap_share and agreed:
        return agreed
    return _evidence_task(evidence, seen, held, now) or agreed


def draw_side(baseline_first: int, candidate_first: int, chance: float) -> Arm:
    """The next arm to be A: a fair coin while both were A equally often, else the rarer one with 3 in 4.

    A strict alternation could be guessed by the reviewer; a plain coin drifts apart; and a candidate that is
    always on one side breaks every method of deciding. ``chance`` is uniform on [0, 1).
    """
    if baseline_first == candidate_first:
        return Arm.BASELINE if chance < 0.5 else Arm.CANDIDATE
    rarer = Arm.BASELINE if baseline_first < candidate_first else Arm.CANDIDATE
    return rarer if chance < 0.75 else rarer.other


def swapped_side(shown: Iterable[Arm | None]) -> Arm | None:
    """The arm to show as A after these verdicts on a unit: every second one sees the sides of the one before
    swapped, so that a pull to one side cancels out inside the unit. None: to be drawn.
    """
    sides = [side for side in shown if side is not None]
    return sides[-1].other if len(sides) % 2 else None


def _evidence_task(evidence: Evidence, seen: set[str], held: Collection[str], now: datetime) -> Task | None:
    pairs = pairs_by_case(evidence.pairs)
    for unit in units(evidence, now):
        turned = pairs[unit.case_digest][len(unit.votes) :] + pairs[unit.case_digest][: len(unit.votes)]
        free = [pair.id for pair in turned if _shown(evidence, pair) and pair.id not in seen]
        if unit.state is UnitState.OPEN and free and not set(held) & {pair.id for pair in turned}:
            return Task(free[0], Purpose.EVIDENCE, swapped_side(vote.side_a for vote in unit.votes))
    return None


def _overlap_task(evidence: Evidence, reviewer: str, seen: set[str], now: datetime) -> Task | None:
    """A pair that somebody else has judged, of a unit that is closed; one more reviewer each."""
    twice = {event.pair_id for event in evidence.verdicts if event.purpose is Purpose.OVERLAP}
    for unit in units(evidence, now):
        if unit.state is UnitState.CLOSED:
            for vote in unit.votes:
                if vote.reviewer != reviewer and vote.pair_id not in seen | twice:
                    return Task(vote.pair_id, Purpose.OVERLAP, None)
    return None


def _control_task(evidence: Evidence, mine: Sequence[VerdictEvent], draw: Random) -> Task | None:
    """A gold pair, a swapped repeat of an own verdict, or two equal pictures, as far as any are left."""
    done = {(event.purpose, event.pair_id) for event in mine}
    judged = [event for event in mine if event.purpose is Purpose.EVIDENCE]
    choices = [Task(pair, Purpose.GOLD, None) for pair in sorted(evidence.gold)]
    choices += [
        Task(event.pair_id, Purpose.REPEAT, event.side_a.other)
        for event in judged[:-REPEAT_AFTER]
        if event.side_a is not None
    ]
    choices += [Task(pair.id, Purpose.SAME, None) for pair in evidence.pairs if _shown(evidence, pair)]
    left = [task for task in choices if (task.purpose, task.pair_id) not in done]
    purposes = sorted({task.purpose for task in left})
    if not purposes:
        return None
    purpose = draw.choice(purposes)
    return draw.choice([task for task in left if task.purpose is purpose])


def _shown(evidence: Evidence, pair: Pair) -> bool:
    renders = evidence.renders.get(pair.id, {})
    return len(renders) == len(Arm) and all(r.status is RenderStatus.DONE for r in renders.values())
