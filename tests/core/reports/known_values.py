"""An analysis as other programs read it, whole; see :mod:`tests.core.known`.

python -m tests.core.reports.known_values
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

from core.gates import combined
from core.records import Analysis, GateOutcome, GateResult, Interval, Requirement
from core.reports.junit import junit
from core.reports.markdown import markdown
from tests.core.known import write

MOMENT = datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)


def analysis(*results: GateResult) -> Analysis:
    """An analysis of these gates."""
    return Analysis(
        id="analysis_1",
        run_id="run_1",
        policy="upgrade",
        policy_digest="policy_1",
        policy_text="",
        evidence_digest="evidence_1",
        outcome=combined(results),
        sentence="Not yet:\n small *text* fell.",
        results=results,
        created_at=MOMENT,
    )


def result(gate: str, outcome: GateOutcome, requirement: Requirement) -> GateResult:
    """One gate's result, of a share with an interval or of a time without one."""
    share = outcome in (GateOutcome.SUCCESSFUL, GateOutcome.FAILED)
    return GateResult(
        gate=gate,
        title=f"The {gate} <gate>",
        requirement=requirement,
        outcome=outcome,
        value=-0.15 if share else 1234.5,
        threshold=-0.05 if share else None,
        unit="difference of shares" if share else "ms",
        n=40,
        interval=Interval(low=-0.24, high=None, level=0.9, method="Newcombe") if share else None,
        reason=f"it is {outcome} & \x07 {requirement}",
    )


def reports() -> dict[str, list[str]]:
    """Every outcome of every kind of gate in both forms, with a decision and without."""
    kinds = enumerate(product(GateOutcome, Requirement), start=1)
    every = analysis(*(result(f"gate {number}", *kind) for number, kind in kinds))
    passed = analysis(result("one", GateOutcome.SUCCESSFUL, Requirement.REQUIRED))
    return {
        "JUnit": junit(every).splitlines(),
        "JUnit of a pass with a decision": junit(passed, "approved by \x07 Ana").splitlines(),
        "Markdown": markdown(every).splitlines(),
        "Markdown of a pass with a decision": markdown(passed, "approved by *Ana*").splitlines(),
    }


KNOWN = {"reports": reports}

if __name__ == "__main__":
    write(__file__, KNOWN)
