"""Can the candidate still letter what the baseline can? Shares of cases that are read right, paired.

A case passes on an arm when every expected line of every seed is read exactly as written. A line that the
reader confuses on perfect drawings too is left out on both arms; a case whose candidate failed to deliver
does not pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.gates.judgement import Judgement
from core.gates.pairing import Passes, judge_paired
from core.gates.scope import CaseOf, Cases, Kind, Problem, Scope
from core.records import Arm, MeasurementStatus, Pair
from core.toml_files import Table

CHECK = "typography"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which lines are looked at, and how much worse the candidate may be."""

    margin: float
    level: float
    max_letter_height_px: int | None


def read(table: Table) -> Settings:
    """The settings as a policy declares them."""
    height = table.optional_number("max_letter_height_px", minimum=1, maximum=10_000)
    return Settings(
        margin=table.number("margin", minimum=0.001, maximum=0.5),
        level=table.number("level", minimum=0.5, maximum=0.999),
        max_letter_height_px=None if height is None else int(height),
    )


def judge(settings: Settings, scope: Scope, title: str) -> Judgement:
    """Successful when the candidate's share is surely not more than the margin below the baseline's."""
    about = [item for item in scope.cases() if _lines(settings, item)]
    found = scope.read(about, lambda item: _passes(settings, scope, item))
    kept = {digest: passes for digest, passes in found.values.items() if passes is not None}
    told = Cases(kept, found.problems)
    return judge_paired(scope, told, title=title, margin=settings.margin, level=settings.level)


def _lines(settings: Settings, item: CaseOf) -> set[str]:
    """The expected strings that these settings are about."""
    limit = settings.max_letter_height_px
    return {
        line.text
        for line in item.case.expected_text
        if limit is None or (line.letter_height_px is not None and line.letter_height_px <= limit)
    }


def _passes(settings: Settings, scope: Scope, item: CaseOf) -> Passes | None:
    """Whether the case passes on each arm; None when the reader can tell none of its lines."""
    right: dict[Arm, list[bool]] = {arm: [] for arm in Arm}
    for pair in item.pairs:
        if scope.delivered(pair):
            for told in _read_right(scope, pair, _lines(settings, item)):
                right[Arm.BASELINE].append(told.baseline)
                right[Arm.CANDIDATE].append(told.candidate)
        else:
            right[Arm.CANDIDATE].append(False)
    if not any(right.values()):
        return None
    return Passes(baseline=all(right[Arm.BASELINE]), candidate=all(right[Arm.CANDIDATE]))


def _read_right(scope: Scope, pair: Pair, lines: set[str]) -> list[Passes]:
    """For each line that can be told on both arms, whether it was read right."""
    arms = {arm: {m.subject: m for m in scope.measured(pair, CHECK, "exact", arm)} for arm in Arm}
    told = []
    for line in sorted(lines):
        both = [arms[arm].get(line) for arm in Arm]
        if any(measurement is None for measurement in both):
            raise Problem(Kind.MISSING, f"{CHECK} said nothing about «{line}»")
        if all(m is not None and m.status is MeasurementStatus.MEASURED for m in both):
            baseline, candidate = (m is not None and m.value == 1 for m in both)
            told.append(Passes(baseline=baseline, candidate=candidate))
    return told
