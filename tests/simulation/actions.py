"""What can happen next in a simulated world, and how likely each of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.access.person import person_key
from tests.simulation import workers
from tests.simulation.leads import Lead
from tests.simulation.processes import Process
from tests.simulation.reviewers import Reviewer

if TYPE_CHECKING:
    from tests.simulation.world import SimulatedWorld

Doing = tuple[float, Callable[..., str]]
"""Its weight before taste, and what is done."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """What somebody may do next."""

    who: str
    what: str
    process: Process
    do: Callable[[], str]
    weight: float


def possible_actions(world: SimulatedWorld, taste: dict[str, float]) -> list[Action]:
    """What may happen next; each history has its own taste: what is rare in most is common in some.

    Args:
        taste: how much each kind is liked; kinds that were never seen are added.
    """
    chance, run = world.chance, world.chance.choice(world.runs)
    app, command, machine = world.app, world.command, world.machine
    found = [(one.name, app, doing, (app, chance)) for one in world.reviewers for doing in _of(one, world)]
    found += [("disk", machine, doing, (chance,)) for doing in _of_the_disk(world)]
    for worker in world.workers:
        words = (worker, world.told, chance)
        found += [(worker.name, worker, doing, words) for doing in _of_a_worker(worker, world)]
    for lead in world.leads:
        doings = _of_a_lead(lead, run, world)
        found += [(lead.name, command, doing, (command, run, chance)) for doing in doings]
    if len(world.runs) == 1:
        found.append(("lea", command, (0.5, world.another_run), ()))
    for _, _, (_, do), _ in found:
        if do.__name__ not in taste:
            taste[do.__name__] = chance.choice([0.2, 1, 1, 3])
    return [
        Action(
            who=who,
            what=do.__name__,
            process=process,
            do=partial(do, *about),
            weight=weight * taste[do.__name__],
        )
        for who, process, (weight, do), about in found
    ]


def _of(reviewer: Reviewer, world: SimulatedWorld) -> Iterator[Doing]:
    yield 0.7, reviewer.ask
    yield 8 if reviewer.table or _left_to_judge(reviewer, world) else 0, reviewer.judge
    yield 4 if reviewer.outbox else 0, reviewer.send
    yield 1.2 if reviewer.sent else 0, reviewer.undo
    yield 0.4 if reviewer.sent else 0, reviewer.reveal
    yield 0.3 if reviewer.table else 0, reviewer.put_off


def _of_the_disk(world: SimulatedWorld) -> Iterator[Doing]:
    yield 0.6, world.disk.loses
    yield 0.6, world.disk.damages
    yield 1 if world.disk.harmed else 0, world.disk.gives_back


def _of_a_worker(worker: Process, world: SimulatedWorld) -> Iterator[Doing]:
    work = any(job["state"] in ("queued", "running") for job in world.before.jobs.values())
    yield 1 if work else 0.1, workers.claims
    yield 15 if work else 0.1, workers.draws
    yield 1 if worker.jobs else 0, workers.renews
    yield 0.3 if worker.jobs else 0, workers.releases
    yield 0.3 if worker.jobs else 0, workers.ends


def _of_a_lead(lead: Lead, run: str, world: SimulatedWorld) -> Iterator[Doing]:
    failed = any(job["state"] == "failed" for job in world.before.jobs.values())
    yield 3.5, lead.looks
    yield 2 if lead.may_start(run) else 0, lead.starts
    yield 12 if lead.may_sign(run) else 0.2, lead.signs
    yield 0.5 if world.before.logs["verdicts"] else 0, lead.labels
    yield 0.4 if world.told.labels else 0, lead.relabels
    yield 0.4 if world.told.labels else 0, lead.freezes
    yield 0.4 if failed else 0, lead.retries


def _left_to_judge(reviewer: Reviewer, world: SimulatedWorld) -> bool:
    """Whether a pair can be shown that this person has not judged."""
    person, standing = person_key(reviewer.name), world.before.queue["standing_verdicts"]
    judged = {row["pair_id"] for row in standing if row["reviewer"] == person}
    return any(pair["ready"] and pair_id not in judged for pair_id, pair in world.before.pairs.items())
