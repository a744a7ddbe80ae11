"""What a gate rule returns: a finding about the evidence, not yet a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.decisions.proportions import Bounds
from core.formatting import count
from core.records import GateOutcome, Interval

PAIRED_SHARES: Final = "Newcombe over Clopper–Pearson, by case"
SIGNED_RANK: Final = "Hodges–Lehmann, signed rank"
CLUSTER_BOOTSTRAP: Final = "bootstrap over prompts"
CLOPPER_PEARSON: Final = "Clopper–Pearson"
ANYTIME: Final = "betting, valid at any time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One rule's answer. Values may be infinite or NaN here; they are left out of what is stored."""

    outcome: GateOutcome
    short: str
    """A clause for the sentence at the top, such as *small text fell from 96% to 81%*."""
    reason: str
    """One sentence in plain words, numbers included."""
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    n: int = 0
    interval: Interval | None = None
    n_needed: int | None = None


def left_out(cases: int) -> str:
    """What became of cases that were judged before the start.

    >>> left_out(9)
    'left out: 9 cases judged before the start'
    """
    return f"left out: {count(cases, 'case')} judged before the start"


def interval_of(bounds: Bounds, level: float, method: str) -> Interval:
    """The bounds as a record."""
    return Interval(low=bounds.low, high=bounds.high, level=level, method=method)
