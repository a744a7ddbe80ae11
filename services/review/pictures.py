"""No reviewer is given a pair whose picture is missing: it leaves the queue first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from core.errors import BlobMissing, StoreError
from core.records import QueueItem

if TYPE_CHECKING:
    from db.store import Store

T = TypeVar("T")
MOST_LOOKS: Final = 50
"""How often a page is read again because pictures of it are missing; with 24 items, 1,200 pairs."""


def with_pictures(
    store: Store, read: Callable[[], tuple[T, Sequence[QueueItem]]], now: datetime
) -> tuple[T, Sequence[QueueItem]]:
    """What ``read`` gives, once the pictures of all its items are there.

    Pairs with a missing picture leave the queue for every reviewer, and the page is read again. Pictures that
    were missing before are looked for once more.
    """
    store.pictures.look_again(now)
    for _ in range(MOST_LOOKS):
        found, items = read()
        missing = store.pictures.look((digest for item in items for digest in _digests(item)), now)
        if not missing:
            return found, items
    return found, [item for item in items if missing.isdisjoint(_digests(item))]


def keep_missing(store: Store, digests: Sequence[str], error: BlobMissing, now: datetime) -> BlobMissing:
    """Keep that a picture was found missing while it was read; gives the error as a reviewer may know it."""
    try:
        store.pictures.look(digests, now)
    except StoreError as refused:
        error.add_note(f"and that could not be kept: {refused}")
    return error


def _digests(item: QueueItem) -> tuple[str, str]:
    return item.a.digest, item.b.digest
