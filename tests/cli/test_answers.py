"""Documents are JSON whatever the values; texts are for people."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.answers import Answer, print_answer, table, to_json
from cli.models import Examined
from core.records import Contract, GateOutcome, Mode, SelfTest, Size
from core.rollout.decision import Rollout


def document_of(value: object) -> object:
    """What a reader of the printed document sees."""
    out = io.StringIO()
    print_answer(Answer(document=value, text=""), as_json=True, out=out)
    return json.loads(out.getvalue())


def test_records_moments_and_paths_become_plain_values() -> None:
    moment = datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)
    contract = Contract(mode=Mode.RGBA, sizes=(Size(256, 128),))
    document = document_of({"at": moment, "file": Path("a/b"), "contract": contract})
    assert document["at"] == "2026-03-03T14:22:10+00:00"
    assert document["file"] == "a/b"
    assert document["contract"]["mode"] == "RGBA"
    assert document["contract"]["sizes"] == [[256, 128]]


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=20)
)
def test_any_value_gives_a_document_that_any_json_reader_takes(value: object) -> None:
    document_of({"value": value})


def test_a_number_that_is_none_becomes_null() -> None:
    assert to_json([float("nan"), float("inf"), 1.5]) == [None, None, 1.5]


def test_a_field_that_was_renamed_keeps_its_key_in_the_document() -> None:
    test = SelfTest(
        check="alpha",
        version="1",
        hit_rate=1.0,
        false_alarm_rate=0.0,
        trusted=True,
        reason="as promised",
        score={"wrong": []},
        created_at=datetime(2026, 3, 3, tzinfo=UTC),
    )
    assert document_of(test)["evidence"] == {"wrong": []}
    assert "score" not in document_of(test)
    assert document_of(Examined(model="house", fits=True, fit_reports=("6 parts",)))["proofs"] == ["6 parts"]
    assert document_of(Rollout(run_id="run_1", evidence_said=GateOutcome.FAILED))["evidence"] == "failed"


def test_a_value_without_a_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no place in a document for object"):
        to_json({"value": object()})


def test_a_table_into_a_pipe_keeps_each_row_on_one_line() -> None:
    text = table("render", "digest")
    text.add_row("render_" + "a" * 32, "b" * 64)
    out = io.StringIO()
    print_answer(Answer(document=None, text=text), as_json=False, out=out)
    assert "render_" + "a" * 32 in out.getvalue()
    assert "b" * 64 in out.getvalue()
