"""All pairs of a filter at a glance, labels for many of them at once, and the positives of a case.

As blind as the queue. Labels are given to renders, not to models: both renders of a pair, or the one that
this reviewer preferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from PIL import Image
from starlette.routing import Route

from core.errors import DecisionRefused, UnknownName
from core.images.differences import mean_difference
from core.records import Outcome, QueueItem, Run, RunKind, TriageEvent, TriageLabel
from pages.routes import fields
from pages.routes.blind import item_for_page
from pages.routes.context import AppContext, RequestContext, guarded
from pages.routes.images import THUMBNAIL_WIDTHS
from pages.routes.reviews import filter_of

PAGE = 60
CAP = 200
"""Pairs that one action may label: more than a person can have looked at in one go."""
POSITIVES_LOOKED_AT = 12


class Chosen(StrEnum):
    """Which renders of a pair are labelled."""

    BOTH = "both"
    PREFERRED = "preferred"
    """The one this reviewer found better; pairs without such a verdict are left out."""


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
    wanted = filter_of(context.query)
    offset = fields.number(context.query, "offset", default=0, least=0, most=1_000_000)
    page = context.store.reviews.gallery(context.reviewer, wanted, offset=offset, limit=PAGE, now=context.now)
    return {
        "items": [item_for_page(item) for item in page],
        "total": context.store.reviews.count(context.reviewer, wanted),
        "counts": asdict(context.store.reviews.counts(context.reviewer, wanted.run_id)),
        "cap": CAP,
    }


def runs(context: RequestContext) -> dict[str, Any]:
    """The runs one can look at, by suite and date: their models would unblind."""
    shown = [run for run in context.store.runs.list(limit=30) if run.kind is not RunKind.NOISE_FLOOR]
    return {"runs": [_run(run) for run in shown]}


def triage(context: RequestContext) -> dict[str, Any]:
    """Label the renders of every pair of a filter, after its size was confirmed.

    Raises:
        DecisionRefused: the filter holds more than the cap, or another number than was confirmed.
    """
    wanted = filter_of(fields.mapping(context.body, "filter"))
    label = fields.member(TriageLabel, context.body.get("label"), "label", refused=(TriageLabel.UNTRIAGED,))
    chosen = fields.member(Chosen, context.body.get("renders"), "renders")
    batch, confirmed = fields.uuid(context.body, "uuid"), fields.count(context.body, "confirmed")
    holds = context.store.reviews.count(context.reviewer, wanted)
    if holds > CAP or holds != confirmed:
        raise DecisionRefused(
            f"expected the {confirmed} pairs you confirmed (at most {CAP}), but the filter now holds {holds}",
            remedy="look again, or narrow the filter",
        )
    items = context.store.reviews.gallery(context.reviewer, wanted, limit=CAP, now=context.now)
    events = list(_labels(context, items, label=label, chosen=chosen, batch=batch))
    changed = context.store.golden.triage(events)
    return {"changed": changed, "events": [event.uuid for event in events]}


def undo(context: RequestContext) -> dict[str, Any]:
    """Give back the labels that one action replaced; those changed again since then stay."""
    undone = 0
    for event in fields.items(context.body, "events", most=2 * CAP):
        event_uuid = fields.text({"event": event}, "event")
        undo_uuid = str(uuid5(NAMESPACE_URL, f"undo:{event_uuid}"))
        try:
            undone += context.store.golden.undo(undo_uuid, event_uuid, context.reviewer, context.now)
        except UnknownName:
            continue  # the label already was what the action wanted, so it made no event
    return {"undone": undone}


def positives(context: RequestContext) -> dict[str, Any]:
    """The golden positives of a pair's case, for each of its renders the closest first."""
    pair_id = context.path["pair"]
    known = context.store.golden.positives(context.store.pairs.get(pair_id).case_digest)[:POSITIVES_LOOKED_AT]
    item = context.store.reviews.item(pair_id, context.reviewer, context.now)
    return {"a": _closest(context, item.a.digest, known), "b": _closest(context, item.b.digest, known)}


def _closest(context: RequestContext, digest: str, known: Sequence[str]) -> list[str]:
    """The digests, the one that looks most alike first; how alike is measured on thumbnails."""

    def small(one: str) -> Image.Image:
        return Image.open(BytesIO(context.store.blobs.thumbnail(one, THUMBNAIL_WIDTHS[0])))

    own = small(digest)
    return sorted(known, key=lambda one: mean_difference(own, small(one)))


def _labels(
    context: RequestContext, items: list[QueueItem], *, label: TriageLabel, chosen: Chosen, batch: str
) -> Iterator[TriageEvent]:
    pairs = context.store.pairs.many(item.pair_id for item in items)
    for item in items:
        for digest in _chosen(context, item, chosen):
            subject = f"{batch}:{pairs[item.pair_id].case_digest}:{digest}"
            yield TriageEvent(
                uuid=str(uuid5(NAMESPACE_URL, subject)),
                case_digest=pairs[item.pair_id].case_digest,
                render_digest=digest,
                label_before=TriageLabel.UNTRIAGED,
                label_after=label,
                by=context.reviewer,
                note="labelled with the whole filter",
                created_at=context.now,
            )


def _chosen(context: RequestContext, item: QueueItem, chosen: Chosen) -> list[str]:
    if chosen is Chosen.BOTH:
        return sorted({item.a.digest, item.b.digest})
    if item.outcome not in (Outcome.BASELINE, Outcome.CANDIDATE):
        return []
    side_a = context.store.reviews.handout(item.task, context.reviewer).side_a
    return [item.a.digest if item.outcome == side_a.value else item.b.digest]


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "suite": run.suite,
        "kind": run.kind,
        "created_at": run.created_at.isoformat(),
        "seeds": len(run.seeds),
    }
