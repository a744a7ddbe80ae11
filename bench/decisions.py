"""Is a sound decision worth its verdicts? Our rule beside those that teams use today, on simulated panels.

Every rule sees the same verdicts and looks after every single one. *False approvals*: the models are equal.
The other columns: how often a candidate that wins that share of decisive verdicts is approved, and after how
many verdicts half of the rollouts had ended. Exits with an error when our own rule breaks its promise.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from bench.rivals import Ends, one_look, peeking, share_of_wins, wald_sprt
from core.decisions.panel import PANEL, SHARES_TO_PLAN_FOR, Verdicts, lean, simulate
from core.decisions.preference import ManyDecided, PreferencePlan, decide_many

MOST_VERDICTS: Final = 400
PROMISE: Final = 0.05


class Rule(NamedTuple):
    """One way to decide."""

    name: str
    votes: int
    """Verdicts on each prompt."""
    ends: Callable[[Verdicts], Ends]


def sidegrade(verdicts: Verdicts) -> Ends:
    """The preference gate as the product runs it: prompts, not verdicts, are the units."""
    plan, ended = ended_by_preference(verdicts)
    return Ends(ended.approved, ended.unit * plan.verdicts_per_unit)


def sidegrade_with_veto(verdicts: Verdicts) -> Ends:
    """The same, approved only if the reviewers, each counted once, lean the same way."""
    plan, ended = ended_by_preference(verdicts)
    return Ends(lean(verdicts, ended, plan, veto_alpha=0.1), ended.unit * plan.verdicts_per_unit)


def ended_by_preference(verdicts: Verdicts) -> tuple[PreferencePlan, ManyDecided]:
    """The product's plan for so many units and votes, and how it ends each rollout."""
    _, units, votes = verdicts.scores.shape
    plan = PreferencePlan(planned_units=units, verdicts_per_unit=votes)
    return plan, decide_many(verdicts.scores.mean(axis=-1), plan)


def each_verdict(rule: Callable[[np.ndarray], Ends]) -> Callable[[Verdicts], Ends]:
    """The rule over single verdicts: scores of shape (runs, units × votes), in the order they came."""
    return lambda verdicts: rule(verdicts.scores.reshape(len(verdicts.scores), -1))


RULES: Final = (
    Rule("**Sidegrade: preference gate**", 1, sidegrade),
    Rule("**Sidegrade: preference gate**", 3, sidegrade),
    Rule("**Sidegrade: with the panel veto**", 1, sidegrade_with_veto),
    Rule("counting: 80% of ten or more decisive", 1, each_verdict(share_of_wins)),
    Rule("counting: 80% of ten or more decisive", 3, each_verdict(share_of_wins)),
    Rule("peeking: p < .05 after each verdict", 1, each_verdict(peeking)),
    Rule("peeking: p < .05 after each verdict", 3, each_verdict(peeking)),
    Rule("one look at the end: p < .05", 1, each_verdict(one_look)),
    Rule("one look at the end: p < .05", 3, each_verdict(one_look)),
    Rule("Wald SPRT .5 against .6", 1, each_verdict(wald_sprt)),
    Rule("Wald SPRT .5 against .6", 3, each_verdict(wald_sprt)),
)


def measured(rollouts: int, seed: int) -> dict[tuple[Rule, float], Ends]:
    """How each rule ends the same simulated rollouts, for every true share."""
    ends: dict[tuple[Rule, float], Ends] = {}
    for votes in sorted({rule.votes for rule in RULES}):
        for share in (0.5, *SHARES_TO_PLAN_FOR):
            verdicts = simulate(
                PANEL,
                decisive_share=share,
                rollouts=rollouts,
                units=MOST_VERDICTS // votes,
                votes=votes,
                rng=np.random.default_rng([seed, votes, round(1000 * share)]),
            )
            ends |= {(rule, share): rule.ends(verdicts) for rule in RULES if rule.votes == votes}
    return ends


def row(rule: Rule, ends: dict[tuple[Rule, float], Ends]) -> str:
    """One line of the table."""
    cells = [f"{ends[rule, 0.5].approved.mean():.3f}"]
    for share in SHARES_TO_PLAN_FOR:
        found = ends[rule, share]
        cells.append(f"{found.approved.mean():.2f} / {np.median(found.verdicts):.0f}")
    return f"| {rule.name} | {rule.votes} | {' | '.join(cells)} |"


def broken_promises(rollouts: int, ends: dict[tuple[Rule, float], Ends]) -> list[str]:
    """Our own rules whose false approvals exceed the promise by more than chance explains."""
    limit = PROMISE + 3 * math.sqrt(PROMISE * (1 - PROMISE) / rollouts)
    ours = [rule for rule in RULES if "Sidegrade" in rule.name]
    return [row(rule, ends) for rule in ours if ends[rule, 0.5].approved.mean() > limit]


def main() -> None:
    """Print the table; exit with an error when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rollouts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    ends = measured(options.rollouts, options.seed)
    error = math.sqrt(0.25 / options.rollouts)
    limits = f"at most {MOST_VERDICTS} verdicts each; standard error up to {error:.3f}"
    print(f"{options.rollouts} rollouts of {limits}.")
    print("Cells: share approved / median verdicts until the end.\n")
    shares = [f"{100 * share:.0f}/{100 - 100 * share:.0f}" for share in SHARES_TO_PLAN_FOR]
    print(f"| rule | verdicts a prompt | false approvals | {' | '.join(shares)} |")
    print("|---" * (3 + len(shares)) + "|")
    for rule in RULES:
        print(row(rule, ends))
    if broken := broken_promises(options.rollouts, ends):
        raise SystemExit(f"more than {PROMISE} false approvals:\n" + "\n".join(broken))


if __name__ == "__main__":
    main()
