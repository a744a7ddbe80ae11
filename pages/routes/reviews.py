"""The review desk's routes: the blind queue, verdicts, undo, later, and what may be known afterwards.

Until a reviewer's verdict stands, nothing that leaves here tells which arm or model a side is: the rules are
:mod:`core.review`, asked through :mod:`services.review`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from core.records import QueueView, Render, ReviewFilter
from core.review.sides import Ballot, as_said, as_seen
from pages.routes import fields
from pages.routes.context import AppContext, RequestContext, guarded
from pages.routes.findings import finding_for_page
from services.review import desk, verdicts

BATCH = 24
"""Pairs handed out at once: enough for a minute of fast judging."""


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
    """The next pairs of a filter, its counts, and the latest verdict, so that undo survives a reload."""
    limit = fields.number(context.query, "limit", default=BATCH, most=100)
    page = desk.next_page(
        context.store, context.reviewer, filter_of(context.query), limit=limit, now=context.now
    )
    return {
        "items": [_item(asked) for asked in page.items],
        "whole": len(page.items) < limit,
        "counts": asdict(page.counts),
        "run": page.run_id,
        "use": page.use,
        "last": _last(*page.last) if page.last else None,
    }


def pair(context: RequestContext) -> dict[str, Any]:
    """One pair by its id, as blind as in the queue, with the reviewer's own verdict if there is one."""
    found = desk.by_link(context.store, context.path["pair"], context.reviewer, context.now)
    return {
        "item": _item(found.asked),
        "verdict": None if found.own is None else _ballot(found.own),
        "objection": found.objection,
    }


def cast(context: RequestContext) -> dict[str, Any]:
    """Store a verdict. The same uuid again, or a second verdict on the pair, changes nothing."""
    body = context.body
    ballot = Ballot(
        uuid=fields.uuid(body, "uuid"),
        task=fields.text(body, "task"),
        outcome=fields.text(body, "outcome"),
        reasons=fields.reasons(body.get("reasons", [])),
        comment=fields.prose(body, "comment", most=2000),
        pins=tuple(fields.pin(pin) for pin in fields.items(body, "pins", most=50)),
        look=fields.look(body.get("look", {})),
    )
    return {"saved": verdicts.cast_ballot(context.store, ballot, context.reviewer, context.now)}


def undo(context: RequestContext) -> dict[str, Any]:
    """Take back one's own verdict by a new event."""
    uuid, verdict = fields.uuid(context.body, "uuid"), fields.text(context.body, "verdict")
    return {"saved": verdicts.undo(context.store, verdict, context.reviewer, uuid=uuid, now=context.now)}


def skip(context: RequestContext) -> dict[str, Any]:
    """Put a pair off to the end of the reviewer's queue."""
    desk.put_off(context.store, fields.text(context.body, "task"), context.reviewer, context.now)
    return {"saved": True}


def reveal(context: RequestContext) -> dict[str, Any]:
    """Models, findings and one's own words about a pair. The verdict stays from then on."""
    uuid = fields.text(context.body, "verdict", default="") or None
    told = desk.reveal(
        context.store, context.path["pair"], context.reviewer, verdict_uuid=uuid, now=context.now
    )
    a, b = told.sides
    return {
        "verdict": as_said(told.verdict),
        "lost": told.lost,
        "a": _revealed(a),
        "b": _revealed(b),
        "measurements": [finding_for_page(one, a.arm, told.self_tests.get(one.check)) for one in told.found],
    }


def filter_of(query: Mapping[str, str]) -> ReviewFilter:
    """The filter that the page's address names."""
    return ReviewFilter(
        run_id=query.get("run") or None,
        view=fields.member(QueueView, query.get("show") or QueueView.UNJUDGED, "show"),
        tag=query.get("tag") or None,
        failed_check=query.get("check") or None,
    )


def _item(asked: desk.Asked) -> dict[str, Any]:
    return as_seen(asked.item, needs_one_to_one=asked.needs_one_to_one)


def _ballot(own: desk.OwnVerdict) -> dict[str, Any]:
    return as_said(own.event) | {"named": own.named}


def _last(asked: desk.Asked, own: desk.OwnVerdict) -> dict[str, Any]:
    return {"uuid": own.event.uuid, "item": _item(asked), "ballot": _ballot(own)}


def _revealed(render: Render) -> dict[str, Any]:
    return {
        "arm": render.arm,
        "model": render.recipe.model,
        "latency_ms": render.latency_ms,
        "digest": render.digest,
    }
