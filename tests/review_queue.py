"""The review queue in memory: what the rules ask next, from events alone; the stored queue's oracle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from core.access.person import person_key
from core.records import (
    Arm,
    Evidence,
    Pair,
    Purpose,
    RenderStatus,
    UnitState,
    VerdictAction,
    VerdictEvent,
)
from core.review.next_pair import Choices, Task, repeatable, seeds_away, swapped_side, upcoming
from core.review.queue import may_come_back
from core.review.units import Unit, pairs_by_case, review_order, standing, units


def next_task(evidence: Evidence, reviewer: str, now: datetime, *, held: Collection[str] = ()) -> Task | None:
    """What to show a reviewer next; None when there is nothing left for them.

    Args:
        held: pairs that another reviewer is looking at right now.
    """
    tasks = next_tasks(evidence, reviewer, now, limit=1, held=held)
    return tasks[0] if tasks else None


def next_tasks(
    evidence: Evidence,
    reviewer: str,
    now: datetime,
    *,
    limit: int,
    held: Collection[str] = (),
    named: Collection[str] = (),
    put_off: Collection[str] = (),
    lost: Collection[str] = (),
) -> list[Task]:
    """The next tasks of a reviewer by the rules; ``named``: pairs of which a name was shown to them,
    ``lost``: pairs of which a picture is missing.
    """
    desk = EvidenceDesk(evidence, reviewer, now, held=held, named=named, put_off=put_off, lost=lost)
    return upcoming(desk, evidence.run.plan, reviewer, limit=limit)


class EvidenceDesk:
    """A :class:`core.review.next_pair.Desk` that looks through all events at each question."""

    def __init__(
        self,
        evidence: Evidence,
        reviewer: str,
        now: datetime,
        *,
        held: Collection[str],
        named: Collection[str],
        put_off: Collection[str],
        lost: Collection[str] = (),
    ) -> None:
        self.evidence, self.person = evidence, person_key(reviewer)
        self.held, self.named, self.put_off = held, named, put_off
        self.lost = lost
        self.units, self.pairs = units(evidence, now), pairs_by_case(evidence.pairs)
        cast = [event for event in evidence.verdicts if event.action is VerdictAction.CAST]
        self.cast = cast
        self.mine = [event for event in cast if person_key(event.reviewer) == self.person]
        self.judged = {
            event.pair_id
            for event in standing(evidence.verdicts)
            if person_key(event.reviewer) == self.person and event.purpose.is_judgement
        }

    def turns(self) -> int:
        return len(self.mine)

    def open_units(self, limit: int) -> list[Task]:
        tasks = [self.task_of(unit) for unit in self.units if unit.state is UnitState.OPEN]
        return [task for task in tasks if task is not None][:limit]

    def task_of(self, unit: Unit) -> Task | None:
        pairs = self.pairs[unit.case_digest]
        free = [(place, pair) for place, pair in enumerate(pairs) if self.can_be_asked(pair)]
        if not free or set(self.held) & {pair.id for pair in pairs}:
            return None
        seeds, votes = len(pairs), len(unit.votes)
        _, nearest = min(free, key=lambda one: seeds_away(one[0], votes=votes, seeds=seeds))
        return Task(nearest.id, side_a=swapped_side(vote.side_a for vote in unit.votes))

    def second_opinions(self, limit: int) -> list[Task]:
        twice = {event.pair_id for event in self.cast if event.purpose.is_for_agreement}
        pairs = {pair.id: pair for pair in self.evidence.pairs}
        found: list[tuple[int, int, str]] = []
        for place, unit in enumerate(self.units):
            if unit.state is not UnitState.CLOSED:
                continue
            own = {vote.pair_id for vote in unit.votes if person_key(vote.reviewer) == self.person}
            for vote in unit.votes:
                pair = pairs[vote.pair_id]
                if pair.id not in own | twice and self.can_be_asked(pair):
                    found.append((place, pair.position, pair.id))
        return [Task(pair_id, Purpose.OVERLAP) for *_, pair_id in sorted(set(found))][:limit]

    def controls(self) -> Sequence[Choices]:
        here = {pair.id for pair in self.evidence.pairs}
        judged = [event for event in self.mine if may_come_back(event) and event.pair_id in here]
        repeats = [
            Task(event.pair_id, Purpose.REPEAT, event.side_a.other)
            for event in judged[: repeatable(len(judged))]
            if event.side_a is not None
        ]
        places = {
            case: place
            for place, case in enumerate(review_order(self.pairs, self.evidence.run.plan.order_seed))
        }
        ready = sorted(
            (pair for pair in self.evidence.pairs if self.is_drawn(pair)),
            key=lambda pair: (places[pair.case_digest], pair.position),
        )
        return [
            self.choices(Purpose.GOLD, [Task(pair, Purpose.GOLD) for pair in sorted(self.evidence.gold)]),
            self.choices(Purpose.REPEAT, repeats),
            self.choices(Purpose.SAME, [Task(pair.id, Purpose.SAME) for pair in ready]),
        ]

    def choices(self, purpose: Purpose, tasks: list[Task]) -> Choices:
        had = {event.pair_id for event in self.mine if event.purpose is purpose} | set(self.put_off)
        left = [task for task in tasks if task.pair_id not in had | set(self.lost)]
        return Choices(purpose, len(left), left.__getitem__)

    def can_be_asked(self, pair: Pair) -> bool:
        seen = {*self.judged, *self.named, *self.put_off}
        return self.is_drawn(pair) and pair.id not in seen

    def is_drawn(self, pair: Pair) -> bool:
        renders = {} if pair.id in self.lost else self.evidence.renders.get(pair.id, {})
        return len(renders) == len(Arm) and all(r.status is RenderStatus.DONE for r in renders.values())


def without_kept_units(evidence: Evidence) -> Evidence:
    """The same evidence, of which the state of the units has to be folded from the events."""
    from dataclasses import replace

    return replace(evidence, units=None)


def events_of(evidence: Evidence) -> list[VerdictEvent]:
    """The events of the run's own pairs."""
    here = {pair.id for pair in evidence.pairs}
    return [event for event in evidence.verdicts if event.pair_id in here]
