"""The Store: everything Sidegrade remembers, one noun per attribute. Opened by an entrance, passed to all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from core.config.settings import Settings
from core.records import Arm, Evidence, ModelSpec
from db.adoption import Adoption
from db.blobs import Blobs
from db.copies import CopyFacts, copy_database, facts_of
from db.database import Database
from db.decisions import Decisions
from db.evidence import gather, version
from db.golden import Golden
from db.insights import Insights
from db.jobs import Jobs
from db.leftovers import Leftovers
from db.measurements import Measurements
from db.pairs import Pairs
from db.pictures import Pictures
from db.renders import Renders
from db.replays import Replays
from db.reviews import Reviews
from db.runs import Runs
from db.schema import migrate
from db.self_tests import SelfTests
from db.stakes import Stakes
from db.stored_files import StoredFiles
from db.suites import Suites
from db.translation import disk_error
from db.workers import Workers

BUSY_TIMEOUT_MS = 30_000
"""How long a write waits for its turn before it is refused with ``StoreLocked``."""


class Store:
    """The database and the blob folder. Safe to share between threads; each process opens its own."""

    def __init__(self, database: Database, blobs: Path) -> None:
        self._database = database
        self.stored_files = StoredFiles(database)
        self.blobs = Blobs(blobs, self.stored_files)
        self.adoption = Adoption(blobs, self.stored_files)
        self.leftovers = Leftovers(database, blobs)
        self.suites = Suites(database)
        self.runs = Runs(database)
        self.pairs = Pairs(database)
        self.jobs = Jobs(database)
        self.workers = Workers(database)
        self.renders = Renders(database)
        self.pictures = Pictures(database, self.blobs)
        self.measurements = Measurements(database)
        self.replays = Replays(database)
        self.selftests = SelfTests(database)
        self.reviews = Reviews(database)
        self.stakes = Stakes(database)
        self.golden = Golden(database, self.blobs)
        self.decisions = Decisions(database)
        self.insights = Insights(database)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        clock: Callable[[], datetime] | None = None,
    ) -> Store:
        """Open the store of a home folder, made and migrated as needed.

        Args:
            clock: stands for the database's clock in tests and simulations; None: the database is asked.

        Raises:
            StoreError: locked, read-only, damaged, newer than this program, or no space.
            InvalidRequest: the database URL is none.
        """
        try:
            settings.blobs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(str(settings.home), error) from error
        database = Database(settings.database_url, busy_timeout_ms=busy_timeout_ms, clock=clock)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database, settings.blobs)

    def evidence(
        self,
        run_id: str,
        *,
        models: Mapping[Arm, ModelSpec] | None = None,
        checks: Collection[str] | None = None,
    ) -> Evidence:
        """Everything a policy may look at about a run, in one snapshot; see :func:`db.evidence.gather`."""
        return gather(self._database, run_id, models=models, checks=checks)

    def evidence_version(self) -> tuple[int, ...]:
        """Changes whenever evidence may have, and is read at once: see :func:`db.evidence.version`."""
        return version(self._database)

    def now(self) -> datetime:
        """The present moment by the database's clock: see :meth:`db.database.Database.now`."""
        with self._database.read() as connection:
            return self._database.now(connection)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._database.engine.dialect.name

    def copy_database(self, path: Path) -> CopyFacts:
        """Copy the database as it is at this moment into a new SQLite file, and say what the copy holds.

        Raises:
            DatabaseDamaged: the copy cannot be read through.
            StoreError: the database or the disk refuses.
        """
        copy_database(self._database, path)
        return facts_of(path)

    def require_present(self) -> None:
        """Refuse to go on when the database's file is gone: :meth:`db.database.Database.require_present`."""
        self._database.require_present()

    def require_sound(self) -> None:
        """Refuse to go on when the database is damaged: :meth:`db.database.Database.require_sound`."""
        self._database.require_sound()

    def try_write(self) -> None:
        """Whether a write would work now: one is tried and taken back; see :meth:`Database.try_write`."""
        self._database.try_write()

    def close(self) -> None:
        """Close the database; the store cannot be used any more."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
