"""Pairs that are right or wrong on each arm, judged by what was lost: the heart of every pass/fail gate.

Successful when even the worst reading of what cannot be told lies above the accepted loss, failed when the
best one lies below it. See :mod:`core.gates.outcomes` for the tables and :mod:`core.decisions.losses` for the
interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.decisions.losses import AtRisk, design_effect, fewest_cases, loss_bounds, square_and_add
from core.decisions.proportions import mcnemar_exact
from core.formatting import count, percent
from core.gates.judgement import PAIRED_SHARES, Judgement, interval_of
from core.gates.outcomes import BEST, WORST, Effect, Outcomes
from core.gates.scope import Scope
from core.records import GateOutcome

MOST_GROWTH: Final = 40
"""A gate that would need more than this many times its cases gets no forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many pairs ended how, for words."""

    kept: int
    gained: int
    lost: int
    both_wrong: int
    untold: int
    counted_lost: int
    """Untold pairs that the worst table takes for losses."""

    @property
    def told(self) -> int:
        """Pairs told on both arms."""
        return self.kept + self.gained + self.lost + self.both_wrong

    @property
    def at_risk(self) -> int:
        """Pairs told on both arms on which a loss could show."""
        return self.kept + self.gained + self.lost

    @property
    def baseline(self) -> float:
        """Share of the told pairs that are right on the baseline."""
        return (self.kept + self.lost) / self.told

    @property
    def candidate(self) -> float:
        """Share of the told pairs that are right on the candidate."""
        return (self.kept + self.gained) / self.told


def judge_paired(
    scope: Scope, found: Outcomes, *, title: str, margin: float, level: float, note: str = ""
) -> Judgement:
    """Judge "of the pairs on which a loss could show, the candidate lost more than ``margin``", net of gains.

    Args:
        note: what else to say of the evidence, such as cases that are outside the gate; a whole sentence.
    """
    if blocked := scope.blocked(found.cases, about=title.lower()):
        return blocked
    worst, best = found.at_risk(WORST), found.at_risk(BEST)
    low, high = loss_bounds(worst, level=level), loss_bounds(best, level=level)
    enough = len(found.at_risk(WORST, told=True)) >= fewest_cases(margin, level)
    if low.low > -margin and enough:
        outcome, shown, cases = GateOutcome.SUCCESSFUL, low, worst
    elif high.high < -margin:
        outcome, shown, cases = GateOutcome.FAILED, high, best
    else:
        outcome, shown, cases = GateOutcome.INCONCLUSIVE, low, worst
    tally = tally_of(found)
    needed = more_cases_needed(worst, margin, level) if outcome is GateOutcome.INCONCLUSIVE else None
    return Judgement(
        outcome=outcome,
        short=_short(tally, title, needed, is_open=outcome is GateOutcome.INCONCLUSIVE),
        reason=" ".join(filter(None, (_reason(tally, margin, level, enough=enough), note))),
        value=shown.estimate,
        threshold=-margin,
        unit="difference of shares",
        n=len(cases),
        interval=interval_of(shown, level, PAIRED_SHARES) if cases else None,
        n_needed=needed,
    )


def tally_of(found: Outcomes) -> Tally:
    """The pairs counted by what they say, told ones apart from untold ones."""
    pairs = found.count()
    told = {effect: sum(n for o, n in pairs.items() if o.is_told and WORST[o] is effect) for effect in Effect}
    untold = {outcome: n for outcome, n in pairs.items() if not outcome.is_told}
    return Tally(
        kept=told[Effect.KEPT],
        gained=told[Effect.GAINED],
        lost=told[Effect.LOST],
        both_wrong=told[Effect.OUT],
        untold=sum(untold.values()),
        counted_lost=sum(n for outcome, n in untold.items() if WORST[outcome] is Effect.LOST),
    )


def more_cases_needed(worst: list[AtRisk], margin: float, level: float) -> int | None:
    """About how many more cases would succeed at the rates seen so far; None when none would."""
    if not worst:
        return None
    pairs = sum(case.pairs for case in worst)
    lost, gained = (sum(getattr(case, name) for case in worst) / pairs for name in ("lost", "gained"))
    informative = pairs / design_effect(worst)
    for tenths in range(11, 10 * MOST_GROWTH + 1):
        larger = square_and_add(lost, gained, n=informative * tenths / 10, level=level)
        cases = math.ceil(len(worst) * tenths / 10)
        if larger.low > -margin and cases >= fewest_cases(margin, level):
            return cases - len(worst)
    return None


def _short(tally: Tally, title: str, needed: int | None, *, is_open: bool) -> str:
    """A clause that never calls what could not be seen a success; what is untold is said while it matters."""
    about = title.lower()
    if not tally.told:
        return f"{about} cannot be told in {count(tally.untold, 'pair')}"
    if not tally.at_risk:
        return f"no loss of {about} could show: it is wrong on both in {count(tally.both_wrong, 'pair')}"
    unread = f", {count(tally.untold, 'pair')} cannot be told" if is_open and tally.untold else ""
    more = f" (about {count(needed, 'more case')} would settle it)" if needed else ""
    return f"{about} {_change(tally)}{unread}{more}"


def _change(tally: Tally) -> str:
    before, after = percent(tally.baseline), percent(tally.candidate)
    if tally.lost == tally.gained:
        return f"stays at {after}"
    if before == after:  # the same in whole percents: the pairs themselves tell more
        return f"is lost in {count(tally.lost, 'pair')} and gained in {tally.gained}"
    return f"{'fell' if tally.candidate < tally.baseline else 'rose'} from {before} to {after}"


def _reason(tally: Tally, margin: float, level: float, *, enough: bool) -> str:
    """What was counted, so that a reader can count again."""
    total = tally.told + tally.untold
    parts = [
        f"{tally.at_risk} of {count(total, 'pair')} could show a loss: {tally.lost} that were right are "
        f"now wrong, {tally.gained} that were wrong are now right{_luck(tally)}",
    ]
    if tally.both_wrong:
        parts.append(f"{tally.both_wrong} are wrong on both and were left out")
    if tally.untold:
        parts.append(f"{tally.untold} could not be told ({tally.counted_lost} count as lost)")
    parts.append(f"a net loss of up to {percent(margin)} of the pairs at risk is accepted")
    few = "" if enough else f" At least {count(fewest_cases(margin, level), 'case')} at risk are needed."
    return f"{'; '.join(parts)}.{few}"


def _luck(tally: Tally) -> str:
    if tally.lost == tally.gained:
        return ""
    chance = mcnemar_exact(tally.gained, tally.lost)
    return f" (equal models differ that much {percent(chance)} of the time)"
