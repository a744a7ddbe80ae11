"""The rules about rollouts: what counts as evidence, and what a decision rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.access.person import person_key
from core.errors import SidegradeError
from core.gates import evaluate
from core.records import GateOutcome
from core.review.units import counted_units
from core.rollout.decision import current
from tests.simulation.observer import Row
from tests.simulation.step import Broken, Step


def rollouts_follow_their_rules(step: Step) -> None:
    """Every history of a rollout can be folded, and no approval stands without what its gates ask."""
    for row in step.added("rollout_events"):
        _is_allowed(step, row["run_id"])
        if row["action"] == "decide" and row["outcome"] == "successful":
            _gates_succeed(step, row)
            step.remembered.ready.add(row["run_id"])
        if row["action"] == "approve":
            _is_approved_by_a_second_person(step, row)


def no_evidence_is_from_before_the_start(step: Step) -> None:
    """No verdict, and no case with a verdict, from before the start counts; told by the order of storing."""
    starts = step.remembered.starts
    for row in step.added("rollout_events"):
        if row["action"] == "start":
            starts.setdefault(row["run_id"], len(step.before.logs["verdicts"]))
    touched = {row["run_id"] for log in ("verdicts", "rollout_events") for row in step.added(log)}
    for run_id in sorted(touched & starts.keys()):  # without a start nothing can be approved
        number = starts[run_id]
        evidence = step.observer.store.evidence(run_id, checks=())
        counted = counted_units(evidence, evidence.run.created_at + timedelta(days=1))
        early = {
            step.now.pairs[row["pair_id"]]["case_digest"]
            for row in step.now.logs["verdicts"][:number]
            if row["run_id"] == run_id and row["action"] == "cast" and row["purpose"] != "same"
        }
        if found := early & {unit.case_digest for unit in counted}:
            raise Broken(f"cases that were judged before the start count: {found}")


def _is_allowed(step: Step, run_id: str) -> None:
    try:
        current(run_id, step.observer.store.decisions.events(run_id))
    except SidegradeError as error:
        raise Broken(f"the stored events of a rollout are not allowed: {error}") from error


def _gates_succeed(step: Step, decided: Row) -> None:
    """Judge the evidence anew, as it is in this very step, with the units folded from the verdicts alone.

    The stored analysis is not believed, nor are the rows of the queue.
    """
    analysis = next(row for row in step.now.logs["analyses"] if row["id"] == decided["analysis_id"])
    evidence = replace(step.observer.store.evidence(decided["run_id"]), units=None)
    again = evaluate(step.policy, evidence, datetime.fromisoformat(analysis["created_at"]))
    if again.outcome is not GateOutcome.SUCCESSFUL:
        raise Broken(f"a yes was latched, and the evidence says: {again.sentence}")


def _is_approved_by_a_second_person(step: Step, approved: Row) -> None:
    run_id = approved["run_id"]
    if run_id not in step.remembered.ready:
        raise Broken(f"{approved['by']} approved without a yes of the evidence")
    started = next(
        row for row in step.now.logs["rollout_events"] if row["run_id"] == run_id and row["action"] == "start"
    )
    if person_key(started["by"]) == person_key(approved["by"]):
        raise Broken(f"{approved['by']} started and approved")
