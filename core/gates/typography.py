"""Can the candidate still letter what the baseline can? Shares of cases that are read right, paired.

A case passes on an arm when every expected line of every seed is read exactly as written. A line that the
reader confuses on perfect drawings too is left out on both arms; a case whose candidate failed to deliver
does not pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.gates.belief import Kind, Problem
from core.gates.judgement import Judgement
from core.gates.pairing import Passes, judge_paired
from core.gates.scope import CaseOf, Cases, Scope
from core.records import Arm, Case, ExpectedText, Measurement, MeasurementStatus, Pair
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
    about = [
        item for item in scope.cases if any(_is_asked(settings, line) for line in item.case.expected_text)
    ]
    found = scope.read(about, lambda item: _passes(settings, scope, item))
    kept = {digest: passes for digest, passes in found.values.items() if passes is not None}
    told = Cases(kept, found.problems)
    return judge_paired(scope, told, title=title, margin=settings.margin, level=settings.level)


def _is_asked(settings: Settings, line: ExpectedText) -> bool:
    limit = settings.max_letter_height_px
    return limit is None or (line.letter_height_px is not None and line.letter_height_px <= limit)


def _passes(settings: Settings, scope: Scope, item: CaseOf) -> Passes | None:
    """Whether the case passes on each arm; None when the reader can tell none of its lines."""
    lines: list[Passes] = []
    for pair in item.pairs:
        delivered = scope.delivered(pair)
        lines += _lines(settings, scope, pair, item.case) if delivered else [Passes(True, False)]
    if not lines:
        return None
    return Passes(all(line.baseline for line in lines), all(line.candidate for line in lines))


def _lines(settings: Settings, scope: Scope, pair: Pair, case: Case) -> list[Passes]:
    """For each line asked about that can be told on both arms, whether it was read right."""
    baseline, candidate = (_examined(scope, pair, arm, case) for arm in Arm)
    return [
        Passes(before.value == 1, after.value == 1)
        for line, before, after in zip(case.expected_text, baseline, candidate, strict=True)
        if _is_asked(settings, line) and MeasurementStatus.AMBIGUOUS not in (before.status, after.status)
    ]


def _examined(scope: Scope, pair: Pair, arm: Arm, case: Case) -> list[Measurement]:
    """The measurement of every expected line, in their order: the same words may stand there at two sizes."""
    found = scope.measured(pair, CHECK, "exact", arm)
    if [m.subject for m in found] != [line.text for line in case.expected_text]:
        raise Problem(Kind.MISSING, f"{CHECK} did not examine every line")
    return found
