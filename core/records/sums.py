"""What is counted of a run while it grows, so that no page has to read all of its rows."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Counted(StrEnum):
    """What a sum counts, of the latest render of each arm and the latest examination by each check."""

    SHOWN = "shown"
    """Pairs that can be shown."""
    SHOWN_TAG = "shown_tag"
    """The same, by tag of their case."""
    SHOWN_ALARM = "shown_alarm"
    """The same, by check that found something that is bad whatever a policy says, on either arm."""
    DRAWN = "drawn"
    """Renders, by arm, failed ones included."""
    FAILED = "failed"
    """Failed renders, by arm and failure (JSON)."""
    HIT = "hit"
    """The same, one by one: by arm, and by failure, place and pair."""
    EXAMINED = "examined"
    """Pairs with a measurement."""
    MEASURED = "measured"
    """Pairs with a measurement that could be made."""
    BREACH = "breach"
    """Pairs whose candidate has a finding that is bad whatever a policy says; by place and pair."""
    BROKEN = "broken"
    """The same, all of them together."""
    NOT_RUN = "not_run"
    """Pairs on which a check could not run: by check, reason, metrics, and whether it told something else."""
    LINES_TOLD = "lines_told"
    """Lines of lettering that could be told right from wrong, by arm and letter height."""
    LINES_RIGHT = "lines_right"
    """Of these, lines that were read exactly."""
    PICTURE = "picture"
    """Pairs that hold a picture, by arm and pixels; without pictures that show nothing."""
    FINGERPRINT = "fingerprint"
    """Pairs of a case whose pictures look alike, by arm, case and fingerprint."""
    VERDICT = "verdict"
    """Judgements that stand, by outcome, as the next four."""
    TAG = "tag"
    DAY = "day"
    """By day, UTC, such as ``2026-03-03``."""
    REVIEWER = "reviewer"
    """By the reviewer's name as it was spelled."""
    REASON = "reason"


class SumKey(NamedTuple):
    """Of what something is counted, in one run."""

    what: Counted
    arm: str = ""
    """Empty: of the pair, or of both arms."""
    key: str = ""
    outcome: str = ""
    """Of a verdict; empty for what is no verdict."""
