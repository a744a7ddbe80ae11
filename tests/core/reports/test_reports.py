"""An analysis for a pipeline or a pull request says what the exit code says, and nothing breaks out of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gates import combined
from core.records import Analysis, GateOutcome, GateResult, Interval, Requirement
from core.reports.junit import junit
from core.reports.markdown import markdown
from tests.core.known import stored
from tests.core.reports import known_values


def result(outcome: GateOutcome, **changes: Any) -> GateResult:
    """One gate's result."""
    values: dict[str, Any] = {
        "gate": "typography",
        "title": "Typography",
        "requirement": Requirement.REQUIRED,
        "outcome": outcome,
        "value": -0.15,
        "threshold": -0.05,
        "unit": "share",
        "n": 40,
        "interval": Interval(low=-0.24, high=-0.07, level=0.9, method="Newcombe"),
        "reason": "small text fell from 96% to 81%",
    }
    return GateResult(**{**values, **changes})


def analysis(*results: GateResult, sentence: str = "Not yet.") -> Analysis:
    """An analysis of these gates."""
    return Analysis(
        id="analysis_1",
        run_id="run_1",
        policy="upgrade",
        policy_digest="policy_1",
        policy_text="",
        evidence_digest="evidence_1",
        outcome=combined(results),
        sentence=sentence,
        results=results,
        created_at=datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC),
    )


def suite_of(text: str) -> ElementTree.Element:
    """The one test suite of a JUnit document."""
    suite = ElementTree.fromstring(text.encode()).find("testsuite")
    assert suite is not None
    return suite


@pytest.mark.parametrize(
    ("outcome", "element"),
    [(GateOutcome.FAILED, "failure"), (GateOutcome.INCONCLUSIVE, "failure"), (GateOutcome.ERROR, "error")],
)
def test_only_a_successful_gate_passes_in_junit(outcome: GateOutcome, element: str) -> None:
    suite = suite_of(junit(analysis(result(outcome), result(GateOutcome.SUCCESSFUL))))
    not_passed, passed, together = suite.findall("testcase")
    finding = not_passed.find(element)
    assert finding is not None
    assert finding.get("type") == outcome
    assert "small text fell from 96% to 81%" in (finding.get("message") or "")
    assert list(passed) == []
    assert together.find(element) is not None
    assert (suite.get("tests"), suite.get(f"{element}s")) == ("3", "2")


RESULTS = st.lists(st.tuples(st.sampled_from(GateOutcome), st.sampled_from(Requirement)), max_size=6)


@given(RESULTS)
def test_junit_is_green_exactly_where_the_gates_together_are_successful(
    gates: list[tuple[GateOutcome, Requirement]],
) -> None:
    judged = analysis(*(result(outcome, requirement=requirement) for outcome, requirement in gates))
    suite = suite_of(junit(judged))
    red = int(suite.get("failures", "")) + int(suite.get("errors", ""))
    assert (red == 0) == (judged.outcome is GateOutcome.SUCCESSFUL)


def test_markdown_begins_with_the_sentence_and_lists_every_gate() -> None:
    text = markdown(analysis(result(GateOutcome.FAILED), sentence="Not yet: small text fell."))
    assert text.startswith("## ❌ Failed: Not yet: small text fell.")
    row = "| ❌ | Typography | required | −15%, −24% to −7% (90%) | −5% | 40 |"
    assert row in text


@given(st.text())
def test_words_of_people_never_break_out_of_a_report(words: str) -> None:
    reported = analysis(result(GateOutcome.FAILED, reason=words, title=words), sentence=words)
    assert len(suite_of(junit(reported)).findall("testcase")) == 2
    table = [line for line in markdown(reported).splitlines() if line.startswith("|")]
    assert len(table) == 3
    assert table[2].replace("\\|", "").count("|") == 8


def test_a_mention_or_a_tag_in_a_reason_stays_text() -> None:
    text = markdown(analysis(result(GateOutcome.FAILED, reason="<img src=x> @team [a](b)")))
    assert "\\<img src=x\\> \\@team \\[a\\](b)" in text


def test_every_outcome_of_every_kind_of_gate_reads_as_it_always_did() -> None:
    assert known_values.reports() == stored(known_values.__file__, "reports")


def test_a_report_ends_with_its_line() -> None:
    for text in (junit(analysis()), markdown(analysis())):
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
