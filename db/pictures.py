"""Whether the stored pictures are there: what is found missing leaves the review queue for everyone.

A picture that cannot be read as the one of its digest is kept as an event, and so is its return. In the same
transaction every pair that holds it, of whatever run, leaves the queue or comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.records import Render
from db import tables
from db.blobs import Blobs
from db.database import Database
from db.missing_pictures import add_events, holding, known_missing, missing_pictures, showable
from db.names_shown import keep_known
from db.queue_rows import queue_of_pair

LOOKED_FOR_AGAIN: Final = 100
"""Missing pictures that one call of :meth:`Pictures.look_again` looks for: some 10 ms."""


class Pictures:
    """The pictures of all renders, as files that may be missing."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs
        self._looked_to = ""

    def look(self, digests: Iterable[str], now: datetime) -> set[str]:
        """Look for some pictures, keep what is found, and give those that are missing.

        Raises:
            StoreError: the folder of pictures cannot be read, or the event not be stored.
        """
        wanted = set(digests)
        missing = {digest for digest in wanted if not self._blobs.is_there(digest)}
        with self._database.read() as connection:
            known = known_missing(connection, wanted)
        if missing != known:
            with self._database.write() as connection:
                self._keep(connection, gone=missing - known, back=known - missing, now=now)
        return missing

    def look_again(self, now: datetime) -> None:
        """Look once more for pictures that are known to be missing: a file may have been put back by hand.

        At most ``LOOKED_FOR_AGAIN`` of them, the next ones at the next call.
        """
        missing = missing_pictures().order_by(tables.picture_events.c.digest).limit(LOOKED_FOR_AGAIN)
        with self._database.read() as connection:
            after = missing.where(tables.picture_events.c.digest > self._looked_to)
            some = list(connection.scalars(after)) or list(connection.scalars(missing))
        self._looked_to = some[-1] if len(some) == LOOKED_FOR_AGAIN else ""
        if some:
            self.look(some, now)

    def _keep(self, connection: Connection, *, gone: set[str], back: set[str], now: datetime) -> None:
        of_renders = select(tables.renders.c.digest).where(tables.renders.c.digest.in_(gone | back))
        stored = set(connection.scalars(of_renders))  # any digest can be asked for in an address
        known = known_missing(connection, stored)  # another process may have been quicker
        gone, back = gone & stored - known, back & stored & known
        add_events(connection, gone, now, there=False)
        add_events(connection, back, now, there=True)
        settle(connection, holding(connection, gone | back))


def settle_drawn(connection: Connection, pair_id: str, renders: Iterable[Render], now: datetime) -> None:
    """Let the queue know of a pair that was drawn, and of pairs whose missing picture was drawn with it."""
    drawn = {render.digest for render in renders if render.digest is not None}
    back = known_missing(connection, drawn)
    add_events(connection, back, now, there=True)
    settle(connection, {pair_id, *holding(connection, back)})


def settle(connection: Connection, pair_ids: Collection[str]) -> None:
    """Let the queue know which of some pairs can be shown now, and who knows a picture of them."""
    ready = showable(connection, pair_ids)
    for pair_id in sorted(pair_ids):
        with queue_of_pair(connection, pair_id, knowing=True) as queue:
            queue.drawn(pair_id, ready=pair_id in ready)
            keep_known(connection, queue, pair_id)
