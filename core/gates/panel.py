"""May the panel be believed? Enough reviewers who lean the same way, and nothing odd about any of them.

A decision holds for this panel: another panel of the same size may have other tastes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.config.toml_tables import Table
from core.decisions.agreement import FEWEST_OVERLAPS, LOW_AGREEMENT, panel_veto, side_bias
from core.formatting import count
from core.gates.judgement import Judgement
from core.gates.scope import Scope
from core.records import GateOutcome
from core.review.reviewers import agreement_on, known_answers, reviewer_means, sides_chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSettings:
    """How many reviewers, and when to look closer at them."""

    fewest_reviewers: int
    alpha_veto: float
    alpha_side_bias: float


def read(table: Table) -> PanelSettings:
    """The settings as a policy declares them."""
    return PanelSettings(
        fewest_reviewers=table.integer("fewest_reviewers", minimum=1),
        alpha_veto=table.number("alpha_veto", minimum=0.001, maximum=0.5),
        alpha_side_bias=table.number("alpha_side_bias", minimum=0.0001, maximum=0.2),
    )


def judge(settings: PanelSettings, scope: Scope, title: str) -> Judgement:
    """Successful when enough reviewers lean the same way and none needs an audit; never failed."""
    if unheard := scope.unheard:
        return unheard
    evidence = scope.evidence
    means = reviewer_means(scope.units)
    plan = evidence.run.plan
    null = 0.5 if plan.mode == "superiority" else 0.5 - plan.margin
    veto = panel_veto(list(means.values()), null_score=null, alpha=settings.alpha_veto)
    doubts = _audits(settings, scope) + _not_qualified(scope, list(means))
    people = count(len(means), "reviewer")
    opening = f"{len(means)} of at least {count(settings.fewest_reviewers, 'reviewer')} took part"
    if len(means) < settings.fewest_reviewers:
        doubts.append(opening)
    else:
        if not veto.passed:
            doubts.append("the reviewers, counted once each, do not clearly lean towards the candidate")
        opening = f"{people} took part" if doubts else f"Holds for this panel of {people}"
    said = [opening, *(doubt for doubt in doubts if doubt != opening), _agreement_words(scope)]
    return Judgement(
        outcome=GateOutcome.INCONCLUSIVE if doubts else GateOutcome.SUCCESSFUL,
        short=doubts[0] if doubts else f"{people} lean the same way",
        reason=f"{'; '.join(said)}.",
        value=float(len(means)),
        threshold=float(settings.fewest_reviewers),
        unit="reviewers",
        n=len(means),
    )


def _audits(settings: PanelSettings, scope: Scope) -> list[str]:
    bias = side_bias(sides_chosen(scope.evidence), alpha=settings.alpha_side_bias)
    known = known_answers(scope.evidence)
    one_sided = [f"{name} mostly picks one side of the screen" for name in bias if bias[name].flagged]
    return one_sided + [f"{name} misses known answers" for name in known if known[name].failed]


def _not_qualified(scope: Scope, reviewers: list[str]) -> list[str]:
    """In non-inferiority careless verdicts look like equal quality: each reviewer must find known faults."""
    if scope.evidence.run.plan.mode != "non_inferiority":
        return []
    known = known_answers(scope.evidence)
    unqualified = [name for name in reviewers if name not in known or not known[name].qualified]
    have = "has" if len(unqualified) == 1 else "have"
    return [f"{', '.join(unqualified)} {have} not yet found the known faults"] if unqualified else []


def _agreement_words(scope: Scope) -> str:
    """How far reviewers agree beyond chance, where enough pairs were judged twice to tell."""
    pairs, alpha = agreement_on(scope.evidence)
    if pairs < FEWEST_OVERLAPS:
        return f"too few pairs judged twice ({pairs}) to tell agreement"
    if math.isnan(alpha):
        return f"all {pairs} pairs judged twice got one and the same verdict"
    low = "low, " if alpha < LOW_AGREEMENT else ""
    return f"their agreement on {pairs} pairs judged twice is {low}{alpha:.2f} (1 is full, 0 is chance)"
