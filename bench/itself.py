"""A model against itself, many times: how often would a whole policy call equal pictures an upgrade?

The evidence is a real run whose baseline stands on both sides; what machines measured is therefore equal,
and only the slips, sides and tastes of simulated reviewers can tip the scales.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from bench.product import BASELINE, POLICY, UPGRADE, Product, options, rendered
from bench.reviewers import Faults, panel
from core.gates import evaluate
from core.gates.policies import load_policy
from core.gates.policy import Policy
from core.records import (
    Arm,
    Evidence,
    GateOutcome,
    Outcome,
    RolloutAction,
    RolloutEvent,
    VerdictAction,
    VerdictEvent,
)
from core.review.next_pair import draw_side
from core.review.units import review_order
from db.store import Store
from services.rollouts import judge

PROMISE: Final = 0.05
EQUAL: Final = Faults(lettering=10.0, rest=10.0)
"""What is seen on either side. The number does not matter, for both sides show the same."""
PEOPLE: Final = ("preference", "panel", "quality", "slices")
"""Rules that look at verdicts; all others are the same in every rollout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Itself:
    """How the rollouts ended."""

    rollouts: int
    cases: int
    approved: int
    """Every required gate was successful once all verdicts were in."""
    preferred: int
    """The preference gate was successful at any verdict on the way: the most that looking could have won."""

    @property
    def most_allowed(self) -> int:
        """The promised share, and three standard errors."""
        error = math.sqrt(PROMISE * (1 - PROMISE) / self.rollouts)
        return math.floor(self.rollouts * (PROMISE + 3 * error))

    def objections(self) -> list[str]:
        """The promise, where it is broken."""
        if max(self.approved, self.preferred) <= self.most_allowed:
            return []
        return [f"itself: expected at most {self.most_allowed} false approvals, got {self}"]


def against_itself(evidence: Evidence, policy: Policy, rollouts: int, now: datetime) -> Itself:
    """Simulated rollouts of the run's baseline against itself, on the run's own cases and plan."""
    equal = with_baseline_twice(evidence)
    machines = _only(policy, people=False)
    blameless = evaluate(machines, equal, now).outcome is GateOutcome.SUCCESSFUL
    people = _only(policy, people=True)
    unmeasured = replace(equal, measurements={}, start=_start(equal, people))
    judged = [replace(unmeasured, verdicts=tuple(votes(equal, seed))) for seed in range(rollouts)]
    analyses = [evaluate(people, one, now) for one in judged]
    preferred = [
        result.outcome is GateOutcome.SUCCESSFUL
        for analysis in analyses
        for result in analysis.results
        if result.gate == "preference"
    ]
    approved = [analysis.outcome is GateOutcome.SUCCESSFUL for analysis in analyses]
    return Itself(
        rollouts=rollouts,
        cases=len(evidence.cases),
        approved=sum(approved) if blameless else 0,
        preferred=sum(preferred),
    )


def with_baseline_twice(evidence: Evidence) -> Evidence:
    """The evidence of a run whose candidate is its baseline, nobody having judged yet."""
    run = evidence.run
    return replace(
        evidence,
        run=replace(run, candidate=run.baseline, candidate_digest=run.baseline_digest),
        renders={pair: dict.fromkeys(Arm, arms[Arm.BASELINE]) for pair, arms in evidence.renders.items()},
        measurements={
            pair: tuple(replace(m, arm=arm) for m in found if m.arm is Arm.BASELINE for arm in Arm)
            for pair, found in evidence.measurements.items()
        },
        models=dict.fromkeys(Arm, evidence.models[Arm.BASELINE]),
        verdicts=(),
    )


def votes(evidence: Evidence, seed: int) -> Iterator[VerdictEvent]:
    """One verdict on each planned case, in the order of review; five reviewers take turns."""
    run, chance, reviewers = evidence.run, np.random.default_rng(seed), panel(seed)
    first = {pair.case_digest: pair.id for pair in reversed(evidence.pairs)}
    shown: list[list[Arm]] = [[] for _ in reviewers]
    for place, case in enumerate(review_order(first, run.plan.order_seed)[: run.plan.max_units]):
        turn = place % len(reviewers)
        sides = shown[turn]
        sides.append(draw_side(sides.count(Arm.BASELINE), sides.count(Arm.CANDIDATE), chance.random()))
        word = reviewers[turn].judge(EQUAL, EQUAL)
        by_side = {"a": Outcome(sides[-1]), "b": Outcome(sides[-1].other)}
        yield VerdictEvent(
            uuid=f"{seed}-{place}",
            action=VerdictAction.CAST,
            pair_id=first[case],
            reviewer=reviewers[turn].name,
            outcome=by_side.get(word) or Outcome(word),
            side_a=sides[-1],
            created_at=run.created_at + timedelta(seconds=1),
        )


def _start(evidence: Evidence, policy: Policy) -> RolloutEvent:
    """The rollout starts as soon as the run is there, before anybody judges."""
    return RolloutEvent(
        uuid="start",
        run_id=evidence.run.id,
        action=RolloutAction.START,
        by="bench",
        policy_digest=policy.digest,
        last_verdict=0,
        created_at=evidence.run.created_at,
    )


def _only(policy: Policy, *, people: bool) -> Policy:
    return replace(policy, gates=tuple(g for g in policy.gates if (g.rule in PEOPLE) is people))


def story(found: Itself) -> str:
    """The false approvals in one paragraph."""
    return (
        f"{BASELINE} against itself, {found.rollouts} seeded rollouts of {found.cases} cases: all gates "
        f"together approved {found.approved}; the preference gate alone, looked at after each verdict, "
        f"{found.preferred}. The promise is 5%: at most {found.most_allowed} of {found.rollouts} with its "
        "sampling error."
    )


def main() -> None:
    """Print the false approvals; exit with an error when the promise is broken."""
    parser = options(argparse.ArgumentParser(prog="python -m bench itself", description=__doc__))
    parser.add_argument("--rollouts", type=int, default=200)
    asked, now = parser.parse_args(), datetime.now(UTC)
    product = Product(asked.home, asked.port)
    run = rendered(product, asked.suite, UPGRADE)
    with Store.open(product.settings) as store:
        judged = judge(store, product.settings, store.runs.get(run), load_policy(POLICY), now)
    found = against_itself(judged.evidence, judged.policy, asked.rollouts, now)
    print(story(found))
    if objections := found.objections():
        raise SystemExit("\n".join(objections))


if __name__ == "__main__":
    main()
