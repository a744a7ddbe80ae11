"""What really lies in the database and on the disk, read past the product's readers where that matters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.config.settings import Settings
from core.records import Arm, RenderStatus
from core.review.queue import ReviewQueue
from db.queue_rows import folded, stored
from tests.simulation.processes import opened

LOGS = ("verdicts", "renders", "measurements", "triage_events", "analyses", "rollout_events", "runs")
"""Tables to which rows are only ever appended, all with an ordinal."""
QUEUE = (
    "review_units",
    "reviewer_desks",
    "standing_verdicts",
    "names_shown",
    "named_pictures",
    "picture_events",
)
"""Tables that together with runs, pairs, renders and verdicts make the review queue."""
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
    queue: dict[str, list[Row]]
    """The rows of the tables of the queue."""
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
        logs = {table: self._rows(f"SELECT * FROM {table} ORDER BY ordinal") for table in LOGS}
        pairs = {row["id"]: row for row in self._rows("SELECT * FROM pairs")}
        queue = {table: self._rows(f"SELECT * FROM {table}") for table in QUEUE}
        if before is not None and _same_queue(before, logs, pairs, queue):
            fold, rows = before.folded, before.stored
        else:
            with self.store._database.read() as connection:
                fold, rows = folded(connection), stored(connection)
        return Sight(
            logs=logs,
            jobs={row["id"]: row for row in self._rows("SELECT * FROM jobs")},
            pairs=pairs,
            versions=dict(self._raw.execute("SELECT number, digest FROM golden_versions").fetchall()),
            queue=queue,
            folded=fold,
            stored=rows,
        )

    def lacks_picture(self, pair_id: str) -> str | None:
        """Why a pair cannot be shown: an arm without a finished render, or whose file does not hold it."""
        latest = "SELECT arm, status, file_digest FROM renders WHERE pair_id = ? ORDER BY ordinal"
        arms = {arm: (status, name) for arm, status, name in self._raw.execute(latest, [pair_id])}
        for arm in Arm:
            status, name = arms.get(arm, (None, None))
            if status != RenderStatus.DONE:
                return f"no finished render of {arm}"
            path = self.settings.blobs / "sha256" / name[:2] / f"{name}.png"
            if not path.exists():
                return f"no file of {arm}, {name}"
            if sha256(path.read_bytes()).hexdigest() != name:
                return f"the file of {arm} holds something else, {name}"
        return None

    def close(self) -> None:
        """Close both connections."""
        self._raw.close()
        self.store.close()

    def _rows(self, query: str) -> list[Row]:
        return [dict(row) for row in self._raw.execute(query)]


def _same_queue(
    before: Sight, logs: dict[str, list[Row]], pairs: dict[str, Row], queue: dict[str, list[Row]]
) -> bool:
    """Whether nothing has changed that the queue is made of."""
    same_logs = all(before.logs[table] == logs[table] for table in ("verdicts", "renders", "runs"))
    return same_logs and before.pairs == pairs and before.queue == queue
