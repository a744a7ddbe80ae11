"""What the verdicts and timings add up to, in words and for charts; added up in :mod:`services.insights`."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import pandas as pd

from core.decisions.proportions import Bounds
from core.formatting import money, percent
from core.records import Arm, Outcome, Reason, Run
from db.insights import ReasonCount, VerdictCounts
from pages.components.charts import Rate
from pages.components.formatting import escaped
from services import insights
from services.insights import LEVEL, Share

TIMINGS = (("latency_ms", "ms", "Latency"), ("gpu_seconds", "GPU seconds", "GPU time"))
HOW_TO_READ = (
    "A verdict is decisive when it prefers one of the two. An interval holds the true value in 19 of 20 such "
    "samples. This page describes; whether it can ship is decided on the Rollouts page."
)
WARM_UP = (
    "The first picture after a model was loaded, or the first batch of them, is left out: it may take longer "
    "than those that follow."
)
NO_TIMING = "A worker has to finish pairs; what it draws right after loading a model does not count."
APPROVAL = (
    "How often the candidate was at least as good: preferred or a tie, of all verdicts that judge. "
    "*Both are bad* counts against it."
)


def win_rate(counts: VerdictCounts) -> Rate:
    """How often the candidate was preferred, of the verdicts that prefer one."""
    return _rate("decisive verdicts", insights.win_rate(counts))


def approval(counts: VerdictCounts) -> Rate:
    """How often the candidate was at least as good, of all verdicts but *can't judge*."""
    return _rate(counts.group, insights.approval(counts))


def approvals(groups: Iterable[VerdictCounts]) -> list[Rate]:
    """The approval of each group that has a verdict to count."""
    return [rate for rate in map(approval, groups) if rate.n]


def _rate(label: str, found: Share) -> Rate:
    return Rate(label=label, share=found.share, low=found.low, high=found.high, n=found.n)


def outcomes(counts: VerdictCounts, baseline: str, candidate: str) -> list[tuple[str, int]]:
    """Each outcome in words with how often it was given."""
    return [
        (f"{candidate} is better", counts.candidate),
        ("Tie", counts.tie),
        (f"{baseline} is better", counts.baseline),
        ("Both are bad", counts.both_bad),
        ("Can't judge", counts.cant_judge),
    ]


def sentence(
    counts: VerdictCounts, speed: Bounds | None, dollars: Mapping[Arm, float], candidate: str
) -> str:
    """The page's answer in one line."""
    parts = [_preference(counts, candidate)]
    if speed is not None:
        parts.append(f"It takes {in_words(speed)}")
    if len(dollars) == len(Arm):
        before, after = (_dollars(dollars[arm]) for arm in Arm)
        parts.append(f"1,000 images cost {after} instead of {before}")
    return ". ".join(parts) + "."


def in_words(change: Bounds) -> str:
    """Such as ``29% less time (95% interval: 31% less to 27% less)``."""
    between = f"{_change(change.low)} to {_change(change.high)}"
    return f"{_change(change.estimate)} time ({percent(LEVEL)} interval: {between})"


def comparison(change: Bounds | None) -> str:
    """One timing of the candidate against the baseline's, in words."""
    return "not measured on both" if change is None else f"The candidate takes {in_words(change)}."


def sample(timed: int, of: int) -> str:
    """That the timings are of a part of a run's pairs, and of which."""
    return (
        f"Timings and cost are of {timed:,} of the run's {of:,} pairs: the first in the order of review, "
        "which was drawn by chance. The intervals are of as many."
    )


def cost_rows(dollars: Mapping[Arm, float], run: Run) -> dict[str, str]:
    """Cost of 1,000 images by model."""
    names = {Arm.BASELINE: run.baseline, Arm.CANDIDATE: run.candidate}
    return {f"1,000 images of {escaped(names[arm])}": _dollars(amount) for arm, amount in dollars.items()}


def reviewer_rows(groups: Iterable[VerdictCounts]) -> pd.DataFrame:
    """How many verdicts each reviewer gave and how often the candidate was at least as good to them."""
    rows = [
        {
            "Reviewer": escaped(group.group),
            "Verdicts": group.total,
            "Approval": _with_interval(approval(group)),
        }
        for group in groups
    ]
    return pd.DataFrame(rows).set_index("Reviewer")


def _with_interval(rate: Rate) -> str:
    if not rate.n:
        return "nothing to count"
    return f"{percent(rate.share)} ({percent(rate.low)} to {percent(rate.high)})"


def reason_rows(reasons: Iterable[ReasonCount]) -> pd.DataFrame:
    """How often each reason was given, by the outcome it was given with."""
    times: dict[Reason, Counter[Outcome]] = defaultdict(Counter)
    for one in reasons:
        times[one.reason][one.outcome] += one.times
    often_first = sorted(times.items(), key=lambda entry: -entry[1].total())
    rows = [
        {"Reason": reason.value} | {outcome.label: counts[outcome] for outcome in Outcome}
        for reason, counts in often_first
    ]
    return pd.DataFrame(rows or [{"Reason": "none was given"}]).set_index("Reason")


def _change(times: float) -> str:
    if not math.isfinite(times) or times <= 0:
        return "an unknown amount of"
    return f"{percent(abs(times - 1))} {'more' if times > 1 else 'less'}"


def _preference(counts: VerdictCounts, candidate: str) -> str:
    if not counts.decisive:
        return "Nobody has preferred one of the two yet"
    rate = win_rate(counts)
    between = f"{percent(LEVEL)} interval: {percent(rate.low)} to {percent(rate.high)}"
    return f"**{escaped(candidate)}** wins {percent(rate.share)} of {rate.n:,} decisive verdicts ({between})"


def _dollars(amount: float) -> str:
    return money(amount).replace("$", "\\$")
