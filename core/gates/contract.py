"""Promises without statistics: the candidate keeps its contract, and delivers what it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.gates.belief import Kind, Problem
from core.gates.judgement import Judgement, counted
from core.gates.scope import CaseOf, Scope
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

    def fault(pair: Pair) -> str | None:
        if not scope.delivered(pair):
            raise Problem(Kind.MISSING, "the candidate failed to deliver it")
        broken = scope.value(pair, CHECK, "breaches", Arm.CANDIDATE) > 0
        return scope.measured(pair, CHECK, "breaches", Arm.CANDIDATE)[0].reason if broken else None

    return _judge(settings, scope, fault, what="breaks its contract", title=title)


def judge_delivery(settings: Settings, scope: Scope, title: str) -> Judgement:
    """Failed when more requests than allowed ended without a picture on the candidate."""

    def fault(pair: Pair) -> str | None:
        render = scope.render(pair, Arm.CANDIDATE)
        if render.status is RenderStatus.DONE:
            return None
        return (
            f"{render.failure.error}: {render.failure.message}" if render.failure else "no reason was stored"
        )

    return _judge(settings, scope, fault, what="failed to deliver", title=title)


def _judge(
    settings: Settings, scope: Scope, fault: Callable[[Pair], str | None], *, what: str, title: str
) -> Judgement:
    def faults_of(item: CaseOf) -> list[str]:
        found = [(pair, fault(pair)) for pair in item.pairs]
        return [
            f"{pair.case_name} with seed {pair.seed}: {words}" for pair, words in found if words is not None
        ]

    found = scope.read(scope.cases, faults_of)
    faults = [words for of_case in found.values.values() for words in of_case]
    too_many = len(faults) > settings.most
    # Without statistics there is nothing to make up for a gap: everything must have been looked at.
    blocked = replace(scope, max_missing_share=0.0).blocked(found, about=title.lower())
    if blocked and not too_many:
        return blocked
    pictures = counted(len(scope.evidence.pairs), "picture")
    example = f", such as {faults[0]}" if faults else ""
    return Judgement(
        outcome=GateOutcome.FAILED if too_many else GateOutcome.SUCCESSFUL,
        short=f"the candidate {what} in {len(faults)} of {pictures}"
        if too_many
        else f"{title.lower()} holds",
        reason=f"The candidate {what} in {len(faults)} of {pictures}{example}; {_allowed(settings)}.",
        value=float(len(faults)),
        threshold=float(settings.most),
        unit="pictures",
        n=len(scope.evidence.pairs),
    )


def _allowed(settings: Settings) -> str:
    return f"at most {settings.most} may" if settings.most else "none may"
