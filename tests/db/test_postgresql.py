"""What PostgreSQL alone has to prove: a schema from nothing, threads that judge at once, its own locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest

from core.config.settings import Settings
from core.errors import StoreError, StoreLocked
from core.records import Outcome, ReviewFilter, TriageLabel
from db.store import Store
from tests.postgresql import Cluster
from tests.world import BASELINE, finish_all, judge, make_world, request_run, verdict


@pytest.fixture
def elsewhere(settings: Settings, cluster: Cluster) -> Iterator[Settings]:
    """Settings of an empty database on PostgreSQL."""
    with cluster.database(empty=True) as url:
        yield Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=settings.home)


@pytest.mark.sqlite_only("it opens PostgreSQL itself")
def test_the_whole_way_from_a_run_to_a_golden_set(elsewhere: Settings, now: datetime) -> None:
    with Store.open(elsewhere) as store:
        world = make_world(store, now)
        late = verdict(world.pairs[0], "late", Outcome.TIE, now)
        assert request_run(store, now) == world.run
        request_run(store, now, again=True)
        finish_all(store, now)
        reviewers = [
            threading.Thread(target=judge, args=(world, f"r{n}", Outcome.CANDIDATE)) for n in range(8)
        ]
        for reviewer in reviewers:
            reviewer.start()
        for reviewer in reviewers:
            reviewer.join()
        assert len(store.reviews.current(run_id=world.run.id)) == 8 * 8
        assert len(store.reviews.queue("new", ReviewFilter(run_id=world.run.id), 50, now=now)) == 8
        assert store.reviews.counts("r1", world.run.id).mine == 8
        assert store.runs.progress(world.run.id).done == 8
        assert len(store.golden.promote(now)) == len(store.golden.entries(TriageLabel.POSITIVE)) == 8
        assert store.golden.freeze("lea", "", now).number == 1
        assert store.evidence(world.run.id).run.baseline == BASELINE
        assert store.insights.by_day(world.run.id)[0].candidate == 64
        assert store.renders.find("sale-now")
        with pytest.raises(StoreError, match="foreign key"):
            store.reviews.side_a("pair_0", "ana", now)
    with (
        Store.open(elsewhere, busy_timeout_ms=100) as impatient,
        Store.open(elsewhere) as busy,
        busy._database.write(),
        pytest.raises(StoreLocked),
    ):
        impatient.reviews.record(late)
