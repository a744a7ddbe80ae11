"""Time that goes on from a given moment: long work is handed one ``now`` and still dates what it finishes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


class Clock:
    """A call gives the moment it was set to, plus the time since."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        """Go on from here."""
        self._start = (now, time.monotonic())

    def __call__(self) -> datetime:
        """The present moment, in the time zone of ``now``."""
        moment, counter = self._start
        return moment + timedelta(seconds=time.monotonic() - counter)
