"""Does the candidate keep transparency where it is expected? A lost channel fails, faults are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.config.toml_tables import Table
from core.formatting import count
from core.gates.belief import Problem
from core.gates.judgement import Judgement
from core.gates.outcomes import Told, read_outcomes
from core.gates.pairing import judge_paired
from core.gates.scope import CaseOf, Scope
from core.records import Arm, GateOutcome, Pair, RenderStatus

CHECK = "alpha"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaSettings:
    """How much more than the baseline may have a fault, as a share of the pairs at risk."""

    margin: float
    level: float


def read(table: Table) -> AlphaSettings:
    """The settings as a policy declares them."""
    return AlphaSettings(
        margin=table.number("margin", minimum=0.001, maximum=0.5),
        level=table.number("level", minimum=0.5, maximum=0.999),
    )


def judge(settings: AlphaSettings, scope: Scope, title: str) -> Judgement:
    """Failed when one expected channel is gone; else by the pairs whose alpha has no fault."""
    about = [item for item in scope.cases if item.case.expects_alpha]
    gone = scope.read(about, lambda item: any(_lost_its_channel(scope, pair) for pair in item.pairs)).values
    if lost := [item for item in about if gone[item.digest]]:
        return _lost(lost, asked=len(about))

    def told(item: CaseOf, pair: Pair, arm: Arm) -> Told:
        return Told.WRONG if scope.value(pair, CHECK, "faults", arm) else Told.RIGHT

    found = read_outcomes(scope, about, told)
    return judge_paired(scope, found, title=title, margin=settings.margin, level=settings.level)


def _lost_its_channel(scope: Scope, pair: Pair) -> bool:
    """Whether the candidate's picture surely has no alpha channel; what is unknown is untold, not lost."""
    try:
        delivered = scope.render(pair, Arm.CANDIDATE).status is RenderStatus.DONE
        return delivered and scope.value(pair, CHECK, "band_present", Arm.CANDIDATE) == 0
    except Problem:
        return False


def _lost(lost: Sequence[CaseOf], *, asked: int) -> Judgement:
    cases = f"{len(lost)} of {count(asked, 'case')}"
    return Judgement(
        outcome=GateOutcome.FAILED,
        short=f"the alpha channel is gone in {cases}",
        reason=f"The candidate gave no alpha channel in {cases} that expect one, such as "
        f"{lost[0].case.name}; none may lose it.",
        value=float(len(lost)),
        threshold=0.0,
        unit="cases without alpha",
        n=asked,
    )
