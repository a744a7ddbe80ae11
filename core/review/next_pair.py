"""What a reviewer is asked next in one run, and which arm is shown as A.

Mostly a unit that still waits for verdicts; now and then something that is shown to learn about reviewers
(a second opinion, pairs with a known answer, repeats, equals), which never counts as evidence. Which turn is
which follows from the stored seed, so it can be re-derived and not chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Final, NamedTuple, Protocol

from core.records import Arm, Purpose, ReviewPlan

REPEAT_AFTER: Final = 10
"""Verdicts between a pair and its hidden repeat, so that the first answer is not simply remembered."""


class Task(NamedTuple):
    """What a reviewer is asked."""

    pair_id: str
    purpose: Purpose = Purpose.EVIDENCE
    side_a: Arm | None = None
    """The arm to show as A; None: to be drawn."""

    @property
    def place(self) -> tuple[str, str]:
        """Pair and slot: a reviewer has at most one handout for each."""
        return self.pair_id, self.purpose.slot


class Choices:
    """Hidden controls of one purpose that a reviewer may be given, numbered: none is read unless drawn.

    Args:
        count: how many there are, taken ones included.
        task: the one of a number, from 0.
        taken: the numbers of those that the reviewer has had.
    """

    def __init__(
        self, purpose: Purpose, count: int, task: Callable[[int], Task], taken: Iterable[int] = ()
    ) -> None:
        self.purpose, self._count, self._task = purpose, count, task
        self._taken = {number for number in taken if number < count}

    def __len__(self) -> int:
        return self._count - len(self._taken)

    def draw(self, draw: Random) -> Task:
        """One that was not taken, all equally likely; it is taken from now on."""
        number = draw.randrange(len(self))
        for taken in sorted(self._taken):
            number += taken <= number
        self._taken.add(number)
        return self._task(number)


class Desk(Protocol):
    """What the queue holds for one reviewer in one run."""

    def turns(self) -> int:
        """How many verdicts the reviewer has ever cast here; those with a known answer count wherever."""
        ...

    def open_units(self, limit: int) -> list[Task]:
        """One pair of each open unit that no other reviewer is looking at, in the order of review."""
        ...

    def second_opinions(self, limit: int) -> list[Task]:
        """Pairs of closed units that others have judged and no one a second time, in the order of review."""
        ...

    def controls(self) -> Sequence[Choices]:
        """The hidden controls that are left, by purpose; empty ones left out."""
        ...


def upcoming(desk: Desk, plan: ReviewPlan, reviewer: str, *, limit: int, controls: bool = True) -> list[Task]:
    """Up to ``limit`` tasks: open units in the order of review, now and then agreement or a control.

    Controls go with other work: without any no reviewer is kept for them alone.
    """
    waiting, seconds = desk.open_units(limit), desk.second_opinions(limit)
    hidden: Sequence[Choices] | None = None if controls else ()
    tasks: list[Task] = []
    first = desk.turns() if waiting or seconds else 0
    for turn in range(first, first + limit):
        draw = Random(f"{plan.order_seed}:{reviewer}:{turn}")
        chance = draw.random()
        if not waiting and not seconds:
            break
        if chance < plan.control_share and hidden is None:
            hidden = desk.controls()
        if chance < plan.control_share and any(hidden or ()):
            tasks.append(_drawn(hidden or (), draw))
        elif seconds and chance < plan.control_share + plan.overlap_share:
            tasks.append(seconds.pop(0))
        else:
            tasks.append((waiting or seconds).pop(0))
    return tasks


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


def seeds_away(seed_place: int, *, votes: int, seeds: int) -> int:
    """How far a unit's pair is from the one whose turn it is: verdicts on a unit go round its seeds.

    Args:
        seed_place: the pair's place among the seeds of its unit, from 0.

    >>> [seeds_away(place, votes=1, seeds=3) for place in range(3)]
    [2, 0, 1]
    """
    return (seed_place - min(votes, seeds)) % seeds


def repeatable(judged: int) -> int:
    """How many of a reviewer's judgements are old enough for a hidden repeat."""
    return max(0, judged - REPEAT_AFTER)


def _drawn(hidden: Sequence[Choices], draw: Random) -> Task:
    """Take one: first the kind of control, so that the many equals do not crowd out the others."""
    left = {choices.purpose: choices for choices in hidden if len(choices)}
    return left[draw.choice(sorted(left))].draw(draw)
