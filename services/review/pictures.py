"""No reviewer is given a pair whose picture is missing: it leaves the queue first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
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
    """What ``read`` gives, once the pictures of all its pairs are there, those as well that are not shown.

    Pairs with a missing picture leave the queue for every reviewer, and the page is read again. Pictures that
    were missing before are looked for once more.
    """
    store.pictures.look_again(now)
    for _ in range(MOST_LOOKS):
        found, items = read()
        digests = _digests(store, items)
        missing = store.pictures.look(chain.from_iterable(digests.values()), now)
        if not missing:
            return found, items
    return found, [item for item in items if missing.isdisjoint(digests[item.pair_id])]


def keep_missing(store: Store, digests: Sequence[str], error: BlobMissing, now: datetime) -> BlobMissing:
    """Keep that a picture was found missing while it was read; gives the error as a reviewer may know it."""
    try:
        store.pictures.look(digests, now)
    except StoreError as refused:
        error.add_note(f"and that could not be kept: {refused}")
    return error


def _digests(store: Store, items: Sequence[QueueItem]) -> dict[str, set[str]]:
    """The digests of each pair's pictures, by pair.

    A hidden control may show one picture on both sides. Its verdict is refused all the same while the other
    picture of the pair is missing, so that one is looked for as well.
    """
    digests: dict[str, set[str]] = {}
    for item in items:
        digests.setdefault(item.pair_id, set()).update((item.a.digest, item.b.digest))
    shown_once = [pair_id for pair_id, shown in digests.items() if len(shown) == 1]
    for pair_id, arms in (store.renders.of_pairs(shown_once) if shown_once else {}).items():
        digests[pair_id].update(render.digest for render in arms.values() if render.digest is not None)
    return digests
