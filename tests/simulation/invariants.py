"""What must hold after every step, whatever went wrong in it.

Each rule is a function of what was told, what is there now and what was there before the step; it raises
:class:`Broken` with the rule's own sentence. None of them trusts the part of the product that it is about.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta

from core.review.queue import ReviewQueue
from core.review.units import counted_units
from core.rollout.decision import current
from tests.simulation.observer import Observer, Row, Sight
from tests.simulation.told import Told


class Broken(AssertionError):
    """A rule does not hold."""


def check(told: Told, now: Sight, before: Sight, observer: Observer, starts: dict[str, int]) -> None:
    """Every rule.

    Args:
        starts: how many verdict events there were when each run's rollout was started.

    Raises:
        Broken: the first that does not hold.
    """
    leases_hold(told, before)
    nothing_acknowledged_is_lost(told, now)
    if now is before:
        return
    events_keep_their_order_and_content(now, before)
    nothing_is_counted_twice(now)
    one_verdict_stands(now)
    queue_rows_are_the_fold(now)
    only_owners_finish(told, now, before)
    no_render_is_doubled(told, now)
    ready_pairs_have_pictures(now, before, observer)
    rollouts_follow_their_rules(now, before, observer)
    no_evidence_is_from_before_the_start(now, before, observer, starts)


def events_keep_their_order_and_content(now: Sight, before: Sight) -> None:
    """What was stored once stays in its place with every column as it was."""
    for table, rows in before.logs.items():
        if now.logs[table][: len(rows)] != rows:
            raise Broken(f"{table}: a stored event was changed, moved or deleted")


def nothing_acknowledged_is_lost(told: Told, now: Sight) -> None:
    """Whatever a caller was told to be stored is there."""
    verdicts = {row["uuid"]: row for row in now.logs["verdicts"]}
    for uuid, (person, about) in told.saved.items():
        row = verdicts.get(uuid)
        if row is None or row["person"] != person or about not in (row["pair_id"], row["undoes"]):
            raise Broken(f"the verdict {uuid} of {person} was answered saved and is not stored")
    judged = {(row["person"], row["pair_id"]) for row in verdicts.values()}
    for uuid, what in told.known.items():
        if uuid not in verdicts and what not in judged:
            raise Broken(f"the verdict {uuid} was answered as known, and {what} has none")
    labels = {row["uuid"] for row in now.logs["triage_events"]}
    if lost := told.labels - labels:
        raise Broken(f"labels were given out as stored and are not: {lost}")
    if any(now.versions.get(number) != digest for number, digest in told.versions.items()):
        raise Broken(f"a golden version was frozen and is not there: {told.versions}, {now.versions}")
    actions = Counter(row["action"] for row in now.logs["rollout_events"])
    if actions["start"] < told.starts:
        raise Broken("a start was acknowledged and is not stored")
    if actions["approve"] + actions["refuse"] + actions["override"] < len(told.signed):
        raise Broken("a signature was acknowledged and is not stored")
    drawn = {row["pair_id"] for row in now.logs["renders"]}
    for job_id in told.finished:
        if now.jobs[job_id]["subject_id"] not in drawn:
            raise Broken(f"the end of {job_id} was acknowledged and nothing is drawn")


def nothing_is_counted_twice(now: Sight) -> None:
    """A unit holds each reviewer's verdict once, and no more than close it; every cast is one turn."""
    for unit in now.stored.units.values():
        votes = Counter((vote.reviewer, vote.pair_id) for vote in unit.votes)
        if any(times > 1 for times in votes.values()):
            raise Broken(f"a verdict counts twice in {unit.case_digest}")
        if len(unit.votes) > now.stored.terms[unit.run_id].votes_per_unit:
            raise Broken(f"more verdicts than close a unit count in {unit.case_digest}")
    casts = [row for row in now.logs["verdicts"] if row["action"] == "cast"]
    turns = Counter((row["run_id"], row["person"]) for row in casts)
    kept = {key: desk.turns for key, desk in now.stored.desks.items() if desk.turns}
    if kept != dict(turns):
        raise Broken(f"the desks count other turns than were taken: {kept}, {dict(turns)}")


def one_verdict_stands(now: Sight) -> None:
    """Of a reviewer on a pair for one use, by the events alone."""
    events = now.logs["verdicts"]
    undone = {row["undoes"] for row in events if row["action"] == "undo"}
    standing = Counter(
        (row["person"], row["pair_id"], _slot(row))
        for row in events
        if row["action"] == "cast" and row["uuid"] not in undone
    )
    for what, times in standing.items():
        if times > 1:
            raise Broken(f"{times} verdicts stand: {what}")


def queue_rows_are_the_fold(now: Sight) -> None:
    """The rows that the desk reads are those that all events make."""
    rows, fold = _comparable(now.stored), _comparable(now.folded)
    for part in rows:
        if rows[part] != fold[part]:
            raise Broken(f"the queue's {part} are not those of its events: {rows[part]} / {fold[part]}")


def leases_hold(told: Told, before: Sight) -> None:
    """No job is handed out while the lease of a worker that holds it lasts."""
    for job, worker, at in told.claimed:
        row = before.jobs[job.id]
        if row["state"] == "running" and _moment(row["lease_until"]) > at:
            raise Broken(f"{worker} got {job.id}, which {row['worker']} holds until {row['lease_until']}")


def only_owners_finish(told: Told, now: Sight, before: Sight) -> None:
    """A job ends under the worker that held it, and only once until it is asked for again."""
    handed_out = {job.id: worker for job, worker, _ in told.claimed}
    for job_id, row in now.jobs.items():
        was = before.jobs.get(job_id)
        if was is None or was["finished_at"] == row["finished_at"] or row["finished_at"] is None:
            continue
        holder = handed_out.get(job_id, was["worker"] if was["state"] == "running" else "nobody")
        if holder != row["worker"] or told.finished.get(job_id, holder) != holder:
            raise Broken(f"{job_id} ended under {row['worker']}, held before by {holder}")


def no_render_is_doubled(told: Told, now: Sight) -> None:
    """Each pair is drawn whole at most once, and once more only after a failure that was asked for again."""
    of_pair: dict[str, list[Row]] = {}
    for row in now.logs["renders"]:
        of_pair.setdefault(row["pair_id"], []).append(row)
    for pair_id, rows in of_pair.items():
        attempts, failed = len(rows) // 2, sum(row["status"] != "done" for row in rows)
        if attempts - failed > 1 or attempts > 1 + told.retried:
            raise Broken(f"{pair_id} was drawn {attempts} times")


def ready_pairs_have_pictures(now: Sight, before: Sight, observer: Observer) -> None:
    """What the desk may show can be shown."""
    for pair_id, row in now.pairs.items():
        was_ready = pair_id in before.pairs and before.pairs[pair_id]["ready"]
        if row["ready"] and not was_ready and (why := observer.lacks_picture(pair_id)):
            raise Broken(f"{pair_id} is ready: {why}")


def rollouts_follow_their_rules(now: Sight, before: Sight, observer: Observer) -> None:
    """Every history of a rollout can be folded, and a *ready* rests on gates that all succeeded."""
    if now.logs["rollout_events"] == before.logs["rollout_events"]:
        return
    analyses = {row["id"]: row for row in now.logs["analyses"]}
    for run_id in {row["run_id"] for row in now.logs["rollout_events"]}:
        events = observer.store.decisions.events(run_id)
        try:
            current(run_id, events)
        except Exception as error:
            raise Broken(f"the stored events of a rollout are not allowed: {error}") from error
    for row in now.logs["rollout_events"]:
        if row["action"] in ("decide", "approve") and row["outcome"] == "successful":
            results = json.loads(analyses[row["analysis_id"]]["results"])
            must = [one for one in results if one["requirement"] in ("critical", "required")]
            if open_gates := [one["gate"] for one in must if one["outcome"] != "successful"]:
                raise Broken(f"{row['action']} with open gates: {open_gates}")


def no_evidence_is_from_before_the_start(
    now: Sight, before: Sight, observer: Observer, starts: dict[str, int]
) -> None:
    """No verdict, and no case with a verdict, from before the start counts; told by the order of storing."""
    for row in now.logs["rollout_events"][len(before.logs["rollout_events"]) :]:
        if row["action"] == "start":
            starts.setdefault(row["run_id"], len(before.logs["verdicts"]))
    if (now.logs["verdicts"], now.logs["rollout_events"]) == (
        before.logs["verdicts"],
        before.logs["rollout_events"],
    ):
        return
    for run_id in {row["id"] for row in now.logs["runs"]}:
        number = starts.get(run_id)
        evidence = observer.store.evidence(run_id)
        counted = counted_units(evidence, evidence.run.created_at + timedelta(days=1))
        if number is None and counted:
            raise Broken(f"{len(counted)} units count before the start")
        early = {
            now.pairs[row["pair_id"]]["case_digest"]
            for row in now.logs["verdicts"][: number or 0]
            if row["run_id"] == run_id and row["action"] == "cast" and row["purpose"] != "same"
        }
        if found := early & {unit.case_digest for unit in counted}:
            raise Broken(f"cases that were judged before the start count: {found}")


def _slot(row: Row) -> str:
    return "judged" if row["purpose"] in ("evidence", "overlap") else str(row["purpose"])


def _comparable(queue: ReviewQueue) -> dict[str, object]:
    return {
        "units": queue.units,
        "pairs": queue.pairs,
        "desks": queue.desks,
        "standing verdicts": queue.standing,
        "known names": {pair: dict(who) for pair, who in queue.named.items() if who},
    }


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)
