"""Every record comes back from its table as it went in; every table has exactly its record's fields."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, create_engine, text

from core import records
from core.errors import StoreError
from db import tables
from db.columns import Moment
from db.rows import all_as, insert, row_of, select_as
from db.translation import translated

STORED: dict[type, tuple[Table, set[str]]] = {
    records.Analysis: (tables.analyses, {"ordinal"}),
    records.Case: (tables.cases, {"digest"}),
    records.GoldenVersion: (tables.golden_versions, set()),
    records.Job: (tables.jobs, {"ordinal", "rank"}),
    records.Measurement: (tables.measurements, {"ordinal", "examination", "alarm"}),
    records.Pair: (tables.pairs, {"review_rank", "ready", "overlapped", "disputed"}),
    records.PictureEvent: (tables.picture_events, {"ordinal"}),
    records.Render: (tables.renders, {"ordinal", "recipe_digest"}),
    records.ReplayReport: (tables.replays, {"ordinal"}),
    records.ReviewUnit: (tables.review_units, set()),
    records.ReviewerDesk: (tables.reviewer_desks, set()),
    records.RolloutEvent: (tables.rollout_events, {"ordinal"}),
    records.Run: (tables.runs, {"ordinal", "request_digest"}),
    records.SelfTest: (tables.self_tests, {"ordinal"}),
    records.StandingVerdict: (tables.standing_verdicts, set()),
    records.StoredFile: (tables.stored_files, {"claimed_at"}),
    records.TriageEvent: (tables.triage_events, {"ordinal"}),
    records.VerdictEvent: (tables.verdicts, {"ordinal", "run_id", "person", "nth"}),
    records.Waiver: (tables.waivers, {"ordinal"}),
    records.WorkerStatus: (tables.workers, set()),
}
"""Each stored record with its table and the columns of that table that are bookkeeping."""

READABLE = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r")
"""What a text column takes; see :mod:`tests.db.test_texts` for all else."""

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
moments = st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    min_value=datetime(1900, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(timezone(timedelta(hours=5))),
)
PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(READABLE, max_size=20),
    bool: st.booleans(),
    int: st.integers(0, 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    datetime: moments,
    object: json_values,
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that an annotation of a record allows."""
    if get_origin(hint) is types.UnionType:
        return st.one_of(
            [st.none() if part is types.NoneType else values_of(part) for part in get_args(hint)]
        )
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        return st.dictionaries(st.text(max_size=5), values_of(get_args(hint)[1]), max_size=3)
    if is_dataclass(hint):
        return st.builds(hint, **{name: values_of(part) for name, part in get_type_hints(hint).items()})
    if issubclass(hint, tuple):
        return st.builds(hint, *(values_of(part) for part in get_type_hints(hint).values()))
    return st.sampled_from(list(hint)) if issubclass(hint, StrEnum) else PLAIN[hint]


def bookkeeping_for(table: Table, names: set[str]) -> dict[str, Any]:
    """Some value for each column that is no field."""
    kinds = {name: table.c[name].type for name in names - {"ordinal"}}
    at = datetime(2026, 3, 3, tzinfo=UTC)
    return {name: at if isinstance(kind, Moment) else kind.python_type(1) for name, kind in kinds.items()}


@pytest.fixture(scope="module")
def empty() -> Any:
    """All tables, without references to one another, in memory."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("record", STORED, ids=lambda record: record.__name__)
def test_a_table_has_exactly_the_fields_of_its_record(record: type) -> None:
    table, bookkeeping = STORED[record]
    assert {column.name for column in table.columns} == {f.name for f in fields(record)} | bookkeeping


@pytest.mark.parametrize("record", STORED, ids=lambda record: record.__name__)
def test_a_record_comes_back_as_it_went_in(record: type, empty: Any) -> None:
    table, bookkeeping = STORED[record]

    @settings(max_examples=40, deadline=None)
    @given(values_of(record))
    def round_trip(value: Any) -> None:
        with empty.connect() as connection, connection.begin() as transaction:
            insert(connection, table, [row_of(value, **bookkeeping_for(table, bookkeeping))])
            assert all_as(connection, record, select_as(record, table)) == [value]
            transaction.rollback()

    round_trip()


def _refused(change: Callable[[], Any], words: str, empty: Any) -> None:
    with empty.connect() as connection, pytest.raises(StoreError, match=words), translated("test"):
        insert(connection, tables.self_tests, [row_of(change())])


def a_self_test(**changes: Any) -> records.SelfTest:
    """A self-test with some fields changed."""
    plain: dict[str, Any] = {
        "check": "lpips",
        "version": "1",
        "hit_rate": 1.0,
        "false_alarm_rate": 0.0,
        "trusted": True,
        "reason": "",
        "created_at": datetime(2026, 3, 3, tzinfo=UTC),
    }
    return records.SelfTest(**{**plain, **changes})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_instead_of_becoming_null(value: float, empty: Any) -> None:
    _refused(lambda: a_self_test(hit_rate=value), "finite number", empty)
    _refused(lambda: a_self_test(score={"deep": [value]}), "plain values", empty)


def test_a_naive_time_is_refused(empty: Any) -> None:
    _refused(lambda: a_self_test(created_at=datetime(2026, 3, 3)), "aware time", empty)


def test_moments_sort_as_text(empty: Any) -> None:
    later = datetime(2026, 3, 3, 12, tzinfo=UTC)
    earlier = datetime(2026, 3, 3, 13, tzinfo=timezone(timedelta(hours=5)))
    with empty.connect() as connection:
        rows = [row_of(a_self_test(created_at=moment)) for moment in (later, earlier)]
        insert(connection, tables.self_tests, rows)
        stored = connection.scalars(text("SELECT created_at FROM self_tests ORDER BY created_at"))
        assert [moment[:13] for moment in stored] == ["2026-03-03T08", "2026-03-03T12"]
