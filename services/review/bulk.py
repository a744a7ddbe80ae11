"""All pairs of a filter at a glance, and one label for all of them; as blind as the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from core.errors import UnknownName
from core.records import QueueCounts, QueueItem, ReviewFilter, TriageLabel
from core.review.bulk import CAP, Chosen, is_preference, labels, preferred, refuse_other_number, undo_uuid
from services.review.pictures import with_pictures

if TYPE_CHECKING:
    from db.store import Store


class GalleryPage(NamedTuple):
    """Some pairs of a filter, in the order of review."""

    items: Sequence[QueueItem]
    total: int
    """How many pairs fit the filter."""
    counts: QueueCounts


class Labelled(NamedTuple):
    """What a label for a whole filter came to."""

    changed: int
    events: Sequence[str]
    """Uuids of the events, those included that changed nothing."""


def gallery_page(
    store: Store, reviewer: str, wanted: ReviewFilter, *, offset: int, limit: int, now: datetime
) -> GalleryPage:
    """One page of the pairs that fit a filter, each with both pictures there, and how many fit.

    Raises:
        InvalidRequest: ``limit`` is not 1–500 or ``offset`` is negative.
    """

    def read() -> tuple[int, Sequence[QueueItem]]:
        items = store.reviews.gallery(reviewer, wanted, offset=offset, limit=limit, now=now)
        return store.reviews.count(reviewer, wanted), items

    total, items = with_pictures(store, read, now)
    return GalleryPage(items, total, store.reviews.counts(reviewer, wanted.run_id))


def label_filter(
    store: Store,
    reviewer: str,
    wanted: ReviewFilter,
    *,
    label: TriageLabel,
    chosen: Chosen,
    batch: str,
    confirmed: int,
    now: datetime,
) -> Labelled:
    """Label the renders of every pair of a filter, after its size was confirmed.

    Args:
        batch: uuid of the action; the same one again changes nothing.
        confirmed: how many pairs the reviewer was told that the filter holds.

    Raises:
        DecisionRefused: the filter holds more than the cap, or another number than was confirmed: a pair
            with a missing picture is not labelled.
    """

    def read() -> tuple[None, Sequence[QueueItem]]:
        refuse_other_number(store.reviews.count(reviewer, wanted), confirmed)
        return None, store.reviews.gallery(reviewer, wanted, limit=CAP, now=now)

    _, items = with_pictures(store, read, now)
    pairs = store.pairs.many(item.pair_id for item in items)
    events = [
        event
        for item in items
        for event in labels(
            _chosen(store, item, reviewer, chosen),
            case_digest=pairs[item.pair_id].case_digest,
            label=label,
            batch=batch,
            by=reviewer,
            now=now,
        )
    ]
    return Labelled(store.golden.triage(events), [event.uuid for event in events])


def undo_labels(store: Store, event_uuids: Sequence[str], reviewer: str, now: datetime) -> int:
    """Give back the labels that one action replaced; gives how many. Those changed again since then stay."""
    undone = 0
    for uuid in event_uuids:
        try:
            undone += store.golden.undo(undo_uuid(uuid), uuid, reviewer, now)
        except UnknownName:
            continue  # the label already was what the action wanted, so it made no event
    return undone


def _chosen(store: Store, item: QueueItem, reviewer: str, chosen: Chosen) -> set[str]:
    if chosen is Chosen.BOTH:
        return {item.a.digest, item.b.digest}
    if not is_preference(item):
        return set()
    return {preferred(item, store.reviews.handout(item.task, reviewer).side_a)}
