"""All pairs of a filter at a glance, labels for many of them at once, and the positives of a case.

As blind as the queue.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from core.records import Run, TriageLabel
from core.review.bulk import CAP, Chosen
from core.review.sides import as_seen
from pages.routes import fields
from pages.routes.context import AppContext, RequestContext, guarded
from pages.routes.reviews import filter_of
from services.review import bulk, desk
from services.review.positives import closest_positives

PAGE = 60


def routes(app_context: AppContext) -> list[Route]:
    """``/api/gallery``, ``/api/runs``, ``/api/triage``, ``/api/triage/undo``, ``/api/positives/…``."""
    return [
        guarded("/api/gallery", gallery, app_context),
        guarded("/api/runs", runs, app_context),
        guarded("/api/triage", triage, app_context, method="POST"),
        guarded("/api/triage/undo", undo, app_context, method="POST"),
        guarded("/api/positives/{pair}", positives, app_context),
    ]


def gallery(context: RequestContext) -> dict[str, Any]:
    """One page of the pairs that fit a filter, and how many fit."""
    offset = fields.number(context.query, "offset", default=0, least=0, most=1_000_000)
    page = bulk.gallery_page(
        context.store,
        context.reviewer,
        filter_of(context.query),
        offset=offset,
        limit=PAGE,
        now=context.now,
    )
    return {
        "items": [as_seen(item) for item in page.items],
        "total": page.total,
        "counts": asdict(page.counts),
        "cap": CAP,
    }


def runs(context: RequestContext) -> dict[str, Any]:
    """The runs one can look at, by suite and date: their models would unblind."""
    return {"runs": [_run(run) for run in desk.runs_listed_blind(context.store)]}


def triage(context: RequestContext) -> dict[str, Any]:
    """Label the renders of every pair of a filter, after its size was confirmed."""
    body = context.body
    done = bulk.label_filter(
        context.store,
        context.reviewer,
        filter_of(fields.mapping(body, "filter")),
        label=fields.member(TriageLabel, body.get("label"), "label", refused=(TriageLabel.UNTRIAGED,)),
        chosen=fields.member(Chosen, body.get("renders"), "renders"),
        batch=fields.uuid(body, "uuid"),
        confirmed=fields.count(body, "confirmed"),
        now=context.now,
    )
    return {"changed": done.changed, "events": done.events}


def undo(context: RequestContext) -> dict[str, Any]:
    """Give back the labels that one action replaced; those changed again since then stay."""
    events = [
        fields.text({"event": event}, "event") for event in fields.items(context.body, "events", most=2 * CAP)
    ]
    return {"undone": bulk.undo_labels(context.store, events, context.reviewer, context.now)}


def positives(context: RequestContext) -> dict[str, Any]:
    """The golden positives of a pair's case, for each of its renders the closest first."""
    a, b = closest_positives(context.store, context.path["pair"], context.reviewer, context.now)
    return {"a": a, "b": b}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "suite": run.suite,
        "kind": run.kind,
        "created_at": run.created_at.isoformat(),
        "seeds": len(run.seeds),
    }
