"""The review desk as its callers see it: what to judge next, what was said, and how much there is.

Long: everything that a caller may ask of review stands in one class.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from core.access.person import person_key
from core.errors import UnknownName
from core.records import (
    Arm,
    Handout,
    Purpose,
    QueueCounts,
    QueueItem,
    RenderStatus,
    ReviewFilter,
    VerdictAction,
    VerdictEvent,
)
from core.records.reviews import JUDGED
from core.review.next_pair import Task
from db import tables
from db.counts import count_all, count_fitting
from db.database import Database
from db.filters import KNOWN_PAIRS
from db.handouts import hand_out, handed_out, handout_of, known_handouts
from db.names_shown import LEAVE_IT, keep_named, not_named_yet, were_names_shown, where_named
from db.queue import blind_items, check_page, next_tasks, page_of
from db.renders import renders_of
from db.rows import all_as, first_as, insert
from db.verdicts import EVENTS, check_event, standing_events, store_event

_STANDING = tables.standing_verdicts
A_JUDGEMENT = Purpose.of_slot(JUDGED)
"""What a pair is shown for where nothing else is asked."""


class Reviews:
    """What reviewers are asked and what they said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def side_a(self, pair_id: str, reviewer: str, now: datetime) -> Arm:
        """The arm this reviewer sees as A on this pair: drawn once at random, balanced, and kept."""
        task = Task(pair_id)
        return handed_out(self._database, [task], person_key(reviewer), now)[task.place].side_a

    def handout(self, task: str, reviewer: str) -> Handout:
        """What a task of this reviewer stands for: the pair, what the verdict is for, and which arm is A.

        Raises:
            UnknownName: this reviewer was never handed such a task.
        """
        with self._database.read() as connection:
            handout = handout_of(connection, task, person_key(reviewer))
        if handout is None:
            raise UnknownName.of(f"task of {reviewer}", task, [])
        return handout

    def has_event(self, uuid: str) -> bool:
        """Whether a verdict or an undo with this uuid is stored."""
        known = select(tables.verdicts.c.ordinal).where(tables.verdicts.c.uuid == uuid)
        with self._database.read() as connection:
            return connection.execute(known).first() is not None

    def record(self, event: VerdictEvent) -> bool:
        """Whether a verdict was stored: see :meth:`take`."""
        return self.take(event) is not None

    def take(self, event: VerdictEvent) -> VerdictEvent | None:
        """Store a cast verdict, or an undo, that arrived from anywhere; gives it as it was stored.

        A judgement of a unit that is closed already is stored as a second opinion. None, with nothing
        doubled, when the uuid is known, when a verdict of this reviewer stands on the pair already, or when
        the verdict to undo does not stand any more. A time that is still to come by the database's clock is
        stored as the present one, so that no clock ahead puts a verdict behind the deadline.

        Raises:
            UnknownName: there is no such pair.
            InvalidRequest: a cast without outcome, or an undo without the verdict it takes back.
            DecisionRefused: the reviewer has seen which model drew a picture of this pair, in whatever run.
        """
        check_event(event)
        with self._database.write() as connection:
            dated = self._database.dated(connection, event.created_at)
            return store_event(connection, replace(event, created_at=dated))

    def undo(self, uuid: str, verdict_uuid: str, reviewer: str, now: datetime) -> bool:
        """Take back one's own standing verdict by a new event; False when it does not stand any more.

        Raises:
            UnknownName: no such verdict of this reviewer.
            DecisionRefused: names were shown for it.
        """
        mine = (tables.verdicts.c.uuid == verdict_uuid) & (tables.verdicts.c.person == person_key(reviewer))
        with self._database.read() as connection:
            verdict = first_as(connection, VerdictEvent, EVENTS.where(mine))
        if verdict is None:
            raise UnknownName.of(f"verdict of {reviewer}", verdict_uuid, [])
        undo = VerdictEvent(
            uuid=uuid,
            action=VerdictAction.UNDO,
            pair_id=verdict.pair_id,
            reviewer=reviewer,
            purpose=verdict.purpose,
            undoes=verdict_uuid,
            created_at=now,
        )
        return self.record(undo)

    def show_names(self, pair_ids: str | Collection[str], reviewer: str, now: datetime) -> None:
        """Keep that this reviewer knows from now on which model drew each picture of some pairs.

        Every page, route and command that names a model, or tells a fault of one arm, comes here first.
        From then on the reviewer's verdict is refused on every pair, of whatever run, that holds one of these
        pictures, and the queue leaves those pairs out.
        """
        pairs = [pair_ids] if isinstance(pair_ids, str) else list(pair_ids)
        with self._database.read() as connection:
            if not not_named_yet(connection, pairs, reviewer):
                return
        with self._database.write() as connection:
            keep_named(connection, reviewer, not_named_yet(connection, pairs, reviewer), now)

    def show_golden_names(self, digests: Collection[str], reviewer: str, now: datetime) -> None:
        """The same for pictures that an export of the golden set gives away with their recipes."""
        with self._database.write() as connection:
            keep_named(connection, reviewer, dict.fromkeys(digests), now)

    def names_shown(self, pair_id: str, reviewer: str) -> bool:
        """Whether this reviewer has seen the name of a picture of a pair, in whatever run."""
        with self._database.read() as connection:
            return were_names_shown(connection, pair_id, reviewer)

    def objection(self, pair_id: str, reviewer: str) -> str | None:
        """Why a judgement of the pair would be refused, and what to do; None while it would be blind."""
        with self._database.read() as connection:
            if not were_names_shown(connection, pair_id, reviewer):
                return None
            return f"{where_named(connection, pair_id, reviewer)}: {LEAVE_IT}"

    def skip(self, pair_id: str, reviewer: str, now: datetime) -> None:
        """Put a pair off: it comes back after all others."""
        with self._database.write() as connection:
            row = {"pair_id": pair_id, "reviewer": person_key(reviewer), "skipped_at": now}
            insert(connection, tables.skips, [row])

    def queue(
        self,
        reviewer: str,
        wanted: ReviewFilter,
        limit: int = 5,
        *,
        now: datetime,
        controls: bool = False,
    ) -> list[QueueItem]:
        """What to judge next. Every pair that is given has its sides drawn and kept from then on.

        In the open queue of one run: units that still need verdicts, in the plan's random order and past
        those that another reviewer is looking at; now and then a pair for agreement; then what is left.
        With any other filter: the pairs that fit. What the reviewer put off comes last.

        Args:
            controls: mix in hidden controls. Only for a page that tells items apart by ``task``, not by pair,
                and sends the task back with the verdict.

        Raises:
            InvalidRequest: ``limit`` is not 1–500.
        """
        check_page(limit, 0)
        person = person_key(reviewer)
        with self._database.read() as connection:
            tasks = next_tasks(connection, person, wanted, limit, now, controls=controls)
            handouts = known_handouts(connection, tasks, person)
        if len(handouts) < len(tasks):
            # chosen again where it is stored: two who ask at the same moment must not get the same unit
            with self._database.write() as connection:
                tasks = next_tasks(connection, person, wanted, limit, now, controls=controls)
                handouts = hand_out(connection, tasks, person, now)
        with self._database.read() as connection:
            return blind_items(connection, person, tasks, handouts)

    def gallery(
        self, reviewer: str, wanted: ReviewFilter, *, offset: int = 0, limit: int = 60, now: datetime
    ) -> list[QueueItem]:
        """A page of the pairs that fit the filter, in the order of review; as blind as the queue.

        Raises:
            InvalidRequest: ``limit`` is not 1–500 or ``offset`` is negative.
        """
        check_page(limit, offset)
        with self._database.read() as connection:
            page = page_of(connection, person_key(reviewer), wanted, limit, offset)
        return self._items(page, person_key(reviewer), now)

    def item(
        self, pair_id: str, reviewer: str, now: datetime, *, purpose: Purpose = A_JUDGEMENT
    ) -> QueueItem:
        """One pair as its reviewer sees it: followed from a link, or back on the table after an undo.

        It is given also while a picture of it is missing.

        Raises:
            UnknownName: there is no such pair, or its two renders are not done.
        """
        known, person = KNOWN_PAIRS.where(tables.pairs.c.id == pair_id), person_key(reviewer)
        with self._database.read() as connection:
            arms = renders_of(connection, [pair_id]).get(pair_id, {}).values()
            drawn = [render.status for render in arms] == [RenderStatus.DONE] * len(Arm)
            if not drawn or connection.execute(known, {"person": person}).first() is None:
                raise UnknownName.of("pair with two finished renders", pair_id, [])
        return self._items([Task(pair_id, purpose)], person, now)[0]

    def count(self, reviewer: str, wanted: ReviewFilter) -> int:
        """How many pairs fit a filter."""
        with self._database.read() as connection:
            return count_fitting(connection, person_key(reviewer), wanted)

    def counts(self, reviewer: str, run_id: str | None = None) -> QueueCounts:
        """How many pairs each filter holds for this reviewer, in one run or in all."""
        with self._database.read() as connection:
            return count_all(connection, person_key(reviewer), run_id)

    def current(self, *, run_id: str | None = None, pair_id: str | None = None) -> list[VerdictEvent]:
        """The verdicts that stand, of a run, of a pair or of everything, in the order they were cast."""
        standing = standing_events()
        if run_id is not None:
            standing = standing.where(_STANDING.c.run_id == run_id)
        if pair_id is not None:
            standing = standing.where(_STANDING.c.pair_id == pair_id)
        return self._all(standing)

    def history(self, pair_id: str) -> list[VerdictEvent]:
        """Every event of a pair, undone ones included, oldest first."""
        return self._all(EVENTS.where(tables.verdicts.c.pair_id == pair_id))

    def last_of(self, reviewer: str, *, run_id: str | None = None) -> VerdictEvent | None:
        """The latest verdict of a reviewer that stands: what the undo key takes back."""
        verdicts = tables.verdicts.c
        stands = exists().where(_STANDING.c.uuid == verdicts.uuid, _STANDING.c.taken_back.is_(False))
        mine = EVENTS.where(verdicts.person == person_key(reviewer), stands)  # the first one met, mostly
        if run_id is not None:
            mine = mine.where(verdicts.run_id == run_id)
        with self._database.read() as connection:
            return first_as(connection, VerdictEvent, mine.order_by(verdicts.ordinal.desc()))

    def _items(self, tasks: Sequence[Task], person: str, now: datetime) -> list[QueueItem]:
        handouts = handed_out(self._database, tasks, person, now)
        with self._database.read() as connection:
            return blind_items(connection, person, tasks, handouts)

    def _all(self, statement: Select[Any]) -> list[VerdictEvent]:
        with self._database.read() as connection:
            return all_as(connection, VerdictEvent, statement.order_by(tables.verdicts.c.ordinal))
