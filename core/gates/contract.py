"""Promises without statistics: the candidate keeps its contract, and delivers what it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.config.toml_tables import Table
from core.formatting import count
from core.gates.belief import Kind, Problem
from core.gates.judgement import Judgement
from core.gates.scope import CaseOf, Scope
from core.records import Arm, GateOutcome, Pair, RenderStatus

CHECK = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSettings:
    """How many pictures may break the rule."""

    most: int


def read(table: Table) -> ContractSettings:
    """The settings as a policy declares them."""
    return ContractSettings(most=table.integer("most", 0, minimum=0))


def judge_contract(settings: ContractSettings, scope: Scope, title: str) -> Judgement:
    """Failed when more pictures of the candidate than allowed break a promise; nothing may be missing."""

    def fault(pair: Pair) -> str | None:
        if _both_failed(scope, pair):
            raise Problem(Kind.MISSING, "candidate and baseline failed to deliver")
        if not scope.delivered(pair):
            raise Problem(Kind.MISSING, "the candidate failed to deliver it")
        broken = scope.value(pair, CHECK, "breaches", Arm.CANDIDATE) > 0
        return scope.measured(pair, CHECK, "breaches", Arm.CANDIDATE)[0].reason if broken else None

    def clause(faulty: Sequence[Pair], pictures: str) -> str:
        return f"the candidate breaks its contract in {len(faulty)} of {pictures}"

    return _judge(settings, scope, fault, clause, title=title)


def judge_delivery(settings: ContractSettings, scope: Scope, title: str) -> Judgement:
    """Failed when more requests than allowed ended without a picture on the candidate.

    Where the baseline failed as well it still counts against the candidate, and the words say so.
    """

    def fault(pair: Pair) -> str | None:
        render = scope.render(pair, Arm.CANDIDATE)
        if render.status is RenderStatus.DONE:
            return None
        return (
            f"{render.failure.error}: {render.failure.message}" if render.failure else "no reason was stored"
        )

    def clause(faulty: Sequence[Pair], pictures: str) -> str:
        of, both = f"{len(faulty)} of {pictures}", sum(_both_failed(scope, pair) for pair in faulty)
        if not both:
            return f"the candidate failed to deliver in {of}"
        if both < len(faulty):
            return f"the candidate failed to deliver in {of} (in {both} of them the baseline too)"
        what = "nothing" if len(faulty) == len(scope.evidence.pairs) else "none of these"
        return f"candidate and baseline failed to deliver in {of}, so {what} can be compared"

    return _judge(settings, scope, fault, clause, title=title)


def _judge(
    settings: ContractSettings,
    scope: Scope,
    fault: Callable[[Pair], str | None],
    clause: Callable[[Sequence[Pair], str], str],
    *,
    title: str,
) -> Judgement:
    def faults_of(item: CaseOf) -> list[tuple[int, str]]:
        found = [(place, fault(pair)) for place, pair in enumerate(item.pairs)]
        return [(place, words) for place, words in found if words is not None]

    found = scope.read(scope.cases, faults_of)
    pairs = {item.digest: item.pairs for item in scope.cases}
    faults = [
        (pairs[digest][place], words) for digest, of_case in found.values.items() for place, words in of_case
    ]
    too_many = len(faults) > settings.most
    # Without statistics there is nothing to make up for a gap: everything must have been looked at.
    blocked = replace(scope, max_missing_share=0.0).blocked(found, about=title.lower())
    if blocked and not too_many:
        return blocked
    says = clause([pair for pair, _ in faults], count(len(scope.evidence.pairs), "picture"))
    return Judgement(
        outcome=GateOutcome.FAILED if too_many else GateOutcome.SUCCESSFUL,
        short=says if too_many else f"{title.lower()} holds",
        reason=f"{says[0].upper()}{says[1:]}; {_allowed(settings)}.{_example(faults)}",
        value=float(len(faults)),
        threshold=float(settings.most),
        unit="pictures",
        n=len(scope.evidence.pairs),
    )


def _both_failed(scope: Scope, pair: Pair) -> bool:
    """Whether neither arm has a picture; one that is not drawn yet has not failed."""
    renders = scope.evidence.renders.get(pair.id, {})
    return all(arm in renders and renders[arm].status is RenderStatus.FAILED for arm in Arm)


def _example(faults: Sequence[tuple[Pair, str]]) -> str:
    if not faults:
        return ""
    pair, words = faults[0]
    return f" For example {pair.case_name} with seed {pair.seed}: {words.rstrip('.')}."


def _allowed(settings: ContractSettings) -> str:
    return f"at most {settings.most} may" if settings.most else "none may"
