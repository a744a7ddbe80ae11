"""The review desk's routes: the blind queue, verdicts, undo, later, and what may be known afterwards.

Until a reviewer's verdict stands, nothing that leaves here tells which arm or model a side is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from core.errors import DecisionRefused
from core.records import (
    Purpose,
    QueueItem,
    QueueView,
    Render,
    ReviewFilter,
    ReviewPlan,
    RolloutState,
    RunKind,
    VerdictAction,
    VerdictEvent,
)
from core.rollout import current
from pages.routes import fields
from pages.routes.blind import item_for_page, needs_one_to_one, outcome_of, sides_of, verdict_for_page
from pages.routes.findings import finding_for_page
from pages.routes.visits import Office, Visit, guarded

BATCH = 24
"""Pairs handed out at once: enough for a minute of fast judging."""
RUNS_LOOKED_AT = 20


def routes(office: Office) -> list[Route]:
    """``/api/queue``, ``/api/pairs/…``, ``/api/verdicts``, ``/api/undo``, ``/api/skips``."""
    return [
        guarded("/api/queue", queue, office),
        guarded("/api/pairs/{pair}", pair, office),
        guarded("/api/pairs/{pair}/reveal", reveal, office, method="POST"),
        guarded("/api/verdicts", cast, office, method="POST"),
        guarded("/api/undo", undo, office, method="POST"),
        guarded("/api/skips", skip, office, method="POST"),
    ]


def queue(visit: Visit) -> dict[str, Any]:
    """The next pairs of a filter, its counts, and the latest verdict, so that undo survives a reload.

    Without a run it is the newest suite that still holds pairs for this reviewer: its order of review is what
    makes the verdicts evidence.
    """
    wanted = filter_of(visit.query)
    if wanted == ReviewFilter():
        wanted = ReviewFilter(run_id=_open_run(visit))
    limit = fields.number(visit.query, "limit", default=BATCH, most=100)
    items = visit.store.reviews.queue(visit.reviewer, wanted, limit, now=visit.now, controls=True)
    return {
        "items": _items(visit, items),
        "whole": len(items) < limit,
        "counts": asdict(visit.store.reviews.counts(visit.reviewer, wanted.run_id)),
        "run": wanted.run_id,
        "use": _use(visit, wanted.run_id),
        "last": _last(visit, wanted.run_id),
    }


def pair(visit: Visit) -> dict[str, Any]:
    """One pair by its id, as blind as in the queue, with the reviewer's own verdict if there is one.

    Where there is none and none would be taken, since a picture of it was named to the reviewer: why.
    """
    item = visit.store.reviews.item(visit.path["pair"], visit.reviewer, visit.now)
    verdict = _own_event(visit, item.pair_id)
    return {
        "item": item_for_page(item, _plan(visit, item)),
        "verdict": None if verdict is None else _as_said(visit, verdict),
        "objection": visit.store.reviews.objection(item.pair_id, visit.reviewer) if verdict is None else None,
    }


def cast(visit: Visit) -> dict[str, Any]:
    """Store a verdict. The same uuid again, or a second verdict on the pair, changes nothing.

    Raises:
        DecisionRefused: the run's plan wants small text seen at 1:1, and the reviewer stayed farther away.
    """
    handout = visit.store.reviews.handout(fields.text(visit.body, "task"), visit.reviewer)
    look = fields.look(visit.body.get("look", {}))
    if look.max_zoom < 1:
        item = visit.store.reviews.item(handout.pair_id, visit.reviewer, visit.now, purpose=handout.purpose)
        if needs_one_to_one(item, _plan(visit, item)):
            raise DecisionRefused(
                f"small text: expected a look at 1:1, got {look.max_zoom:g}:1",
                remedy="zoom in (9) and judge again",
            )
    event = VerdictEvent(
        uuid=fields.uuid(visit.body, "uuid"),
        action=VerdictAction.CAST,
        pair_id=handout.pair_id,
        reviewer=visit.reviewer,
        outcome=outcome_of(fields.text(visit.body, "outcome"), handout.side_a),
        side_a=handout.side_a,
        purpose=handout.purpose,
        reasons=fields.reasons(visit.body.get("reasons", [])),
        comment=fields.prose(visit.body, "comment", most=2000),
        pins=tuple(fields.pin(pin, handout.side_a) for pin in fields.items(visit.body, "pins", most=50)),
        look=look,
        created_at=visit.now,
    )
    return {"saved": visit.store.reviews.record(event)}


def undo(visit: Visit) -> dict[str, Any]:
    """Take back one's own verdict by a new event."""
    uuid, verdict = fields.uuid(visit.body, "uuid"), fields.text(visit.body, "verdict")
    return {"saved": visit.store.reviews.undo(uuid, verdict, visit.reviewer, visit.now)}


def skip(visit: Visit) -> dict[str, Any]:
    """Put a pair off to the end of the reviewer's queue."""
    handout = visit.store.reviews.handout(fields.text(visit.body, "task"), visit.reviewer)
    visit.store.reviews.skip(handout.pair_id, visit.reviewer, visit.now)
    return {"saved": True}


def reveal(visit: Visit) -> dict[str, Any]:
    """Models, findings and one's own words about a pair. The verdict stays from then on: it is kept that this
    reviewer has seen the names, also for other pairs with an equal picture.

    Raises:
        DecisionRefused: this reviewer has no such verdict standing on the pair.
    """
    uuid = fields.text(visit.body, "verdict", default="") or None
    verdict = _own_event(visit, visit.path["pair"], uuid=uuid)
    if verdict is None:
        raise DecisionRefused(
            "names are shown after the verdict, and none of yours stands on this pair",
            remedy="judge the pair first",
        )
    lost = visit.store.stakes.of_pairs(verdict.pair_id, visit.reviewer)
    visit.store.reviews.show_names(verdict.pair_id, visit.reviewer, visit.now)
    side_a, side_b = sides_of(verdict)
    renders = visit.store.renders.of_pair(verdict.pair_id)
    found, tests = visit.store.measurements.of_pair(verdict.pair_id), visit.store.selftests.latest()
    return {
        "verdict": verdict_for_page(verdict),
        "lost": len(set().union(*lost.values()) - {verdict.pair_id}),
        "a": _revealed(renders[side_a]),
        "b": _revealed(renders[side_b]),
        "measurements": [finding_for_page(one, side_a, tests.get(one.check)) for one in found],
    }


def filter_of(query: Mapping[str, str]) -> ReviewFilter:
    """The filter that the page's address names."""
    return ReviewFilter(
        run_id=query.get("run") or None,
        view=fields.member(QueueView, query.get("show") or QueueView.UNJUDGED, "show"),
        tag=query.get("tag") or None,
        failed_check=query.get("check") or None,
    )


def _open_run(visit: Visit) -> str | None:
    """The newest suite run that still holds pairs for this reviewer; None: whatever else there is."""
    for run in visit.store.runs.list(limit=RUNS_LOOKED_AT, kind=RunKind.SUITE):
        if visit.store.reviews.count(visit.reviewer, ReviewFilter(run_id=run.id)):
            return run.id
    return None


def _use(visit: Visit, run_id: str | None) -> str:
    """What a verdict given now is to the rollout: evidence, too early (not started) or too late (decided)."""
    if run_id is None:
        return "unknown"
    rollout = current(run_id, visit.store.decisions.events(run_id))
    if rollout.started_by is None:
        return "too_early"
    return "evidence" if rollout.state is RolloutState.COLLECTING else "too_late"


def _items(visit: Visit, items: list[QueueItem]) -> list[dict[str, Any]]:
    plans = {run_id: visit.store.runs.get(run_id).plan for run_id in {item.run_id for item in items}}
    return [item_for_page(item, plans[item.run_id]) for item in items]


def _plan(visit: Visit, item: QueueItem) -> ReviewPlan:
    return visit.store.runs.get(item.run_id).plan


def _last(visit: Visit, run_id: str | None) -> dict[str, Any] | None:
    verdict = visit.store.reviews.last_of(visit.reviewer, run_id=run_id)
    if verdict is None:
        return None
    item = visit.store.reviews.item(verdict.pair_id, visit.reviewer, visit.now, purpose=verdict.purpose)
    words = item_for_page(item, _plan(visit, item))
    return {"uuid": verdict.uuid, "item": words, "ballot": _as_said(visit, verdict)}


def _as_said(visit: Visit, verdict: VerdictEvent) -> dict[str, Any]:
    """A verdict as its reviewer said it, and whether names were shown, so that it cannot be taken back."""
    named = visit.store.reviews.names_shown(verdict.pair_id, visit.reviewer)
    return verdict_for_page(verdict) | {"named": named}


def _own_event(visit: Visit, pair_id: str, *, uuid: str | None = None) -> VerdictEvent | None:
    """This reviewer's standing verdict on a pair: the one with the uuid, else the judgement."""
    mine = [
        event for event in visit.store.reviews.current(pair_id=pair_id) if event.reviewer == visit.reviewer
    ]
    if uuid is not None:
        return next((event for event in mine if event.uuid == uuid), None)
    return next((event for event in mine if event.purpose in (Purpose.EVIDENCE, Purpose.OVERLAP)), None)


def _revealed(render: Render) -> dict[str, Any]:
    return {
        "arm": render.arm,
        "model": render.recipe.model,
        "latency_ms": render.latency_ms,
        "digest": render.digest,
    }
