"""What a home answers: everything that two homes have to say alike when one is a copy of the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.config.settings import PROJECT, Settings
from core.digests import pixel_digest
from core.gates.policies import load_policy
from core.records import RenderStatus, Run
from core.review.queue import ReviewQueue
from db.queue_rows import stored
from db.store import Store
from services.rollouts import judge

POLICY = PROJECT / "policies" / "upgrade.toml"
EVERYTHING = 1_000_000


def answers(store: Store, settings: Settings, now: datetime) -> dict[str, Any]:
    """Runs with pairs, renders, findings, verdicts, gates and decisions; golden set, queue and pictures."""
    runs = store.runs.list(limit=EVERYTHING)
    with store._database.read() as connection:
        queue = queue_of(stored(connection))
    return {
        "runs": {run.id: about(store, settings, run, now) for run in runs},
        "golden versions": store.golden.versions(),
        "triage": store.golden.entries(limit=EVERYTHING),
        "self-tests": store.selftests.latest(),
        "queue": queue,
        "pictures": pictures(store, runs),
    }


def queue_of(queue: ReviewQueue) -> tuple[Any, ...]:
    """The rows of the review queue."""
    return queue.units, queue.pairs, queue.desks, queue.standing


def about(store: Store, settings: Settings, run: Run, now: datetime) -> dict[str, Any]:
    """Everything about one run; gates are judged anew, at the same moment."""
    judged = judge(store, settings, run, load_policy(POLICY), now)
    return {
        "run": run,
        "pairs": store.pairs.of_run(run.id),
        "progress": replace(store.runs.progress(run.id), eta_seconds=None),
        "renders": store.renders.of_run(run.id),
        "findings": judged.evidence.measurements,
        "verdicts": judged.evidence.verdicts,
        "standing": store.reviews.current(run_id=run.id),
        "evidence": judged.evidence.digest,
        "gates": (judged.analysis.outcome, judged.analysis.sentence, judged.analysis.results),
        "analyses": store.decisions.analyses(run.id),
        "decisions": store.decisions.events(run.id),
    }


def pictures(store: Store, runs: list[Run]) -> dict[str, str]:
    """Each picture of these runs, opened and digested anew."""
    digests = {
        str(render.digest)
        for run in runs
        for arms in store.renders.of_run(run.id).values()
        for render in arms.values()
        if render.status is RenderStatus.DONE
    }
    return {digest: pixel_digest(store.blobs.open(digest)) for digest in sorted(digests)}


def of_home(home: Path, now: datetime, **environment: str) -> dict[str, Any]:
    """What a SQLite home answers, opened and closed again."""
    settings = Settings.from_env(environment, home=home)
    with Store.open(settings) as store:
        return answers(store, settings, now)
