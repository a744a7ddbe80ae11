"""The Store: everything Sidegrade remembers, one noun per attribute. Opened by an entrance, passed to all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

from core.config.settings import Settings
from core.records import Arm, Evidence, ModelSpec
from db.blobs import Blobs
from db.database import Database
from db.decisions import Decisions
from db.evidence import gather, gather_kept, version
from db.golden import Golden
from db.insights import Insights
from db.jobs import Jobs
from db.measurements import Measurements
from db.pairs import Pairs
from db.renders import Renders
from db.replays import Replays
from db.results import Results
from db.reviews import Reviews
from db.runs import Runs
from db.schema import migrate
from db.self_tests import SelfTests
from db.stakes import Stakes
from db.suites import Suites
from db.translation import disk_error
from db.workers import Workers

BUSY_TIMEOUT_MS = 30_000
"""How long a write waits for its turn before it is refused with ``StoreLocked``."""


class Store:
    """The database and the blob folder. Safe to share between threads; each process opens its own."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self.blobs = blobs
        self.suites = Suites(database)
        self.runs = Runs(database)
        self.pairs = Pairs(database)
        self.jobs = Jobs(database)
        self.workers = Workers(database)
        self.renders = Renders(database)
        self.measurements = Measurements(database)
        self.results = Results(database)
        self.replays = Replays(database)
        self.selftests = SelfTests(database)
        self.reviews = Reviews(database)
        self.stakes = Stakes(database)
        self.golden = Golden(database, blobs)
        self.decisions = Decisions(database)
        self.insights = Insights(database)

    @classmethod
    def open(cls, settings: Settings, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Store:
        """Open the store of a home folder, made and migrated as needed.

        Raises:
            StoreError: locked, read-only, damaged, newer than this program, or no space.
            InvalidRequest: the database URL is none.
        """
        try:
            settings.blobs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(str(settings.home), error) from error
        database = Database(settings.database_url, busy_timeout_ms=busy_timeout_ms)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database, Blobs(settings.blobs))

    def evidence(
        self,
        run_id: str,
        *,
        models: Mapping[Arm, ModelSpec] | None = None,
        checks: Collection[str] | None = None,
    ) -> Evidence:
        """Everything a policy may look at about a run, in one snapshot; see :func:`db.evidence.gather`."""
        return gather(self._database, run_id, models=models, checks=checks)

    def kept_evidence(self, run_id: str, *, models: Mapping[Arm, ModelSpec] | None = None) -> Evidence:
        """The same as gates read it, however large the run is; see :func:`db.evidence.gather_kept`."""
        return gather_kept(self._database, run_id, models=models)

    def evidence_version(self) -> tuple[int, ...]:
        """Changes whenever evidence may have, and is read at once: see :func:`db.evidence.version`."""
        return version(self._database)

    def close(self) -> None:
        """Close the database; the store cannot be used any more."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
