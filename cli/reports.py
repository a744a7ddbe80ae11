"""An analysis for other programs: JUnit for a pipeline, Markdown for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple
from xml.etree import ElementTree

from core.records import Analysis, GateOutcome, GateResult, Requirement

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKDOWN_SYNTAX = re.compile(r"([\\`*_\[\]<>|#@])")
SIGNS = {
    GateOutcome.SUCCESSFUL: "✅",
    GateOutcome.FAILED: "❌",
    GateOutcome.INCONCLUSIVE: "⏳",
    GateOutcome.ERROR: "⚠️",
}


class Case(NamedTuple):
    """One test case of a JUnit report."""

    name: str
    outcome: GateOutcome
    kind: str
    """``failure``, ``error`` or ``skipped``; empty for a pass."""
    reason: str


def junit(analysis: Analysis, decision: str = "") -> str:
    """The analysis as a JUnit test suite: one test case a gate, and one for all of them together.

    Only what is successful passes; an inconclusive gate is a failure of that type. Skipped is what holds
    nothing back: a muted gate, and a guardrail that found no harm, which is no success either. ``decision``,
    where the run has a rollout, becomes a property of the suite.
    """
    together = Case("all gates together", analysis.outcome, _kind(analysis.outcome), analysis.sentence)
    cases = [*(_case(result) for result in analysis.results), together]
    kinds = Counter(case.kind for case in cases)
    suite = ElementTree.Element(
        "testsuite",
        name=_xml(f"sidegrade {analysis.policy}"),
        timestamp=analysis.created_at.isoformat(timespec="seconds"),
        tests=str(len(cases)),
        failures=str(kinds["failure"]),
        errors=str(kinds["error"]),
        skipped=str(kinds["skipped"]),
    )
    if decision:
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="rollout", value=_xml(decision))
    for case in cases:
        element = ElementTree.SubElement(
            suite, "testcase", classname=_xml(f"sidegrade.{analysis.policy}"), name=_xml(case.name)
        )
        if case.kind:
            finding = ElementTree.SubElement(element, case.kind, message=_xml(case.reason))
            if case.kind != "skipped":
                finding.set("type", case.outcome)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def markdown(analysis: Analysis, decision: str = "") -> str:
    """The analysis as a comment for a pull request: the decision or the sentence first, then the gates."""
    rows = "\n".join(_row(result) for result in analysis.results)
    says = f"{SIGNS[analysis.outcome]} {_words(analysis.outcome)}: {_escaped(analysis.sentence)}"
    heading = f"## Rollout: {_escaped(decision)}\n\nEvidence now: {says}" if decision else f"## {says}"
    return (
        f"{heading}\n\n"
        "| | gate | needed | value | threshold | n | why |\n|---|---|---|---|---|---|---|\n"
        f"{rows}\n\n"
        f"Run `{analysis.run_id}` · policy {_escaped(analysis.policy)} (`{analysis.policy_digest}`) · "
        f"{analysis.created_at:%Y-%m-%d %H:%M} UTC\n"
    )


def number(value: float | None, unit: str = "") -> str:
    """A number as people write it, with its unit; a dash when there is none.

    >>> number(0.81234, "share"), number(None)
    ('0.812 share', '–')
    """
    return "–" if value is None else f"{value:.3g} {unit}".rstrip()


def interval(result: GateResult) -> str:
    """The range for the true value, such as ``0.42 … 0.61``; open ends are dashes."""
    return (
        "" if result.interval is None else f"{number(result.interval.low)} … {number(result.interval.high)}"
    )


def _case(result: GateResult) -> Case:
    no_harm_found = (Requirement.GUARDRAIL, GateOutcome.INCONCLUSIVE)
    free = result.requirement is Requirement.MUTED or (result.requirement, result.outcome) == no_harm_found
    kind = "skipped" if free and result.outcome is not GateOutcome.SUCCESSFUL else _kind(result.outcome)
    reason = f"{result.title}: {_figures(result)}. {result.reason}"
    return Case(result.gate, result.outcome, kind, reason)


def _kind(outcome: GateOutcome) -> str:
    """JUnit's word for an outcome that counts; empty for a pass."""
    if outcome is GateOutcome.SUCCESSFUL:
        return ""
    return "error" if outcome is GateOutcome.ERROR else "failure"


def _row(result: GateResult) -> str:
    value = " ".join(filter(None, (number(result.value, result.unit), interval(result))))
    cells = (
        SIGNS[result.outcome],
        _escaped(result.title),
        result.requirement,
        value,
        number(result.threshold, result.unit),
        str(result.n),
        _escaped(result.reason),
    )
    return f"| {' | '.join(cells)} |"


def _figures(result: GateResult) -> str:
    value, threshold = number(result.value, result.unit), number(result.threshold, result.unit)
    return f"{value}, threshold {threshold}, n = {result.n}"


def _words(outcome: GateOutcome) -> str:
    return outcome.value.capitalize()


def _escaped(text: str) -> str:
    return MARKDOWN_SYNTAX.sub(r"\\\1", " ".join(text.split()))


def _xml(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
