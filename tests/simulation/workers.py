"""Workers of the simulated world: they claim, draw tiny pictures, finish, renew, and die with jobs in hand.

The real loop is not run, for it loads models; what it does to the store is: the same calls in the same order.
"""

from __future__ import annotations

import random

from core.records import Arm
from tests.simulation.processes import Process, claim, renew
from tests.simulation.told import Told
from tests.world import finish


def claims(worker: Process, told: Told, chance: random.Random) -> str:
    """Take some jobs."""
    jobs = claim(worker, chance.choice([1, 2, 4]))
    worker.jobs += jobs
    told.claimed += [(job, worker.name, worker.true_time()) for job in jobs]
    return f"{len(jobs)} jobs"


def draws(worker: Process, told: Told, chance: random.Random, *, failures: float = 1 / 12) -> str:
    """Draw the next of them on both arms and say so; this share fails on an arm."""
    if not worker.jobs:
        claims(worker, told, chance)
    if not worker.jobs:
        return "nothing to draw"
    failing = chance.choice(list(Arm)) if chance.random() < failures else None
    job = worker.jobs[0]
    taken = finish(worker.store, job, worker.now, worker=worker.name, failing=failing)
    worker.jobs.pop(0)
    if taken:
        told.finished[job.id] = worker.name
    return f"taken {taken}{f', {failing} failed' if failing else ''}"


def renews(worker: Process, told: Told, chance: random.Random) -> str:
    """Extend the leases, and let go of what was lost."""
    worker.jobs = [job for job in worker.jobs if renew(worker, job)]
    return f"{len(worker.jobs)} held"


def releases(worker: Process, told: Told, chance: random.Random) -> str:
    """Put everything back, as a worker that is asked to stop."""
    while worker.jobs:
        worker.store.jobs.release(worker.jobs[0].id, worker.name)
        worker.jobs.pop(0)
    return "released"


def ends(worker: Process, told: Told, chance: random.Random) -> str:
    """Killed between two actions."""
    worker.end()
    return "killed"
