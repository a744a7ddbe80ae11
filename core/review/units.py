"""How verdicts are collected and when they become evidence: the validity of a decision rests on this.

A verdict counts when all of these hold:

- it is a vote (:attr:`core.records.Outcome.is_vote`) given as a first judgement (``Purpose.counts``), blind:
  the database refuses one from a reviewer to whom a picture of the pair was named;
- it came before the deadline, among the first K of its unit, and was not taken back in time
  (:mod:`core.review.queue`);
- its case was not judged before the rollout was started (:func:`judged_too_early`), and all units before it
  are closed or expired (:func:`counted_units`);
- the rollout is judged by the policy that it was started with (:mod:`core.gates.scope`).

The unit is the case (one prompt), however many seeds it has. The plan is frozen before the first verdict that
counts: who judged before the rollout was started has judged for nothing, and the case is no unit any more.
Cases are reviewed in a random order whose seed is stored; a unit closes with its K-th verdict, which a
reviewer can take back only until the next one; and it counts only when every unit before it is closed or
expired, by a clock that no verdict can move. How verdicts close units is the fold of
:mod:`core.review.queue`; what is asked next, and on which side, is decided in :mod:`core.review.next_pair`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from random import Random
from typing import NamedTuple

from core.decisions.preference import PreferencePlan
from core.errors import InvalidRequest
from core.records import (
    Evidence,
    Pair,
    RenderStatus,
    ReviewPlan,
    ReviewUnit,
    Run,
    UnitState,
    VerdictAction,
    VerdictEvent,
)
from core.review.queue import ReviewQueue, terms_of


class Unit(NamedTuple):
    """One case of the review."""

    case_digest: str
    state: UnitState
    votes: tuple[VerdictEvent, ...]
    """The verdicts that count, in the order they came in; at most K."""

    @property
    def score(self) -> float:
        """Mean worth of the verdicts of a closed unit, 0–1; NaN for any other."""
        if self.state is not UnitState.CLOSED:
            return math.nan
        return sum(vote.outcome.score or 0.0 for vote in self.votes if vote.outcome) / len(self.votes)


def review_order(case_digests: Iterable[str], seed: int) -> list[str]:
    """The random order in which cases are reviewed, fixed by the seed alone.

    Random, because an order with meaning (posters last) lets an early stop decide on the easy ones.
    """
    order = sorted(set(case_digests))
    Random(seed).shuffle(order)
    return order


def preference_plan(plan: ReviewPlan, cases: int, **alphas: float) -> PreferencePlan:
    """The statistical plan that a frozen review plan stands for; ``alphas`` as in :class:`PreferencePlan`.

    Args:
        cases: how many cases can be evidence.

    Raises:
        InvalidRequest: for a mode that does not exist.
        InvalidEvidence: for a plan that could not be carried out, such as one without cases.
    """
    if plan.mode not in ("superiority", "non_inferiority"):
        raise InvalidRequest(f"review mode: expected superiority or non_inferiority, got {plan.mode!r}")
    null, hoped = (0.5, 0.5 + plan.margin) if plan.mode == "superiority" else (0.5 - plan.margin, 0.5)
    return PreferencePlan(
        planned_units=min(plan.max_units, cases),
        verdicts_per_unit=plan.votes_per_unit,
        null_score=null,
        hoped_score=hoped,
        **alphas,
    )


def deadline(run: Run) -> datetime:
    """When units without their verdicts expire."""
    return terms_of(run).deadline


def review_units(evidence: Evidence) -> Mapping[str, ReviewUnit]:
    """How far each case of the run has come, by case: as the store kept it, else folded from the events."""
    if evidence.units is not None:
        return evidence.units
    run, pairs = evidence.run, pairs_by_case(evidence.pairs)
    queue = ReviewQueue({run.id: terms_of(run)})
    for place, case in enumerate(review_order(pairs, run.plan.order_seed)):
        unit = ReviewUnit(run_id=run.id, case_digest=case, place=place)
        queue.add_unit(unit, [pair.id for pair in pairs[case]])
    ordinals = evidence.ordinals or range(1, len(evidence.verdicts) + 1)
    for ordinal, event in zip(ordinals, evidence.verdicts, strict=True):
        if event.pair_id in queue.pairs:  # pairs with a known answer may lie in other runs
            queue.take(event, ordinal)
    return {unit.case_digest: unit for unit in queue.units.values()}


def judged_too_early(evidence: Evidence) -> set[str]:
    """Cases that were judged before the rollout was started; without a start all cases that were judged.

    What came before is told by the ordinals that the store gave, never by a clock. Whoever starts may have
    seen those verdicts and chosen the plan by them, so their cases are no evidence.
    Two equal pictures tell nothing about the models and do no harm.
    """
    before = None if evidence.start is None else evidence.start.last_verdict
    return {
        unit.case_digest
        for unit in review_units(evidence).values()
        if unit.first_judged_ordinal is not None and (before is None or unit.first_judged_ordinal <= before)
    }


def countable_cases(evidence: Evidence) -> list[str]:
    """The planned cases that can be evidence, in their order of review: those not judged too early."""
    early = judged_too_early(evidence)
    return [case for case in planned_cases(evidence) if case not in early]


def planned_cases(evidence: Evidence) -> list[str]:
    """The first N_max cases in their order of review."""
    plan = evidence.run.plan
    return review_order((pair.case_digest for pair in evidence.pairs), plan.order_seed)[: plan.max_units]


def units(evidence: Evidence, now: datetime) -> list[Unit]:
    """The units in their order of review, each with the verdicts that close it.

    Before the start these are all planned cases, which reviewers may judge although it is no evidence.
    """
    pairs, rows = pairs_by_case(evidence.pairs), review_units(evidence)
    events = {event.uuid: event for event in evidence.verdicts}
    planned = planned_cases(evidence) if evidence.start is None else countable_cases(evidence)

    def state(case: str) -> UnitState:
        if rows[case].state is UnitState.CLOSED:
            return UnitState.CLOSED
        nothing_to_show = all(_failed(evidence, pair) for pair in pairs[case])
        expired = nothing_to_show or now >= deadline(evidence.run)
        return UnitState.EXPIRED if expired else UnitState.OPEN

    return [
        Unit(case, state(case), tuple(events[vote.uuid] for vote in rows[case].votes)) for case in planned
    ]


def counted_units(evidence: Evidence, now: datetime) -> list[Unit]:
    """The units that are evidence: none before the start, and then those before the first open one."""
    return [] if evidence.start is None else closed_prefix(units(evidence, now))


def closed_prefix(all_units: Sequence[Unit]) -> list[Unit]:
    """The units before the first one that is still open."""
    return list(takewhile(lambda unit: unit.state is not UnitState.OPEN, all_units))


def is_over(evidence: Evidence, now: datetime) -> bool:
    """Whether no verdict can change the evidence any more."""
    return all(unit.state is not UnitState.OPEN for unit in units(evidence, now))


def standing(verdicts: Iterable[VerdictEvent]) -> list[VerdictEvent]:
    """The verdicts that were not taken back, in order."""
    events = list(verdicts)
    undone = {event.undoes for event in events if event.action is VerdictAction.UNDO}
    return [event for event in events if event.action is VerdictAction.CAST and event.uuid not in undone]


def pairs_by_case(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """The pairs of each case, one for each seed, in their order in the run."""
    found: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: pair.position):
        found.setdefault(pair.case_digest, []).append(pair)
    return found


def _failed(evidence: Evidence, pair: Pair) -> bool:
    return any(r.status is RenderStatus.FAILED for r in evidence.renders.get(pair.id, {}).values())
