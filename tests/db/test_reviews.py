"""Verdicts, sides and the queue."""

from __future__ import annotations

from datetime import datetime

from core.records import Outcome, QueueView, ReviewFilter
from db.store import Store
from tests.world import judge, make_world


def test_a_reviewer_sees_only_pairs_that_are_not_judged_yet(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    judge(world, "ana", {"sale-now": Outcome.CANDIDATE})
    queue = store.reviews.queue("ana", ReviewFilter(run_id=world.run.id), 50, now=now)
    assert len(queue) == 6
    assert len(store.reviews.queue("ben", ReviewFilter(run_id=world.run.id), 50, now=now)) == 8
    mine = ReviewFilter(run_id=world.run.id, view=QueueView.MINE)
    assert {item.outcome for item in store.reviews.queue("ana", mine, 50, now=now)} == {Outcome.CANDIDATE}
    counts = store.reviews.counts("ana", world.run.id)
    assert (counts.total, counts.unjudged, counts.mine, counts.coming) == (8, 6, 2, 0)
    assert counts.tags == {"alpha": 2, "promo": 2, "shape": 4, "text": 2, "wide": 2}
