"""The stored sums of runs are those of all rows, whatever happened before; a home of before is added up.

Long: everything that is kept beside the events is compared with the events, after every kind of history.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, literal_column, select, text

from core.config.settings import PROJECT, Settings
from core.gates import evaluate
from core.gates.policies import find_policy
from core.golden.promotion import BallotCount, PromotionRule, Subject, promotions
from core.records import Arm, MeasurementStatus, Outcome, RolloutAction, RolloutEvent
from core.records.kept import KeptPair
from core.review.units import units
from db import run_sums, schema, tables
from db.ballots import counts_of, standing_ballots
from db.database import Database
from db.kept_pairs import folded_pairs
from db.run_sums import OfRun, folded_sums, stored_sums
from db.store import Store
from db.triage import standing_labels
from tests.db.earlier_schema import opened_by_0006
from tests.db.test_queue_rows import MINUTES, PAIR, REVIEWERS, STEPS, History
from tests.postgresql import Cluster
from tests.world import all_proved, judge, make_world, measurement, request_run

POLICIES = PROJECT / "policies"
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def all_folded(store: Store) -> OfRun:
    """What all rows add up to."""
    sums: OfRun = defaultdict(Counter)
    with store._database.read() as connection:
        for page in folded_sums(connection):
            for run_id, some in page.items():
                sums[run_id].update(some)
    return {run_id: +some for run_id, some in sums.items() if +some}


def agree(store: Store) -> None:
    """The stored sums, ballots and kept pairs are those of all rows, and none of nothing is kept."""
    with store._database.read() as connection:
        counts = {
            Subject(case_digest=row.case_digest, render_digest=row.render_digest): BallotCount(
                **{name: getattr(row, name) for name in BallotCount.__dataclass_fields__}
            )
            for row in connection.execute(select(tables.golden_ballots))
        }
        ballots = standing_ballots(connection)
        assert counts == counts_of(ballots)
        for rule in (PromotionRule(reviewers=1), PromotionRule(reviewers=1, against=1), PromotionRule()):
            wanted = promotions(ballots, standing_labels(connection), rule, LATER)
            assert store.golden.preview(LATER, rule) == wanted
    with store._database.read() as connection:
        rows = connection.execute(select(tables.kept_pairs)).all()
        shapes = {row.digest: row.shape for row in connection.execute(select(tables.pair_shapes))}
        kept = {row.pair_id: KeptPair(**{**row._mapping, "shape": shapes[row.shape]}) for row in rows}
        pair_ids = list(connection.scalars(select(tables.pairs.c.id)))
        assert kept == {one.pair_id: one for one in folded_pairs(connection, pair_ids)}
        met = tables.pictures_met.c
        stored_met = set(map(tuple, connection.execute(select(met.pair_id, met.run_id, met.other_run_id))))
        assert stored_met == met_by_all_renders(connection)
        names = connection.execute(select(tables.case_names.c.name, tables.case_names.c.case_digest)).all()
        cases = connection.execute(select(tables.cases.c.name, tables.cases.c.digest)).all()
        assert set(map(tuple, names)) == {(row.name.lower(), row.digest) for row in cases}
        stored = stored_sums(connection)
        assert {run_id: dict(some) for run_id, some in stored.items()} == all_folded(store)
        assert all(n > 0 for some in stored.values() for n in some.values())


def met_by_all_renders(connection: Connection) -> set[tuple[str, str, str]]:
    """Pair, run and other run, for every picture that lies in pairs of several runs."""
    renders, pairs = tables.renders, tables.pairs
    rows = select(renders.c.digest, pairs.c.id, pairs.c.run_id).join(pairs, pairs.c.id == renders.c.pair_id)
    holding = defaultdict(set)
    for digest, pair, run in connection.execute(rows.where(renders.c.digest.is_not(None))):
        holding[digest].add((pair, run))
    return {
        (pair, run, other)
        for places in holding.values()
        for pair, run in places
        for _, other in places
        if other != run
    }


EXAMINED = st.tuples(
    st.just("examine"),
    st.sampled_from(["blank", "typography", "alpha"]),
    PAIR,
    st.sampled_from([0.0, 1.0, None]),
)
EXAMINED_TOO = st.lists(st.tuples(st.one_of(STEPS, STEPS, EXAMINED), MINUTES), min_size=10, max_size=40)
METRICS = {"blank": "empty", "typography": "exact", "alpha": "faults"}


class Examined(History):
    """A history in which pairs are examined again as well."""

    def examine(self, number: int, check: str, place: int, value: float | None) -> None:
        """One check looks at both pictures again; at None it could not run."""
        status = MeasurementStatus.ERROR if value is None else MeasurementStatus.MEASURED
        raw = {"letter_height_px": 12, "fingerprint": f"looks-{place % 2}"}
        words = {"check": check, "metric": METRICS[check], "value": value, "status": status, "raw": raw}
        pair = self.pairs[place]
        found = [measurement(pair, self.now, arm=arm, reason="no reader here", **words) for arm in Arm]
        self.store.measurements.append(found)


def lived_through(store: Store, now: datetime, steps: list[object]) -> None:
    """Two runs of one suite, and what was done to them."""
    history = Examined(store=store, runs=[request_run(store, now, again=a) for a in (False, True)], now=now)
    history.draw(0, "worker", 9, False)
    for number, ((kind, who, place, word), minutes) in enumerate(steps, start=1):
        history.now += timedelta(minutes=minutes)
        history.step(number, "cast_directly" if kind == "cast" else kind, who, place, word)


def agree_in(settings: Settings, now: datetime, steps: list[object]) -> None:
    """A store in a home of its own that lives through a history, and what it keeps afterwards."""
    with Store.open(settings) as store:
        lived_through(store, now, steps)
        agree(store)


@hypothesis_settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=EXAMINED_TOO)
@pytest.mark.sqlite_only("the other follows below, in more histories")
def test_the_sums_are_those_of_all_rows_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, steps: list[object]
) -> None:
    agree_in(Settings.from_env({}, home=tmp_path_factory.mktemp("home")), now, steps)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.sqlite_only("the other follows below")
@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=EXAMINED_TOO)
def test_they_are_so_in_a_hundred_histories(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, steps: list[object]
) -> None:
    agree_in(Settings.from_env({}, home=tmp_path_factory.mktemp("home")), now, steps)


@pytest.mark.slow
@pytest.mark.timeout(900)
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=EXAMINED_TOO)
def test_they_are_so_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, now: datetime, steps: list[object]
) -> None:
    with cluster.database() as url:
        home = tmp_path_factory.mktemp("home")
        agree_in(Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=home), now, steps)


def test_a_later_examination_takes_the_earlier_one_out_of_the_sums(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    words = {"check": "typography", "metric": "exact", "arm": Arm.CANDIDATE, "subject": "SALE NOW"}
    raw = {"letter_height_px": 12}
    for value in (0.0, 1.0):
        store.measurements.append([measurement(world.pairs[0], now, value=value, raw=raw, **words)])
        agree(store)
    broken = {"status": MeasurementStatus.ERROR, "value": None, "reason": "no reader here"}
    store.measurements.append([measurement(world.pairs[1], now, **(words | broken))])
    agree(store)


def test_a_pair_whose_picture_is_missing_leaves_the_sums_and_comes_back(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    store.measurements.append([measurement(pair, now, check="blank", metric="empty", arm=Arm.BASELINE)])
    whole = store.reviews.counts("ana", world.run.id)
    digest = store.renders.of_pair(pair.id)[Arm.CANDIDATE].digest or ""
    path = store.blobs.path(digest)
    for missing in (True, False):
        path.rename(path.with_suffix(".away")) if missing else path.with_suffix(".away").rename(path)
        store.pictures.look([digest], now)
        agree(store)
        counts = store.reviews.counts("ana", world.run.id)
        assert (counts.total < whole.total, counts.tags != whole.tags) == (missing, missing)


@pytest.mark.empty_database
def test_a_home_of_the_first_schema_is_added_up(
    settings: Settings, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Store.open(Settings.from_env({}, home=tmp_path_factory.mktemp("made"))) as made:
        world = make_world(made, now)
        for name in REVIEWERS:
            judge(world, name, Outcome.CANDIDATE)
        wanted = all_folded(made)
        copied_into_the_first_schema(made, settings)
    with Store.open(settings) as store:
        agree(store)
        assert all_folded(store) == wanted


@pytest.mark.empty_database
def test_the_stored_home_of_the_first_schema_is_added_up(settings: Settings) -> None:
    opened_by_0006(settings)
    with Store.open(settings) as store:
        agree(store)
        (run,) = store.runs.list()
        assert store.reviews.counts("ana", run.id).total == 4
        assert store.kept_evidence(run.id).kept is not None


@pytest.mark.empty_database
def test_a_home_is_added_up_once_the_schema_is_the_newest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The code reads a column that comes with a later migration than that of the sums."""
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    number = f"{int(schema.newest_revision()) + 1:04}"
    later = LATER_MIGRATION.format(number=number, before=schema.newest_revision())
    (tmp_path / f"migrations/versions/{number}_weather.py").write_text(later)
    opened_by_0006(settings)
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(run_sums, "_PLACE", (*run_sums._PLACE, literal_column("pairs.weather")))
    with Store.open(settings) as store:
        agree(store)
        assert all_folded(store)


LATER_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{number}", "{before}"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("pairs", sa.Column("weather", sa.Text(), nullable=True))
"""


def copied_into_the_first_schema(made: Store, settings: Settings) -> None:
    """A home of schema 0006 with the rows of a store, of the columns that were there by then."""
    settings.home.mkdir(exist_ok=True)
    database = Database(settings.database_url, busy_timeout_ms=1000)
    with database.write() as connection, made._database.read() as source:
        schema.upgrade(connection, "0006")
        first = tables.MetaData()
        first.reflect(connection)
        for table in first.sorted_tables:
            if table.name != "alembic_version":
                names = ", ".join(f'"{column.name}"' for column in table.columns)
                rows = source.execute(text(f"SELECT {names} FROM {table.name}")).mappings().all()
                if rows:
                    connection.execute(table.insert(), [dict(row) for row in rows])
    database.close()


@pytest.mark.parametrize("name", ["upgrade", "same-model"])
def test_a_policy_says_the_same_of_what_is_kept_as_of_all_rows(
    store: Store, now: datetime, name: str
) -> None:
    world = make_world(store, now)
    policy = find_policy(POLICIES, name)
    words = {"uuid": "start", "run_id": world.run.id, "action": RolloutAction.START, "by": "lea"}
    start = RolloutEvent(**words, policy_digest=policy.digest, created_at=now + timedelta(seconds=1))
    store.decisions.append_event(start)
    store.selftests.save(all_proved())
    judge(world, "ana", Outcome.CANDIDATE)
    judge(world, "ben", Outcome.BASELINE)
    store.measurements.append([measurement(world.pairs[1], now + timedelta(minutes=1), value=0.4)])
    whole, kept = store.evidence(world.run.id), store.kept_evidence(world.run.id)
    assert evaluate(policy, kept, now).results == evaluate(policy, whole, now).results
    assert (kept.cases, kept.pairs, kept.gold) == (whole.cases, whole.pairs, whole.gold)
    assert units(kept, now) != []
    before = kept.digest
    store.measurements.append([measurement(world.pairs[1], now + timedelta(minutes=2), value=0.5)])
    assert store.kept_evidence(world.run.id).digest != before
