"""Verifying stored pictures: whether each one that a render names is there, and is the one that was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import BlobMissing
from core.failures import failure_of
from core.records import Failure

if TYPE_CHECKING:
    from db.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of one picture."""

    digest: str
    failure: Failure | None
    """``BlobMissing`` or ``BlobDamaged``, with the pair; None: every pixel is there."""


def verify_pictures(store: Store, *, sample: int | None = None) -> Iterator[Verified]:
    """Read pictures, bytes and pixels, one after the other.

    Args:
        sample: so many of them, drawn anew each time; None: all.

    Raises:
        StoreError: the database or the folder cannot be read.
    """
    files = store.stored_files
    for digest, file_digest in files.pictures() if sample is None else files.sample(sample):
        try:
            store.blobs.open(digest, file_digest=file_digest)
        except BlobMissing as error:
            yield Verified(digest=digest, failure=failure_of(error))
        else:
            yield Verified(digest=digest, failure=None)
