"""How gates look: each with its outcome, its reason, its facts and its interval against the threshold."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.formatting import SHARE, SIGNED_SHARES, count, number, percent
from core.records import GateOutcome, GateResult, Requirement
from pages.components import charts
from pages.components.formatting import escaped, prose

LOOKS = {
    GateOutcome.SUCCESSFUL: ("passes", ":material/check_circle:", "blue"),
    GateOutcome.FAILED: ("fails", ":material/cancel:", "orange"),
    GateOutcome.INCONCLUSIVE: ("not decided", ":material/hourglass_empty:", "gray"),
    GateOutcome.ERROR: ("cannot be judged", ":material/error:", "orange"),
}
NEEDED = {
    Requirement.CRITICAL: "must pass, no waiver",
    Requirement.REQUIRED: "must pass",
    Requirement.GUARDRAIL: "can only stop it",
    Requirement.MUTED: "shown only",
}


def gates(results: Sequence[GateResult], *, decided: bool = False) -> None:
    """Those that decide one after the other; those that are only shown behind a fold.

    ``decided``: nothing that comes in can change them any more.
    """
    deciding = [result for result in results if result.requirement is not Requirement.MUTED]
    muted = [result for result in results if result.requirement is Requirement.MUTED]
    for result in deciding:
        _gate(result, decided)
    if muted:
        with st.expander(f"Shown only: {', '.join(escaped(result.title) for result in muted)}"):
            for result in muted:
                _gate(result, decided)


def _gate(result: GateResult, decided: bool) -> None:
    word, icon, colour = LOOKS[result.outcome]
    if result.requirement is Requirement.GUARDRAIL and result.outcome is GateOutcome.INCONCLUSIVE:
        word = "no harm found"  # never "passes": silence does not show that there is none
    with st.container(border=True):
        name, says, picture = st.columns([2, 5, 3], gap="medium", vertical_alignment="center")
        name.markdown(f"**{escaped(result.title)}**  \n:{colour}[{icon} {word}]")
        name.caption(NEEDED[result.requirement])
        says.markdown(prose(result.reason))
        if facts := _facts(result, decided):
            says.caption(facts)
        if result.value is not None and result.interval is not None:
            with picture:
                charts.span(_span(result), alt=f"{result.title}: value, interval and threshold")


def _facts(result: GateResult, decided: bool) -> str:
    """Value, threshold, interval, what it is based on and what is still needed."""
    parts = []
    if result.value is not None:
        parts.append(f"measured {number(result.value, result.unit)}")
    if result.threshold is not None:
        parts.append(f"threshold {number(result.threshold, result.unit)}")
    if (between := result.interval) is not None and between.low is not None and between.high is not None:
        low, high = number(between.low, result.unit), number(between.high, result.unit)
        parts.append(f"between {low} and {high} with {percent(between.level)} confidence")
    if result.n != result.value:  # five reviewers are not based on five reviewers
        parts.append(f"based on {count(result.n, _noun(result.unit))}")
    if result.n_needed is not None:
        needed = f"about {result.n_needed:,} more"
        parts.append(f"{needed} would have been needed" if decided else f"{needed} needed")
    return escaped(" · ".join(parts))


def _noun(unit: str) -> str:
    """What a gate with this unit counts."""
    return {"reviewers": "reviewer", "pictures": "picture", "times the baseline's errors": "request"}.get(
        unit, "case"
    )


def _span(result: GateResult) -> charts.Span:
    between = result.interval
    return charts.Span(
        value=result.value or 0.0,
        low=between.low if between else None,
        high=between.high if between else None,
        threshold=result.threshold,
        as_percent=result.unit in (SHARE, *SIGNED_SHARES),
    )
