"""Queue items as the blind page may know them: sides A and B by digest, never an arm or a model.

Which pairs come, and in what order, is decided in :mod:`db.desk` (the next tasks of a run) and in
:mod:`db.filters` (everything that fits a filter).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.errors import InvalidRequest
from core.records import Arm, Case, Handout, QueueItem, Render, ReviewFilter, Run, Shown
from core.review.next_pair import Task, upcoming
from db import tables
from db.desk import ReviewerQueue
from db.filters import fitting_pairs, known_pairs
from db.handouts import Handouts
from db.renders import renders_of
from db.rows import all_as, first_as, select_as

MOST_ITEMS = 500
"""How many pairs one call may hand out."""


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
    rows = connection.execute(fitting_pairs(wanted, reviewer).limit(limit).offset(offset))
    return [Task(row.id) for row in rows]


def blind_items(
    connection: Connection, reviewer: str, wanted: Sequence[Task], handouts: Handouts
) -> list[QueueItem]:
    """The items of some tasks, in their order."""
    ids = {one.pair_id for one in wanted}
    asked = known_pairs(reviewer).where(tables.pairs.c.id.in_(ids))  # a picture may be missing since
    rows = {row.id: row for row in connection.execute(asked)}
    cases = _cases(connection, {row.case_digest for row in rows.values()})
    renders = renders_of(connection, ids)
    return [
        _item(
            rows[one.pair_id], cases[rows[one.pair_id].case_digest], renders[one.pair_id], handouts[one.place]
        )
        for one in wanted
    ]


def _cases(connection: Connection, digests: Iterable[str]) -> dict[str, Case]:
    statement = select_as(Case, tables.cases).where(tables.cases.c.digest.in_(digests))
    return {case.digest: case for case in all_as(connection, Case, statement)}


def _item(row: Any, case: Case, renders: dict[Arm, Render], handout: Handout) -> QueueItem:
    arm_b = handout.side_a if handout.purpose.shows_one_picture_twice else handout.side_a.other
    return QueueItem(
        task=handout.task,
        pair_id=row.id,
        run_id=row.run_id,
        place=row.review_rank + 1,
        prompt=case.prompt,
        tags=case.tags,
        expected_text=case.expected_text,
        a=_shown(renders[handout.side_a]),
        b=_shown(renders[arm_b]),
        skipped=bool(row.skipped),
        outcome=row.outcome if handout.purpose.is_judgement else None,
    )


def _shown(render: Render) -> Shown:
    return Shown(
        digest=render.digest or "",
        width=render.width or 0,
        height=render.height or 0,
        mode=render.mode or "",
    )
