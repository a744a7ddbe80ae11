"""What must hold after every step, whatever went wrong in it.

Each rule is a function of a step: what was told, what is there now and what was there before; it raises
:class:`Broken` with the rule's own sentence. None of them trusts the part of the product that it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.review.queue import ReviewQueue
from tests.simulation.observer import Row
from tests.simulation.processes import LEASE_SECONDS
from tests.simulation.rollout_rules import no_evidence_is_from_before_the_start, rollouts_follow_their_rules
from tests.simulation.step import Broken, Step

LEASES_AHEAD = 2 * timedelta(seconds=LEASE_SECONDS)
"""A lease that ends later was given before the machine's clock was set back: it may be taken."""


def check(step: Step) -> None:
    """Every rule; all are asked before any of them is told.

    Raises:
        Broken: some do not hold.
    """
    broken = []
    for rule in RULES_OF_WORDS if step.now is step.before else RULES:
        try:
            rule(step)
        except Broken as error:
            broken.append((rule.__name__, str(error)))
    if broken:
        raise Broken("; ".join(words for _, words in broken), rules={name for name, _ in broken})


def events_keep_their_order_and_content(step: Step) -> None:
    """What was stored once stays in its place with every column as it was."""
    for table, rows in step.before.logs.items():
        if step.now.logs[table][: len(rows)] != rows:
            raise Broken(f"{table}: a stored event was changed, moved or deleted")


def nothing_acknowledged_is_lost(step: Step) -> None:
    """Whatever a caller was told to be stored is there."""
    told, now = step.told, step.now
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


def nothing_is_counted_twice(step: Step) -> None:
    """A unit holds each reviewer's verdict once, and no more than close it; every cast is one turn."""
    now = step.now
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


def one_verdict_stands(step: Step) -> None:
    """Of a reviewer on a pair for one use, by the events alone."""
    events = step.now.logs["verdicts"]
    undone = {row["undoes"] for row in events if row["action"] == "undo"}
    standing = Counter(
        (row["person"], row["pair_id"], _slot(row))
        for row in events
        if row["action"] == "cast" and row["uuid"] not in undone
    )
    for what, times in standing.items():
        if times > 1:
            raise Broken(f"{times} verdicts stand: {what}")


def queue_rows_are_the_fold(step: Step) -> None:
    """The rows that the desk reads are those that all events make."""
    rows, fold = _comparable(step.now.stored), _comparable(step.now.folded)
    for part in rows:
        if rows[part] != fold[part]:
            raise Broken(f"the queue's {part} are not those of its events: {rows[part]} / {fold[part]}")


def leases_hold(step: Step) -> None:
    """No job is handed out while the lease of a worker that holds it lasts, by the database's clock."""
    for job, worker, at in step.told.claimed:
        row = step.before.jobs[job.id]
        if row["state"] == "running" and at < _moment(row["lease_until"]) <= at + LEASES_AHEAD:
            raise Broken(f"{worker} got {job.id}, which {row['worker']} holds until {row['lease_until']}")


def only_owners_finish(step: Step) -> None:
    """A job ends under the worker that held it, and only once until it is asked for again."""
    told = step.told
    handed_out = {job.id: worker for job, worker, _ in told.claimed}
    for job_id, row in step.now.jobs.items():
        was = step.before.jobs.get(job_id)
        if was is None or was["finished_at"] == row["finished_at"] or row["finished_at"] is None:
            continue
        holder = handed_out.get(job_id, was["worker"] if was["state"] == "running" else "nobody")
        if holder != row["worker"] or told.finished.get(job_id, holder) != holder:
            raise Broken(f"{job_id} ended under {row['worker']}, held before by {holder}")


def no_render_is_doubled(step: Step) -> None:
    """Each pair is drawn whole at most once, and once more only after a failure that was asked for again."""
    of_pair: dict[str, list[Row]] = {}
    for row in step.now.logs["renders"]:
        of_pair.setdefault(row["pair_id"], []).append(row)
    for pair_id, rows in of_pair.items():
        attempts, failed = len(rows) // 2, sum(row["status"] != "done" for row in rows)
        if attempts - failed > 1 or attempts > 1 + step.told.retried:
            raise Broken(f"{pair_id} was drawn {attempts} times")


def ready_pairs_have_pictures(step: Step) -> None:
    """What is drawn and ready for the desk in this step can be shown.

    A pair that comes back with one picture may have lost the other one unnoticed: both are looked for when
    it is shown.
    """
    for pair_id in sorted({row["pair_id"] for row in step.added("renders")}):
        if step.now.pairs[pair_id]["ready"] and (why := step.observer.lacks_picture(pair_id)):
            raise Broken(f"{pair_id} is ready: {why}")


def what_is_shown_and_judged_has_pictures(step: Step) -> None:
    """No pair is given to a reviewer, and no verdict is taken, while a picture of it is not there."""
    cast = [row for row in step.added("verdicts") if row["action"] == "cast"]
    for what, pair_ids in (("shown", step.told.shown), ("judged", [row["pair_id"] for row in cast])):
        for pair_id in pair_ids:
            if why := step.observer.lacks_picture(pair_id):
                raise Broken(f"{pair_id} was {what}: {why}")


RULES_OF_WORDS: Sequence[Callable[[Step], None]] = (
    leases_hold,
    nothing_acknowledged_is_lost,
    what_is_shown_and_judged_has_pictures,
)
"""Rules that words alone can break, while nothing is stored."""
RULES: Sequence[Callable[[Step], None]] = (
    *RULES_OF_WORDS,
    events_keep_their_order_and_content,
    nothing_is_counted_twice,
    one_verdict_stands,
    queue_rows_are_the_fold,
    only_owners_finish,
    no_render_is_doubled,
    ready_pairs_have_pictures,
    rollouts_follow_their_rules,
    no_evidence_is_from_before_the_start,
)


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
