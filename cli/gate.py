"""``sidegrade gate``: a policy judges the evidence of a run; the exit code is the answer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from cli.answers import Answer, table
from cli.call import Call, command
from cli.outputs import write_output
from core.formatting import interval, number
from core.records import Analysis, GateOutcome
from core.reports import junit as junit_report
from core.reports import markdown as markdown_report

commands = typer.Typer()

EXIT_CODES = {
    GateOutcome.SUCCESSFUL: 0,
    GateOutcome.FAILED: 1,
    GateOutcome.INCONCLUSIVE: 2,
    GateOutcome.ERROR: 3,
}


@command(commands)
def gate(
    call: Call,
    run: Annotated[str, typer.Argument(help="Id of the run, or its first characters.")],
    policy: Annotated[Path, typer.Option(help="The policy file, such as policies/upgrade.toml.")],
    junit: Annotated[
        Path | None, typer.Option(help="Also write the gates as JUnit XML to this file.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write a summary for a pull request to this file.")
    ] = None,
) -> Answer:
    """Judge a run by a policy and keep the analysis.

    Exit code 0: successful; 1: failed; 2: inconclusive; 3: an error. Missing evidence never passes. It is an
    answer about the evidence: where the run has a rollout, what was decided is named first.
    """
    from core.gates.policies import load_policy
    from core.rollout.headline import headline
    from services.rollouts import (
        judge,  # its statistics take half a second to load, which `--help` need not pay
    )

    rules = load_policy(policy)
    with call.store() as store:
        judged = judge(store, call.settings, store.runs.get(run), rules, store.now())
        analysis, started = judged.analysis, judged.rollout.started_by is not None
        store.decisions.save_analysis(analysis)
    decision = headline(judged.rollout, judged.basis, judged.evidence) if started else ""
    if junit:
        write_output(junit, junit_report.junit(analysis, decision).encode())
    if markdown:
        write_output(markdown, markdown_report.markdown(analysis, decision).encode())
    return Answer(
        document={**asdict(analysis), "headline": decision or None},
        text=summary(analysis, decision),
        exit_code=EXIT_CODES[analysis.outcome],
    )


def summary(analysis: Analysis, decision: str = "") -> Group:
    """What was decided, where the run has a rollout; the sentence of the evidence; then one line a gate."""
    gates = table("gate", "needed", "outcome", "value", "interval", "threshold", "n", "why")
    for result in analysis.results:
        gates.add_row(
            result.title,
            result.requirement,
            result.outcome,
            number(result.value, result.unit),
            interval(result.interval, result.unit) if result.interval else "",
            number(result.threshold, result.unit),
            str(result.n),
            result.reason,
        )
    says = f"{analysis.outcome.upper()}: {analysis.sentence}"
    return Group(*([f"Rollout: {decision}", f"Evidence now: {says}"] if decision else [says]), "", gates)
