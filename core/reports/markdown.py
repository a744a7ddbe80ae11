"""An analysis as a comment for a pull request, in Markdown: records in, text out."""

from __future__ import annotations

import re

from core.formatting import interval, number
from core.records import Analysis, GateOutcome, GateResult

MARKDOWN_SYNTAX = re.compile(r"([\\`*_\[\]<>|#@])")
SIGNS = {
    GateOutcome.SUCCESSFUL: "✅",
    GateOutcome.FAILED: "❌",
    GateOutcome.INCONCLUSIVE: "⏳",
    GateOutcome.ERROR: "⚠️",
}


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


def _row(result: GateResult) -> str:
    value = number(result.value, result.unit)
    if result.interval is not None:
        value += f", {interval(result.interval, result.unit)}"
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


def _words(outcome: GateOutcome) -> str:
    return outcome.value.capitalize()


def _escaped(text: str) -> str:
    return MARKDOWN_SYNTAX.sub(r"\\\1", " ".join(text.split()))
