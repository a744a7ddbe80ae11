"""Does the candidate keep transparency where it is expected? A lost channel fails, faults are compared."""

from __future__ import annotations

from dataclasses import dataclass

from core.gates.judgement import Judgement, counted
from core.gates.pairing import Passes, judge_paired
from core.gates.scope import CaseOf, Scope
from core.records import Arm, GateOutcome
from core.toml_files import Table

CHECK = "alpha"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How many more cases than the baseline's may have a fault."""

    margin: float
    level: float


def read(table: Table) -> Settings:
    """The settings as a policy declares them."""
    return Settings(
        margin=table.number("margin", minimum=0.001, maximum=0.5),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def judge(settings: Settings, scope: Scope, title: str) -> Judgement:
    """Failed when one expected channel is gone; else by the shares of cases whose alpha has no fault."""
    about = [item for item in scope.cases if item.case.expects_alpha]
    kept = scope.read(about, lambda item: _keeps_channel(scope, item))
    if lost := [digest for digest, keeps in kept.values.items() if not keeps]:
        return _lost(lost, scope, kept.asked)
    found = scope.read(about, lambda item: _passes(scope, item))
    return judge_paired(scope, found, title=title, margin=settings.margin, level=settings.level)


def _keeps_channel(scope: Scope, item: CaseOf) -> bool:
    pictures = [pair for pair in item.pairs if scope.delivered(pair)]
    return all(scope.value(pair, CHECK, "band_present", Arm.CANDIDATE) == 1 for pair in pictures)


def _passes(scope: Scope, item: CaseOf) -> Passes:
    delivered = [pair for pair in item.pairs if scope.delivered(pair)]
    faultless = {arm: all(scope.value(pair, CHECK, "faults", arm) == 0 for pair in delivered) for arm in Arm}
    everything = len(delivered) == len(item.pairs)
    return Passes(baseline=faultless[Arm.BASELINE], candidate=faultless[Arm.CANDIDATE] and everything)


def _lost(lost: list[str], scope: Scope, asked: int) -> Judgement:
    example = scope.evidence.cases[lost[0]].name
    return Judgement(
        outcome=GateOutcome.FAILED,
        short=f"the alpha channel is gone in {len(lost)} of {counted(asked, 'case')}",
        reason=f"The candidate gave no alpha channel in {len(lost)} of {counted(asked, 'case')} that expect "
        f"one, such as {example}; none may lose it.",
        value=float(len(lost)),
        threshold=0.0,
        unit="cases without alpha",
        n=asked,
    )
