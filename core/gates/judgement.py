"""What a gate rule returns, and the words it uses: a finding about the evidence, not yet a decision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.decisions.proportions import Bounds
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
    """A clause for the sentence at the top, such as *small text fell from 96 % to 81 %*."""
    reason: str
    """One sentence in plain words, numbers included."""
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    n: int = 0
    interval: Interval | None = None
    n_needed: int | None = None


def percent(share: float) -> str:
    """A share as people read it; one that is not quite 0 or 1 is never written as if it were.

    >>> percent(0.956), percent(0.004), percent(0.00004), percent(0.99999)
    ('96 %', '0.4 %', 'under 0.1 %', 'over 99.9 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    digits = 1 if 0 < share < 0.01 or 0.99 < share < 1 else 0
    return f"{share * 100:.{digits}f} %"


def signed_percent(difference: float) -> str:
    """A difference of shares with its sign; a whole number of points.

    >>> signed_percent(0.234), signed_percent(-0.05), signed_percent(0.0)
    ('+23 %', '−5 %', '0 %')
    """
    points = round(difference * 100)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)} %"


def times(ratio: float) -> str:
    """How many times as much, in two decimals.

    >>> times(1.25), times(float("inf"))
    ('1.25', 'infinitely many')
    """
    return f"{ratio:.2f}" if ratio < math.inf else "infinitely many"


def counted(n: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "case"), counted(3, "case")
    ('1 case', '3 cases')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def left_out(cases: int) -> str:
    """What became of cases that were judged before the start.

    >>> left_out(9)
    'left out: 9 cases judged before the start'
    """
    return f"left out: {counted(cases, 'case')} judged before the start"


def interval_of(bounds: Bounds, level: float, method: str) -> Interval:
    """The bounds as a record."""
    return Interval(low=bounds.low, high=bounds.high, level=level, method=method)
