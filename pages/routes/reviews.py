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
from core.rollout.decision import current
from pages.routes import fields
from pages.routes.blind import item_for_page, needs_one_to_one, outcome_of, sides_of, verdict_for_page
from pages.routes.context import AppContext, RequestContext, guarded
from pages.routes.findings import finding_for_page

BATCH = 24
"""Pairs handed out at once: enough for a minute of fast judging."""
RUNS_LOOKED_AT = 20


def routes(app_context: AppContext) -> list[Route]:
    """``/api/queue``, ``/api/pairs/…``, ``/api/verdicts``, ``/api/undo``, ``/api/skips``."""
    return [
        guarded("/api/queue", queue, app_context),
        guarded("/api/pairs/{pair}", pair, app_context),
        guarded("/api/pairs/{pair}/reveal", reveal, app_context, method="POST"),
        guarded("/api/verdicts", cast, app_context, method="POST"),
        guarded("/api/undo", undo, app_context, method="POST"),
        guarded("/api/skips", skip, app_context, method="POST"),
    ]


def queue(context: RequestContext) -> dict[str, Any]:
    """The next pairs of a filter, its counts, and the latest verdict, so that undo survives a reload.

    Without a run it is the newest suite that still holds pairs for this reviewer: its order of review is what
    makes the verdicts evidence.
    """
    wanted = filter_of(context.query)
    if wanted == ReviewFilter():
        wanted = ReviewFilter(run_id=_open_run(context))
    limit = fields.number(context.query, "limit", default=BATCH, most=100)
    items = context.store.reviews.queue(context.reviewer, wanted, limit, now=context.now, controls=True)
    return {
        "items": _items(context, items),
        "whole": len(items) < limit,
        "counts": asdict(context.store.reviews.counts(context.reviewer, wanted.run_id)),
        "run": wanted.run_id,
        "use": _use(context, wanted.run_id),
        "last": _last(context, wanted.run_id),
    }


def pair(context: RequestContext) -> dict[str, Any]:
    """One pair by its id, as blind as in the queue, with the reviewer's own verdict if there is one.

    Where there is none and none would be taken, since a picture of it was named to the reviewer: why.
    """
    item = context.store.reviews.item(context.path["pair"], context.reviewer, context.now)
    verdict = _own_event(context, item.pair_id)
    return {
        "item": item_for_page(item, _plan(context, item)),
        "verdict": None if verdict is None else _as_said(context, verdict),
        "objection": context.store.reviews.objection(item.pair_id, context.reviewer)
        if verdict is None
        else None,
    }


def cast(context: RequestContext) -> dict[str, Any]:
    """Store a verdict. The same uuid again, or a second verdict on the pair, changes nothing.

    Raises:
        DecisionRefused: the run's plan wants small text seen at 1:1, and the reviewer stayed farther away.
    """
    handout = context.store.reviews.handout(fields.text(context.body, "task"), context.reviewer)
    look = fields.look(context.body.get("look", {}))
    if look.max_zoom < 1:
        item = context.store.reviews.item(
            handout.pair_id, context.reviewer, context.now, purpose=handout.purpose
        )
        if needs_one_to_one(item, _plan(context, item)):
            raise DecisionRefused(
                f"small text: expected a look at 1:1, got {look.max_zoom:g}:1",
                remedy="zoom in (9) and judge again",
            )
    event = VerdictEvent(
        uuid=fields.uuid(context.body, "uuid"),
        action=VerdictAction.CAST,
        pair_id=handout.pair_id,
        reviewer=context.reviewer,
        outcome=outcome_of(fields.text(context.body, "outcome"), handout.side_a),
        side_a=handout.side_a,
        purpose=handout.purpose,
        reasons=fields.reasons(context.body.get("reasons", [])),
        comment=fields.prose(context.body, "comment", most=2000),
        pins=tuple(fields.pin(pin, handout.side_a) for pin in fields.items(context.body, "pins", most=50)),
        look=look,
        created_at=context.now,
    )
    return {"saved": context.store.reviews.record(event)}


def undo(context: RequestContext) -> dict[str, Any]:
    """Take back one's own verdict by a new event."""
    uuid, verdict = fields.uuid(context.body, "uuid"), fields.text(context.body, "verdict")
    return {"saved": context.store.reviews.undo(uuid, verdict, context.reviewer, context.now)}


def skip(context: RequestContext) -> dict[str, Any]:
    """Put a pair off to the end of the reviewer's queue."""
    handout = context.store.reviews.handout(fields.text(context.body, "task"), context.reviewer)
    context.store.reviews.skip(handout.pair_id, context.reviewer, context.now)
    return {"saved": True}


def reveal(context: RequestContext) -> dict[str, Any]:
    """Models, findings and one's own words about a pair. The verdict stays from then on: it is kept that this
    reviewer has seen the names, also for other pairs with an equal picture.

    Raises:
        DecisionRefused: this reviewer has no such verdict standing on the pair.
    """
    uuid = fields.text(context.body, "verdict", default="") or None
    verdict = _own_event(context, context.path["pair"], uuid=uuid)
    if verdict is None:
        raise DecisionRefused(
            "names are shown after the verdict, and none of yours stands on this pair",
            remedy="judge the pair first",
        )
    lost = context.store.stakes.of_pairs(verdict.pair_id, context.reviewer)
    context.store.reviews.show_names(verdict.pair_id, context.reviewer, context.now)
    side_a, side_b = sides_of(verdict)
    renders = context.store.renders.of_pair(verdict.pair_id)
    found, tests = context.store.measurements.of_pair(verdict.pair_id), context.store.selftests.latest()
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


def _open_run(context: RequestContext) -> str | None:
    """The newest suite run that still holds pairs for this reviewer; None: whatever else there is."""
    for run in context.store.runs.list(limit=RUNS_LOOKED_AT, kind=RunKind.SUITE):
        if context.store.reviews.count(context.reviewer, ReviewFilter(run_id=run.id)):
            return run.id
    return None


def _use(context: RequestContext, run_id: str | None) -> str:
    """What a verdict given now is to the rollout: evidence, too early (not started) or too late (decided)."""
    if run_id is None:
        return "unknown"
    rollout = current(run_id, context.store.decisions.events(run_id))
    if rollout.started_by is None:
        return "too_early"
    return "evidence" if rollout.state is RolloutState.COLLECTING else "too_late"


def _items(context: RequestContext, items: list[QueueItem]) -> list[dict[str, Any]]:
    plans = {run_id: context.store.runs.get(run_id).plan for run_id in {item.run_id for item in items}}
    return [item_for_page(item, plans[item.run_id]) for item in items]


def _plan(context: RequestContext, item: QueueItem) -> ReviewPlan:
    return context.store.runs.get(item.run_id).plan


def _last(context: RequestContext, run_id: str | None) -> dict[str, Any] | None:
    verdict = context.store.reviews.last_of(context.reviewer, run_id=run_id)
    if verdict is None:
        return None
    item = context.store.reviews.item(verdict.pair_id, context.reviewer, context.now, purpose=verdict.purpose)
    words = item_for_page(item, _plan(context, item))
    return {"uuid": verdict.uuid, "item": words, "ballot": _as_said(context, verdict)}


def _as_said(context: RequestContext, verdict: VerdictEvent) -> dict[str, Any]:
    """A verdict as its reviewer said it, and whether names were shown, so that it cannot be taken back."""
    named = context.store.reviews.names_shown(verdict.pair_id, context.reviewer)
    return verdict_for_page(verdict) | {"named": named}


def _own_event(context: RequestContext, pair_id: str, *, uuid: str | None = None) -> VerdictEvent | None:
    """This reviewer's standing verdict on a pair: the one with the uuid, else the judgement."""
    mine = [
        event
        for event in context.store.reviews.current(pair_id=pair_id)
        if event.reviewer == context.reviewer
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
