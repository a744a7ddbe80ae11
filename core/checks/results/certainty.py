"""How sure is a finding? What the check's self-test promises, and what the reader thought of its letters."""

from __future__ import annotations

from core.formatting import percent
from core.records import Measurement, MeasurementStatus, SelfTest


def how_sure(found: Measurement, test: SelfTest | None) -> str:
    """In words; ``test`` is the latest self-test of the check, None when there was none on this machine."""
    if found.status is MeasurementStatus.ERROR:
        return "not at all: it could not run"
    if found.status is MeasurementStatus.AMBIGUOUS:
        return "cannot tell: the reader confuses these glyphs on perfect drawings too"
    if test is None:
        return "unknown: the check had no self-test on this machine"
    if not test.trusted:
        return f"not to be trusted: {test.reason}"
    return "; ".join(filter(None, (_rates(test), _letters(found))))


def _rates(test: SelfTest) -> str:
    found = f"finds {percent(test.hit_rate)} of known faults"
    hits = "no known faults to find" if test.hit_rate is None else found
    return f"{hits}, {percent(test.false_alarm_rate or 0)} false alarms"


def _letters(found: Measurement) -> str:
    score = found.raw.get("score")
    return f"letters read with {percent(score)}" if isinstance(score, float) else ""
