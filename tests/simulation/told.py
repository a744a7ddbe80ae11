"""What the product has told its callers, kept outside of it: each word has to hold for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.records import Job


@dataclass(kw_only=True)
class Told:
    """Every acknowledgement of one history."""

    saved: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Verdicts and undos that were answered *saved*: person and pair, or the verdict that was taken back."""
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Verdicts that were answered *not saved*: known already, or another one stands on the pair."""
    finished: dict[str, str] = field(default_factory=dict)
    """The last worker whose end of a job was taken, by job."""
    claimed: list[tuple[Job, str, datetime]] = field(default_factory=list)
    """Jobs handed out in this step: to whom, and when by the true time."""
    shown: list[str] = field(default_factory=list)
    """Pairs that reviewers were given in this step."""
    retried: int = 0
    """How often failed jobs were queued once more."""
    signed: list[str] = field(default_factory=list)
    """Persons whose signature was taken, in this order."""
    starts: int = 0
    labels: set[str] = field(default_factory=set)
    """Uuids of triage events that were given out as stored."""
    versions: dict[int, str] = field(default_factory=dict)
    """Digests of frozen golden sets, by number."""

    def end_step(self) -> None:
        """Forget what was told about this step alone."""
        self.claimed.clear()
        self.shown.clear()
