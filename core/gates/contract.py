"""Promises without statistics: the candidate keeps its contract, and delivers what it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.gates.judgement import Judgement, counted
from core.gates.scope import CaseOf, Kind, Problem, Scope
from core.records import Arm, GateOutcome, Pair, RenderStatus
from core.toml_files import Table

CHECK = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How many pictures may break the rule."""

    most: int


def read(table: Table) -> Settings:
    """The settings as a policy declares them."""
    return Settings(most=table.integer("most", 0, minimum=0))


def judge_contract(settings: Settings, scope: Scope, title: str) -> Judgement:
    """Failed when more pictures of the candidate than allowed break a promise; nothing may be missing."""

    def breaks(pair: Pair) -> bool:
        if not scope.delivered(pair):
            raise Problem(Kind.MISSING, "the candidate failed to deliver it")
        return scope.value(pair, CHECK, "breaches", Arm.CANDIDATE) > 0

    return _judge(settings, scope, breaks, what="breaks its contract", title=title)


def judge_delivery(settings: Settings, scope: Scope, title: str) -> Judgement:
    """Failed when more requests than allowed ended without a picture on the candidate."""

    def fails(pair: Pair) -> bool:
        return scope.render(pair, Arm.CANDIDATE).status is RenderStatus.FAILED

    return _judge(settings, scope, fails, what="failed to deliver", title=title)


def _judge(
    settings: Settings, scope: Scope, breaks: Callable[[Pair], bool], *, what: str, title: str
) -> Judgement:
    def broken_in(item: CaseOf) -> list[Pair]:
        return [pair for pair in item.pairs if breaks(pair)]

    found = scope.read(scope.cases(), broken_in)
    broken = [pair for pairs in found.values.values() for pair in pairs]
    if len(broken) > settings.most:
        return _failed(settings, scope, broken, what=what)
    # Without statistics there is nothing to make up for a gap: everything must have been looked at.
    if blocked := replace(scope, max_missing_share=0.0).blocked(found, about=title.lower()):
        return blocked
    return Judgement(
        outcome=GateOutcome.SUCCESSFUL,
        short=f"{title.lower()} holds",
        reason=f"All {counted(len(scope.evidence.pairs), 'picture')} of the candidate were looked at; "
        f"{len(broken)} {what} (at most {settings.most} may).",
        value=float(len(broken)),
        threshold=float(settings.most),
        unit="pictures",
        n=len(scope.evidence.pairs),
    )


def _failed(settings: Settings, scope: Scope, broken: list[Pair], *, what: str) -> Judgement:
    example = broken[0]
    return Judgement(
        outcome=GateOutcome.FAILED,
        short=f"the candidate {what} in {counted(len(broken), 'picture')}",
        reason=f"The candidate {what} in {len(broken)} of {counted(len(scope.evidence.pairs), 'picture')} "
        f"(at most {settings.most} may), such as {example.case_name} with seed {example.seed}: "
        f"{_why(scope, example)}.",
        value=float(len(broken)),
        threshold=float(settings.most),
        unit="pictures",
        n=len(scope.evidence.pairs),
    )


def _why(scope: Scope, pair: Pair) -> str:
    failure = scope.render(pair, Arm.CANDIDATE).failure
    if failure is not None:
        return f"{failure.error}: {failure.message}"
    return scope.measured(pair, CHECK, "breaches", Arm.CANDIDATE)[0].reason
