"""An analysis as JUnit XML, for a pipeline: records in, text out."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple
from xml.etree import ElementTree

from core.formatting import number
from core.records import Analysis, GateOutcome, GateResult, Requirement

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitCase(NamedTuple):
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
    together = JUnitCase("all gates together", analysis.outcome, _kind(analysis.outcome), analysis.sentence)
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


def _case(result: GateResult) -> JUnitCase:
    no_harm_found = (Requirement.GUARDRAIL, GateOutcome.INCONCLUSIVE)
    free = result.requirement is Requirement.MUTED or (result.requirement, result.outcome) == no_harm_found
    kind = "skipped" if free and result.outcome is not GateOutcome.SUCCESSFUL else _kind(result.outcome)
    reason = f"{result.title}: {_figures(result)}. {result.reason}"
    return JUnitCase(result.gate, result.outcome, kind, reason)


def _kind(outcome: GateOutcome) -> str:
    """JUnit's word for an outcome that counts; empty for a pass."""
    if outcome is GateOutcome.SUCCESSFUL:
        return ""
    return "error" if outcome is GateOutcome.ERROR else "failure"


def _figures(result: GateResult) -> str:
    value, threshold = number(result.value, result.unit), number(result.threshold, result.unit)
    return f"{value}, threshold {threshold}, n = {result.n}"


def _xml(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
