"""What the app finds at its start: the suite files, and at the first start pairs that are being made."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.config.settings import Settings
from core.config.suites import find_suite, list_suites
from core.errors import InvalidFile
from services.runs import request_run

if TYPE_CHECKING:
    from db.store import Store

SUITE = "starter"
BASELINE = "letterpress"
CANDIDATES = {"letterpress-turbo": (1, 2), "letterpress-2": (3, 4)}
"""With the seeds of their runs. The upgrade that went wrong is first: a newcomer should meet it first.

No seed stands twice: an equal picture in both runs would be the baseline's, and tell the candidate's.
"""


def offer_suites(store: Store, settings: Settings, now: datetime) -> list[InvalidFile]:
    """Let the pages offer the suite files as they are now; gives why some cannot be offered."""
    files = list_suites(settings.suites_folder)
    for suite in files:
        store.suites.save(suite, now)
    return list(files.broken.values())


def request_starter(store: Store, settings: Settings, now: datetime) -> list[str]:
    """Ask for the starter suite on the embedded models if nothing was ever asked for; ids of the runs."""
    if store.runs.list(limit=1):
        return []
    suite = find_suite(SUITE, settings.suites_folder)
    runs = [
        request_run(
            store,
            settings,
            suite,
            baseline=BASELINE,
            candidate=candidate,
            seeds=seeds,
            requested_by="first start",
            now=now,
        )
        for candidate, seeds in CANDIDATES.items()
    ]
    return [run.id for run in runs]
