"""The desk: what a reviewer is asked next, one pair by its link, what may be known once the verdict is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import DecisionRefused
from core.records import (
    Measurement,
    QueueCounts,
    QueueItem,
    Render,
    ReviewFilter,
    Run,
    RunKind,
    SelfTest,
    VerdictEvent,
)
from core.review.acceptance import (
    PICTURE_MISSING,
    VerdictUse,
    needs_one_to_one,
    own_verdict,
    use_of_verdicts,
)
from core.review.blindness import listed_blind
from core.review.sides import sides_of
from core.rollout.decision import current
from services.review.names import cost_of_names, show_names
from services.review.pictures import with_pictures

if TYPE_CHECKING:
    from db.store import Store

RUNS_LOOKED_AT = 20
"""Suite runs, newest first, among which the desk looks for one with work."""
RUNS_LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A pair that a reviewer is asked about."""

    item: QueueItem
    needs_one_to_one: bool = False
    """Whether its run's plan wants its small text seen at 1:1 before a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVerdict:
    """A reviewer's verdict that stands."""

    event: VerdictEvent
    named: bool
    """Whether names were shown since, so that it cannot be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """The next pairs of a filter for one reviewer."""

    items: Sequence[Asked]
    counts: QueueCounts
    run_id: str | None
    """The run that the pairs are of; None: whatever fits."""
    use: VerdictUse
    last: tuple[Asked, OwnVerdict] | None
    """The latest verdict and its pair, so that it can be taken back after a reload as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedByLink:
    """One pair, followed from a link."""

    asked: Asked
    own: OwnVerdict | None
    objection: str | None
    """Where there is no verdict and none would be taken, a picture being missing or named: why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What a reviewer is told once the verdict is in."""

    verdict: VerdictEvent
    sides: tuple[Render, Render]
    """What was shown as A and as B."""
    found: Sequence[Measurement]
    self_tests: dict[str, SelfTest]
    """The latest self-test by check."""
    lost: int
    """Other pairs with an equal picture, which can no longer be judged blind."""


def next_page(store: Store, reviewer: str, wanted: ReviewFilter, *, limit: int, now: datetime) -> DeskPage:
    """The next pairs of a filter, each with both pictures there.

    Without any filter it is the newest suite run that still holds pairs for this reviewer: its order of
    review is what makes the verdicts evidence.

    Raises:
        InvalidRequest: ``limit`` is not 1–500.
    """

    def read() -> tuple[ReviewFilter, Sequence[QueueItem]]:
        of_run = ReviewFilter(run_id=_open_run(store, reviewer)) if wanted == ReviewFilter() else wanted
        return of_run, store.reviews.queue(reviewer, of_run, limit, now=now, controls=True)

    of_run, items = with_pictures(store, read, now)
    runs = {run_id: store.runs.get(run_id) for run_id in {item.run_id for item in items}}
    return DeskPage(
        items=[_asked(item, runs[item.run_id]) for item in items],
        counts=store.reviews.counts(reviewer, of_run.run_id),
        run_id=of_run.run_id,
        use=use_in_run(store, of_run.run_id),
        last=_last(store, reviewer, of_run.run_id, now),
    )


def by_link(store: Store, pair_id: str, reviewer: str, now: datetime) -> AskedByLink:
    """One pair by its id, as blind as in the queue, with the reviewer's own verdict if there is one.

    A pair with a missing picture is given as well: the link must say what became of it.

    Raises:
        UnknownName: there is no such pair, or its two renders are not done.
    """
    item = store.reviews.item(pair_id, reviewer, now)
    event = own_verdict(store.reviews.current(pair_id=item.pair_id), reviewer)
    missing = store.pictures.look((item.a.digest, item.b.digest), now)
    why = PICTURE_MISSING if missing else store.reviews.objection(item.pair_id, reviewer)
    return AskedByLink(
        asked=_asked(item, store.runs.get(item.run_id)),
        own=None if event is None else _own(store, event),
        objection=why if event is None else None,
    )


def put_off(store: Store, task: str, reviewer: str, now: datetime) -> None:
    """Put a pair off to the end of the reviewer's queue.

    Raises:
        UnknownName: this reviewer was never handed such a task.
    """
    store.reviews.skip(store.reviews.handout(task, reviewer).pair_id, reviewer, now)


def reveal(
    store: Store, pair_id: str, reviewer: str, *, verdict_uuid: str | None = None, now: datetime
) -> Revealed:
    """Models and findings of a pair that the reviewer has judged. The verdict stays from then on.

    That the names were seen is kept, also for other pairs with an equal picture.

    Raises:
        DecisionRefused: this reviewer has no such verdict standing on the pair.
    """
    verdict = own_verdict(store.reviews.current(pair_id=pair_id), reviewer, uuid=verdict_uuid)
    if verdict is None:
        raise DecisionRefused(
            "names are shown after the verdict, and none of yours stands on this pair",
            remedy="judge the pair first",
        )
    cost = cost_of_names(store, [pair_id], reviewer)
    show_names(store, [pair_id], reviewer, now)
    renders = store.renders.of_pair(pair_id)
    side_a, side_b = sides_of(verdict)
    return Revealed(
        verdict=verdict,
        sides=(renders[side_a], renders[side_b]),
        found=store.measurements.of_pair(pair_id),
        self_tests=store.selftests.latest(),
        lost=len(cost.elsewhere),
    )


def use_in_run(store: Store, run_id: str | None) -> VerdictUse:
    """What a verdict given now on a pair of this run is to its rollout."""
    if run_id is None:
        return VerdictUse.UNKNOWN
    rollout = current(run_id, store.decisions.events(run_id))
    return use_of_verdicts(rollout.state, started=rollout.started_by is not None)


def runs_listed_blind(store: Store) -> list[Run]:
    """The newest runs that a blind reviewer may look at; their models must not be told."""
    return listed_blind(store.runs.list(limit=RUNS_LISTED))


def _open_run(store: Store, reviewer: str) -> str | None:
    """The newest suite run that still holds pairs for this reviewer; None: whatever else there is."""
    for run in store.runs.list(limit=RUNS_LOOKED_AT, kind=RunKind.SUITE):
        if store.reviews.count(reviewer, ReviewFilter(run_id=run.id)):
            return run.id
    return None


def _last(store: Store, reviewer: str, run_id: str | None, now: datetime) -> tuple[Asked, OwnVerdict] | None:
    verdict = store.reviews.last_of(reviewer, run_id=run_id)
    if verdict is None:
        return None
    item = store.reviews.item(verdict.pair_id, reviewer, now, purpose=verdict.purpose)
    return _asked(item, store.runs.get(item.run_id)), _own(store, verdict)


def _asked(item: QueueItem, run: Run) -> Asked:
    return Asked(item=item, needs_one_to_one=needs_one_to_one(item.expected_text, run.plan))


def _own(store: Store, event: VerdictEvent) -> OwnVerdict:
    return OwnVerdict(event=event, named=store.reviews.names_shown(event.pair_id, event.reviewer))
