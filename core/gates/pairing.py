"""Cases that pass or fail on each arm, compared: the shared heart of the typography and alpha gates."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from core.decisions.proportions import PairedCounts, mcnemar_exact, newcombe_paired
from core.gates.judgement import PAIRED_SHARES, Judgement, counted, interval_of, percent
from core.gates.scope import Cases, Scope
from core.records import GateOutcome

MOST_GROWTH = 40
"""A gate that would need more than this many times its cases gets no forecast."""


class Passes(NamedTuple):
    """Whether one case passes on each arm."""

    baseline: bool
    candidate: bool


def judge_paired(scope: Scope, found: Cases[Passes], *, title: str, margin: float, level: float) -> Judgement:
    """Judge "the candidate's share of passing cases is more than ``margin`` below the baseline's".

    Successful when the whole interval of the difference lies above -margin, failed when it lies below,
    inconclusive between.
    """
    if blocked := scope.blocked(found, about=title.lower()):
        return blocked
    counts = paired_counts(found)
    bounds = newcombe_paired(counts, level=level)
    if bounds.low > -margin:
        outcome = GateOutcome.SUCCESSFUL
    else:
        outcome = GateOutcome.FAILED if bounds.high < -margin else GateOutcome.INCONCLUSIVE
    needed = more_cases_needed(counts, margin, level) if outcome is GateOutcome.INCONCLUSIVE else None
    return Judgement(
        outcome=outcome,
        short=_short(counts, title, needed),
        reason=_reason(counts, margin),
        value=bounds.estimate,
        threshold=-margin,
        unit="difference of shares",
        n=counts.total,
        interval=interval_of(bounds, level, PAIRED_SHARES),
        n_needed=needed,
    )


def paired_counts(found: Cases[Passes]) -> PairedCounts:
    """The 2×2 table of the cases."""
    counts = Counter(found.values.values())
    return PairedCounts(
        both=counts[Passes(baseline=True, candidate=True)],
        candidate_only=counts[Passes(baseline=False, candidate=True)],
        baseline_only=counts[Passes(baseline=True, candidate=False)],
        neither=counts[Passes(baseline=False, candidate=False)],
    )


def more_cases_needed(counts: PairedCounts, margin: float, level: float) -> int | None:
    """About how many more cases would succeed at the shares seen so far; None when none would."""
    for tenths in range(11, 10 * MOST_GROWTH + 1):
        larger = PairedCounts(*(round(count * tenths / 10) for count in counts))
        if newcombe_paired(larger, level=level).low > -margin:
            return math.ceil(counts.total * (tenths - 10) / 10)
    return None


def _shares(counts: PairedCounts) -> tuple[float, float]:
    baseline = (counts.both + counts.baseline_only) / counts.total
    return baseline, (counts.both + counts.candidate_only) / counts.total


def _short(counts: PairedCounts, title: str, needed: int | None) -> str:
    before, after = _shares(counts)
    if before == after:
        change = f"stays at {percent(after)}"
    else:
        change = f"{'fell' if after < before else 'rose'} from {percent(before)} to {percent(after)}"
    more = f" (about {counted(needed, 'more case')} would settle it)" if needed else ""
    return f"{title.lower()} {change}{more}"


def _reason(counts: PairedCounts, margin: float) -> str:
    before, after = _shares(counts)
    chance = mcnemar_exact(counts.candidate_only, counts.baseline_only)
    luck = f" (equal models differ that much {percent(chance)} of the time)" if before != after else ""
    return (
        f"Of {counted(counts.total, 'case')}, {percent(before)} are right on the baseline and "
        f"{percent(after)} on the candidate: {counts.baseline_only} only on the baseline, "
        f"{counts.candidate_only} only on the candidate{luck}; a loss of up to {percent(margin)} is accepted."
    )
