"""Queue items as the blind page may know them: sides A and B by digest, never an arm or a model.

Which pairs come, and in what order, is decided in :mod:`db.desk` (the next tasks of a run) and in
:mod:`db.filters` (everything that fits a filter).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.errors import InvalidRequest
from core.records import Arm, Case, Handout, QueueItem, ReviewFilter, Run, Shown
from core.review.next_pair import Task, upcoming
from db import tables
from db.desk import ReviewerQueue
from db.filters import KNOWN_PAIRS, fitting_pairs
from db.handouts import Handouts
from db.rows import first_as, select_as
from db.suites import cases_of

MOST_ITEMS = 500
"""How many pairs one call may hand out."""
_PICTURES = select(
    *(tables.renders.c[name] for name in ("pair_id", "arm", "digest", "width", "height", "mode"))
).order_by(tables.renders.c.ordinal)


def next_tasks(
    connection: Connection, reviewer: str, wanted: ReviewFilter, limit: int, now: datetime, *, controls: bool
) -> list[Task]:
    """What to hand out next: by the rules of collection in the open queue of a run, else what fits."""
    tasks: list[Task] = []
    if wanted.run_id is not None and wanted == ReviewFilter(run_id=wanted.run_id):
        of_id = select_as(Run, tables.runs).where(tables.runs.c.id == wanted.run_id)
        run = first_as(connection, Run, of_id)
        if run is not None:
            desk = ReviewerQueue(connection, run, reviewer, now)
            tasks = upcoming(desk, run.plan, reviewer, limit=limit, controls=controls)
    if len(tasks) == limit:
        return tasks
    taken = {task.pair_id for task in tasks}
    rest = page_of(connection, reviewer, wanted, limit + len(taken), 0)
    return [*tasks, *(one for one in rest if one.pair_id not in taken)][:limit]


def check_page(limit: int, offset: int) -> None:
    """Refuse a page that is too large or begins nowhere.

    Raises:
        InvalidRequest: ``limit`` is not 1–500 or ``offset`` is negative.
    """
    if not 1 <= limit <= MOST_ITEMS or offset < 0:
        raise InvalidRequest(
            f"queue: expected limit 1–{MOST_ITEMS} and offset from 0, got {limit} and {offset}"
        )


def page_of(
    connection: Connection, reviewer: str, wanted: ReviewFilter, limit: int, offset: int
) -> list[Task]:
    """A page of everything that fits the filter, in the order of review."""
    has_put_off = select(tables.skips.c.ordinal).where(tables.skips.c.reviewer == reviewer).limit(1)
    put_off = connection.scalar(has_put_off) is not None
    fitting = fitting_pairs(wanted, reviewer, put_off=put_off)
    rows = connection.execute(fitting.limit(limit).offset(offset))
    return [Task(row.id) for row in rows]


def blind_items(
    connection: Connection, reviewer: str, wanted: Sequence[Task], handouts: Handouts
) -> list[QueueItem]:
    """The items of some tasks, in their order."""
    ids = {one.pair_id for one in wanted}
    asked = KNOWN_PAIRS.where(tables.pairs.c.id.in_(ids))  # a picture may be missing since
    rows = {row.id: row for row in connection.execute(asked, {"person": reviewer})}
    cases = cases_of(connection, {row.case_digest for row in rows.values()})
    shown = _shown(connection, ids)
    return [
        _item(
            rows[one.pair_id], cases[rows[one.pair_id].case_digest], shown[one.pair_id], handouts[one.place]
        )
        for one in wanted
    ]


def _item(row: Any, case: Case, shown: Mapping[Arm, Shown], handout: Handout) -> QueueItem:
    arm_b = handout.side_a if handout.purpose.shows_one_picture_twice else handout.side_a.other
    return QueueItem(
        task=handout.task,
        pair_id=row.id,
        run_id=row.run_id,
        place=row.review_rank + 1,
        prompt=case.prompt,
        tags=case.tags,
        expected_text=case.expected_text,
        a=shown[handout.side_a],
        b=shown[arm_b],
        skipped=bool(row.skipped),
        outcome=row.outcome if handout.purpose.is_judgement else None,
    )


def _shown(connection: Connection, pair_ids: Collection[str]) -> dict[str, dict[Arm, Shown]]:
    """The latest picture of each arm of some pairs, without the recipes: they take most of the time."""
    shown: defaultdict[str, dict[Arm, Shown]] = defaultdict(dict)
    drawn = _PICTURES.where(tables.renders.c.pair_id.in_(pair_ids))
    for pair_id, arm, digest, width, height, mode in connection.execute(drawn).all():
        shown[pair_id][arm] = Shown(
            digest=digest or "", width=width or 0, height=height or 0, mode=mode or ""
        )
    return shown
