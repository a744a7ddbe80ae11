"""What really lies in the database and on the disk, read past the product's readers where that matters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.config.settings import Settings
from core.records import Arm, RenderStatus
from core.review.queue import ReviewQueue
from db.queue_rows import folded, stored
from tests.simulation.processes import opened

LOGS = ("verdicts", "renders", "measurements", "triage_events", "analyses", "rollout_events", "runs")
"""Tables to which rows are only ever appended, all with an ordinal."""
Row = dict[str, Any]


@dataclass(kw_only=True)
class Sight:
    """Everything at one moment."""

    logs: dict[str, list[Row]]
    """The rows of each log by ordinal, every column as it is stored."""
    jobs: dict[str, Row]
    pairs: dict[str, Row]
    versions: dict[int, str]
    """Digests of golden versions by number."""
    folded: ReviewQueue
    """The review queue that all events make."""
    stored: ReviewQueue
    """The review queue as its rows say."""


@dataclass(kw_only=True)
class Observer:
    """A reader that no fault reaches."""

    settings: Settings
    database: Path
    clock: Callable[[], datetime]
    _written: int = -1
    """SQLite's count of what others have committed."""
    _whole: set[str] = field(default_factory=set)
    """Digests of pictures that were opened and proven."""

    def __post_init__(self) -> None:
        self.store = opened(self.settings, self.clock)
        self._raw = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        self._raw.row_factory = sqlite3.Row

    def look(self, before: Sight | None = None) -> Sight:
        """All of it, while no process acts; what was seen before, if nothing was written since."""
        (written,) = self._raw.execute("PRAGMA data_version").fetchone()
        if before is not None and written == self._written:
            return before
        self._written = written
        with self.store._database.read() as connection:
            queues = folded(connection), stored(connection)
        return Sight(
            logs={table: self._rows(f"SELECT * FROM {table} ORDER BY ordinal") for table in LOGS},
            jobs={row["id"]: row for row in self._rows("SELECT * FROM jobs")},
            pairs={row["id"]: row for row in self._rows("SELECT * FROM pairs")},
            versions=dict(self._raw.execute("SELECT number, digest FROM golden_versions").fetchall()),
            folded=queues[0],
            stored=queues[1],
        )

    def lacks_picture(self, pair_id: str) -> str | None:
        """Why a pair cannot be shown: an arm without a finished render, or without its file."""
        renders = self.store.renders.of_pair(pair_id)
        for arm in Arm:
            if arm not in renders or renders[arm].status is not RenderStatus.DONE:
                return f"no finished render of {arm}"
            digest = renders[arm].digest or ""
            if not self.store.blobs.path(digest).exists():
                return f"no file of {arm}, {digest}"
            if digest not in self._whole:
                self.store.blobs.open(digest)
                self._whole.add(digest)
        return None

    def close(self) -> None:
        """Close both connections."""
        self._raw.close()
        self.store.close()

    def _rows(self, query: str) -> list[Row]:
        return [dict(row) for row in self._raw.execute(query)]
