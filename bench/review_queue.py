"""The review queue with few and with many verdicts: the next 24 tasks, the desk's counts, one vote.

Beside it what a script over the stored events would do: read them all and let the rules look through them.
CPU time of this process; on PostgreSQL (``SIDEGRADE_DATABASE_URL``) that of the server is not in it, so wall
time stands beside.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection

from core.access.person import person_key
from core.config.settings import Settings
from core.records import (
    Arm,
    Case,
    Outcome,
    Pair,
    Purpose,
    ReviewFilter,
    ReviewPlan,
    Run,
    Suite,
    VerdictEvent,
)
from core.review.next_pair import Task, upcoming
from core.review.queue import ReviewQueue, may_come_back
from db import tables
from db.desk import ReviewerQueue
from db.queue_rows import folded, replaced
from db.rows import insert, row_of
from db.store import Store
from tests.review_queue import next_tasks
from tests.world import request_run, verdict

NOW: Final = datetime(2026, 3, 3, 14, tzinfo=UTC)
REVIEWERS: Final = tuple(f"reviewer-{number}" for number in range(10))
SIZES: Final = ((4_000, 10_000), (40_000, 100_000))
"""Pairs of the run, verdicts on them."""
TASKS: Final = 24
TIMES: Final = 7
CONTROLS: Final = (Purpose.SAME, Purpose.REPEAT)


class Cost(NamedTuple):
    """Median milliseconds of some repetitions."""

    cpu_ms: float
    wall_ms: float


def main() -> None:
    """Print the table."""
    print("| pairs | verdicts | what | CPU ms | wall ms |\n|---|---|---|---|---|")
    for pairs, verdicts in SIZES:
        with tempfile.TemporaryDirectory() as home:
            settings = Settings.from_env(os.environ, home=Path(home))
            with Store.open(settings) as store:
                for what, cost in measured(store, pairs, verdicts):
                    print(
                        f"| {pairs:,} | {verdicts:,} | {what} | {cost.cpu_ms:.1f} | {cost.wall_ms:.1f} |",
                        flush=True,
                    )


def measured(store: Store, pairs: int, verdicts: int) -> Iterator[tuple[str, Cost]]:
    """Each thing that is asked, with what it costs."""
    run = filled(store, pairs, verdicts)
    wanted, me = ReviewFilter(run_id=run.id), REVIEWERS[0]
    moments = (NOW + timedelta(hours=hour) for hour in range(1, 10_000))
    reviews = store.reviews

    yield f"next {TASKS} tasks", timed(lambda: chosen(store, run, me, next(moments)))
    yield (
        "the same, handed out as blind items",
        timed(lambda: reviews.queue(me, wanted, TASKS, now=next(moments), controls=True)),
    )
    fresh = (f"newcomer-{number}" for number in range(10_000))
    yield (
        "the same for a newcomer, whose sides are drawn",
        timed(lambda: reviews.queue(next(fresh), wanted, TASKS, now=next(moments), controls=True)),
    )
    yield "counts of every filter", timed(lambda: reviews.counts(me, run.id))
    yield "one vote", timed(lambda: vote(store, run, me, next(moments)))
    yield "the same tasks by all events", timed(lambda: by_all_events(store, run, me, next(moments)), times=1)


def timed(work: Callable[[], object], *, times: int = TIMES) -> Cost:
    """Median cost, after one repetition that warms up."""
    if times > 1:
        work()
    costs = []
    for _ in range(times):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        costs.append((time.process_time() - cpu, time.perf_counter() - wall))
    return Cost(*(1000 * median(column) for column in zip(*costs, strict=True)))


def chosen(store: Store, run: Run, reviewer: str, moment: datetime) -> list[Task]:
    """What comes next for a reviewer; nothing is handed out."""
    with store._database.read() as connection:
        desk = ReviewerQueue(connection, run, reviewer, moment)
        return upcoming(desk, run.plan, reviewer, limit=TASKS)


def vote(store: Store, run: Run, reviewer: str, moment: datetime) -> None:
    """Judge the next item as the desk does."""
    (item,) = store.reviews.queue(reviewer, ReviewFilter(run_id=run.id), 1, now=moment)
    handout = store.reviews.handout(item.task, reviewer)
    words = {"uuid": uuid4().hex, "purpose": handout.purpose, "side_a": handout.side_a}
    store.reviews.record(verdict(store.pairs.get(item.pair_id), reviewer, Outcome.TIE, moment, **words))


def by_all_events(store: Store, run: Run, reviewer: str, moment: datetime) -> None:
    """What a script would do that knows the events alone."""
    evidence = replace(store.evidence(run.id, checks=()), units=None)
    next_tasks(evidence, reviewer, moment, limit=TASKS)


def filled(store: Store, pairs: int, verdicts: int) -> Run:
    """A run whose pairs are drawn, three quarters of them judged, with second opinions and controls."""
    cases = tuple(
        Case(
            name=f"case-{number:05}", prompt=f"poster {number}", width=16, height=16, tags=("poster", "small")
        )
        for number in range(pairs)
    )
    plan = ReviewPlan(max_units=pairs)
    run: Run = request_run(store, NOW, suite=Suite(name="large", cases=cases), seeds=(1,), plan=plan)
    with store._database.write() as connection:
        insert(connection, tables.renders, renders_of(store.pairs.of_run(run.id)))
        connection.execute(tables.pairs.update().values(ready=True))
        connection.execute(tables.jobs.update().values(state="done"))
        queue = folded(connection)
        insert(connection, tables.verdicts, judged(queue, connection, verdicts))
        replaced(connection, queue)
    return run


def renders_of(pairs: list[Pair]) -> Iterator[dict[str, Any]]:
    """Two finished renders of each pair, without files."""
    from core.records import Render, RenderStatus
    from tests.world import recipe

    for pair in pairs:
        case = Case(name=pair.case_name, prompt="poster", width=16, height=16)
        for arm in Arm:
            render = Render(
                id=f"render-{pair.id}-{arm}",
                pair_id=pair.id,
                arm=arm,
                recipe=recipe(case, pair.seed, arm),
                status=RenderStatus.DONE,
                digest=uuid4().hex * 2,
                mode="RGBA",
                width=16,
                height=16,
                created_at=NOW,
            )
            yield row_of(render, recipe_digest=f"recipe-{arm}")


def judged(queue: ReviewQueue, connection: Connection, verdicts: int) -> Iterator[dict[str, Any]]:
    """Verdict rows, taken in by the queue one by one: judgements in order, controls, second opinions."""
    chance = random.Random(0)
    units = sorted(queue.units.values(), key=lambda unit: unit.place)
    pair_of = {(pair.run_id, pair.case_digest): pair.pair_id for pair in queue.pairs.values()}
    ids = [pair_of[unit.run_id, unit.case_digest] for unit in units]
    first = ids[: len(ids) * 3 // 4]
    asked = [(pair_id, Purpose.EVIDENCE) for pair_id in first]
    asked += [(pair_id, chance.choice(CONTROLS)) for pair_id in chance.sample(ids, verdicts // 10)]
    asked += [(chance.choice(first[::2]), Purpose.EVIDENCE) for _ in range(2 * verdicts)]
    taken = 0
    for pair_id, purpose in asked:
        if taken == verdicts:
            return
        pair = queue.pairs[pair_id]
        event = queue.take(cast(pair_id, purpose, chance), taken + 1)
        if event is not None:
            taken += 1
            person = person_key(event.reviewer)
            nth = queue.desks[pair.run_id, person].judged if may_come_back(event) else None
            yield row_of(event, ordinal=taken, run_id=pair.run_id, person=person, nth=nth)


def cast(pair_id: str, purpose: Purpose, chance: random.Random) -> VerdictEvent:
    """A verdict of some reviewer."""
    from core.records import VerdictAction

    return VerdictEvent(
        uuid=uuid4().hex,
        action=VerdictAction.CAST,
        pair_id=pair_id,
        reviewer=chance.choice(REVIEWERS),
        outcome=chance.choice([Outcome.BASELINE, Outcome.CANDIDATE, Outcome.TIE]),
        side_a=chance.choice(list(Arm)),
        purpose=purpose,
        created_at=NOW + timedelta(seconds=1),
    )


if __name__ == "__main__":
    main()
