"""The stored rows of the review queue are those of the fold over all events, whatever happened before.

Long: one way through a history, with every kind of event in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.access.person import person_key
from core.config.settings import Settings
from core.errors import DecisionRefused
from core.records import (
    Arm,
    Outcome,
    Purpose,
    ReviewFilter,
    ReviewPlan,
    RolloutAction,
    RolloutEvent,
    Run,
    TriageEvent,
    TriageLabel,
    VerdictEvent,
)
from core.records.reviews import JUDGED
from core.review.next_pair import Task
from core.review.queue import ReviewQueue
from db import tables
from db.desk import HELD_FOR
from db.queue import next_tasks as stored_tasks
from db.queue_rows import folded, stored
from db.store import Store
from tests.review_queue import next_tasks
from tests.world import finish, request_run, verdict

REVIEWERS = ("ana", "Ana", "ben", "cleo")
"""Two spellings of one person among them."""
MINUTES = st.sampled_from([1, 7, 60])
WHO, OUTCOME, PAIR = st.sampled_from(REVIEWERS), st.sampled_from(list(Outcome)), st.integers(0, 15)
JUDGE = st.tuples(st.just("judge"), WHO, st.integers(0, 1), OUTCOME)
STEPS = st.one_of(
    JUDGE,
    JUDGE,
    JUDGE,
    st.tuples(st.just("cast"), WHO, PAIR, OUTCOME),
    st.tuples(st.just("undo"), WHO, st.integers(0, 4), st.none()),
    st.tuples(st.just("skip"), WHO, PAIR, st.none()),
    st.tuples(st.just("name"), WHO, PAIR, st.none()),
    st.tuples(st.just("draw"), st.just("worker"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("start"), st.just("lea"), st.integers(0, 1), st.none()),
    st.tuples(st.just("gold"), st.just("lea"), PAIR, st.none()),
    st.tuples(st.just("lose"), st.just("disk"), PAIR, st.sampled_from(list(Arm))),
    st.tuples(st.just("restore"), st.just("disk"), PAIR, st.none()),
)
HISTORIES = st.lists(st.tuples(STEPS, MINUTES), min_size=10, max_size=40)
PLANS = st.builds(
    ReviewPlan,
    order_seed=st.integers(0, 3),
    votes_per_unit=st.integers(1, 2),
    max_units=st.sampled_from([3, 400]),
    overlap_share=st.sampled_from([0.0, 0.3]),
    control_share=st.sampled_from([0.0, 0.4]),
    deadline_days=st.sampled_from([1, 30]),
)


BEYOND_THE_PLAN = [(("cast", "ana", place, Outcome.BASELINE), 1) for place in range(8)]
"""Every pair is judged, so also those of cases behind the first ``max_units``, which no one is to repeat."""


@dataclass
class History:
    """Two runs of one suite, whose pictures are equal seed by seed, and what was done to them."""

    store: Store
    runs: list[Run]
    now: datetime
    cast: list[VerdictEvent] = field(default_factory=list)

    @property
    def pairs(self) -> list[Any]:
        return [pair for run in self.runs for pair in self.store.pairs.of_run(run.id)]

    def step(self, number: int, kind: str, who: str, place: int, word: Any) -> None:
        """One event; what the rules refuse changes nothing, which the comparison shows as well."""
        act = getattr(self, kind)
        try:
            act(number, who, place, word)
        except DecisionRefused:
            return

    def judge(self, number: int, who: str, place: int, outcome: Outcome) -> None:
        wanted = ReviewFilter(run_id=self.runs[place].id)
        items = self.store.reviews.queue(who, wanted, 2, now=self.now, controls=True)
        if items:
            handout = self.store.reviews.handout(items[0].task, who)
            words = {"purpose": handout.purpose, "side_a": handout.side_a}
            self.record(number, handout.pair_id, who, outcome, **words)

    def cast_directly(self, number: int, who: str, place: int, outcome: Outcome) -> None:
        self.record(number, self.pairs[place].id, who, outcome, side_a=None)

    def record(self, number: int, pair_id: str, who: str, outcome: Outcome, **words: Any) -> None:
        pair = self.store.pairs.get(pair_id)
        event = verdict(pair, who, outcome, self.now, uuid=f"cast-{number}", **words)
        if self.store.reviews.record(event):
            self.cast.append(event)

    def undo(self, number: int, who: str, place: int, _: None) -> None:
        mine = [event for event in self.cast if person_key(event.reviewer) == person_key(who)]
        if mine:
            taken_back = mine[-1 - place % len(mine)]
            self.store.reviews.undo(f"undo-{number}", taken_back.uuid, who, self.now)

    def skip(self, number: int, who: str, place: int, _: None) -> None:
        self.store.reviews.skip(self.pairs[place].id, who, self.now)

    def name(self, number: int, who: str, place: int, _: None) -> None:
        self.store.reviews.show_names(self.pairs[place].id, who, self.now)

    def draw(self, number: int, who: str, place: int, fails: bool) -> None:
        for run in self.runs:
            self.store.jobs.retry(run.id, self.now)
        jobs = self.store.jobs.claim("worker-1", limit=place + 1, lease_seconds=1e6)
        for job in jobs:
            finish(self.store, job, self.now, failing=Arm.CANDIDATE if fails else None)

    def start(self, number: int, who: str, place: int, _: None) -> None:
        event = RolloutEvent(
            uuid=f"start-{place}",
            run_id=self.runs[place].id,
            action=RolloutAction.START,
            by=who,
            policy_digest="policy_1",
            created_at=self.now,
        )
        self.store.decisions.append_event(event, seen=0)

    def gold(self, number: int, who: str, place: int, _: None) -> None:
        pair = self.pairs[place]
        for arm, label in ((Arm.CANDIDATE, TriageLabel.POSITIVE), (Arm.BASELINE, TriageLabel.NEGATIVE)):
            render = self.store.renders.of_pair(pair.id).get(arm)
            if render is not None and render.digest is not None:
                self.store.golden.triage(
                    TriageEvent(
                        uuid=f"gold-{number}-{arm}",
                        case_digest=pair.case_digest,
                        render_digest=render.digest,
                        label_before=TriageLabel.UNTRIAGED,
                        label_after=label,
                        by=who,
                        created_at=self.now,
                    )
                )

    def lose(self, number: int, who: str, place: int, arm: Arm) -> None:
        """A file is moved away, and found missing."""
        render = self.store.renders.of_pair(self.pairs[place].id).get(arm)
        if render is not None and render.digest is not None:
            path = self.store.blobs.path(render.digest)
            if path.exists():
                path.rename(path.with_suffix(".away"))
            self.store.pictures.look([render.digest], self.now)

    def restore(self, number: int, who: str, place: int, _: None) -> None:
        """One of the files that were moved away is put back, and seen by the desk."""
        away = sorted(self.store.blobs.path("0" * 64).parent.parent.glob("*/*.away"))
        if away:
            away[place % len(away)].rename(away[place % len(away)].with_suffix(".png"))
        self.store.pictures.look_again(self.now)

    def lost(self) -> set[str]:
        """Pairs of which a picture lies under another name."""
        renders = self.store.renders.of_pairs(pair.id for pair in self.pairs)
        return {
            pair_id
            for pair_id, arms in renders.items()
            if any(one.digest and not self.store.blobs.path(one.digest).exists() for one in arms.values())
        }


def rows_of(queue: ReviewQueue) -> dict[str, Any]:
    """Everything that a queue keeps."""
    return {
        "units": queue.units,
        "pairs": queue.pairs,
        "desks": queue.desks,
        "standing": queue.standing,
        "named": {pair: who for pair, who in queue.named.items() if who},
    }


def asked_by_the_rules(history: History, run: Run, person: str) -> list[Task]:
    """The next tasks by the rules over all events of the run."""
    store = history.store
    with store._database.read() as connection:
        held = [
            row.pair_id
            for row in connection.execute(select(tables.handouts))
            if row.reviewer != person
            and row.slot == JUDGED
            and row.handed_at > history.now - HELD_FOR
            and not _judged(connection, row.pair_id, row.reviewer)
        ]
        names = select(tables.names_shown.c.pair_id).filter_by(reviewer=person)
        skips = select(tables.skips.c.pair_id).filter_by(reviewer=person)
        named, put_off = set(connection.scalars(names)), set(connection.scalars(skips))
    evidence = replace(store.evidence(run.id), units=None)
    return next_tasks(
        evidence, person, history.now, limit=5, held=held, named=named, put_off=put_off, lost=history.lost()
    )


def _judged(connection: Any, pair_id: str, person: str) -> bool:
    place = {"pair_id": pair_id, "reviewer": person, "slot": JUDGED}
    return connection.execute(select(tables.standing_verdicts).filter_by(**place)).first() is not None


@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=PLANS, steps=HISTORIES)
@example(plan=ReviewPlan(order_seed=1, max_units=3, overlap_share=0.3), steps=BEYOND_THE_PLAN)
def test_stored_rows_and_next_tasks_are_those_of_the_fold_over_all_events(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, plan: ReviewPlan, steps: list[Any]
) -> None:
    agree(tmp_path_factory, now, plan, steps)


@pytest.mark.slow
@pytest.mark.timeout(900)
@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=PLANS, steps=HISTORIES)
def test_they_are_so_in_hundreds_of_histories(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, plan: ReviewPlan, steps: list[Any]
) -> None:
    agree(tmp_path_factory, now, plan, steps)


def agree(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, plan: ReviewPlan, steps: list[Any]
) -> None:
    """Live through a history, then compare the stored queue with the fold, and what both ask next."""
    with Store.open(Settings.from_env({}, home=tmp_path_factory.mktemp("home"))) as store:
        runs = [request_run(store, now, plan=plan, again=again) for again in (False, True)]
        history = History(store=store, runs=runs, now=now)
        history.draw(0, "worker", 9, False)
        for number, ((kind, who, place, word), minutes) in enumerate(steps, start=1):
            history.now += timedelta(minutes=minutes)
            history.step(number, "cast_directly" if kind == "cast" else kind, who, place, word)
        with store._database.read() as connection:
            assert rows_of(stored(connection)) == rows_of(folded(connection))
        history.now += timedelta(minutes=5)
        for run in runs:
            for person in {person_key(name): name for name in REVIEWERS}:
                wanted = asked_by_the_rules(history, run, person)
                with store._database.read() as connection:
                    asked = stored_tasks(
                        connection, person, ReviewFilter(run_id=run.id), 5, history.now, controls=True
                    )
                rest = asked[len(wanted) :]
                assert asked[: len(wanted)] == wanted
                assert all(task.purpose is Purpose.EVIDENCE for task in rest)
