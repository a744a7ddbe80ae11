"""The golden positives of a case beside a blind pair: what was right before, the most alike first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from core.errors import BlobMissing
from core.images.differences import mean_difference

if TYPE_CHECKING:
    from db.store import Store

POSITIVES_LOOKED_AT = 12
COMPARED_WIDTH = 160
"""Pixels of the thumbnails that likeness is measured on."""


def closest_positives(
    store: Store, pair_id: str, reviewer: str, now: datetime
) -> tuple[list[str], list[str]]:
    """Digests of the newest positives of a pair's case: most like side A first, and most like side B first.

    Raises:
        UnknownName: there is no such pair, or its two renders are not done.
    """
    known = store.golden.positives(store.pairs.get(pair_id).case_digest)[:POSITIVES_LOOKED_AT]
    item = store.reviews.item(pair_id, reviewer, now)
    return _closest(store, item.a.digest, known), _closest(store, item.b.digest, known)


def _closest(store: Store, digest: str, known: Sequence[str]) -> list[str]:
    """The known ones by how alike they are to a picture; one whose own file cannot be shown is left out."""
    own, likeness = _small(store, digest), {}
    for one in known:
        with suppress(BlobMissing):
            likeness[one] = mean_difference(own, _small(store, one))
    return sorted(likeness, key=likeness.__getitem__)


def _small(store: Store, digest: str) -> Image.Image:
    return Image.open(BytesIO(store.blobs.thumbnail(digest, COMPARED_WIDTH)))
