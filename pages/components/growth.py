"""How the evidence of a preference test grew, and what its plan can and cannot detect."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
import streamlit as st

from core.decisions.panel import SHARES_TO_PLAN_FOR, Power, power
from core.decisions.preference import PreferencePlan
from core.formatting import percent
from core.gates import Growth
from core.gates.evaluation import MUST_SUCCEED
from core.gates.policy import Policy
from pages.components import charts


def growth(grown: Growth) -> None:
    """How far the verdicts have come towards a decision, case by case."""
    if not grown.candidate_better:
        st.caption("The plot begins with the first judged case.")
        return
    lines = {
        "the candidate is better": _way(grown.candidate_better, grown.approve_at),
        "it is not clearly better": _way(grown.not_clearly_better, grown.reject_at),
    }
    title = f"judged cases, of {grown.planned_units} planned"
    charts.growth(lines, x_title=title, alt="How far the evidence has come towards a decision")


def _way(evidence: Iterable[float], enough: float) -> list[float]:
    """Evidence multiplies from case to case; its logarithm tells the share of the way to enough."""
    return [math.log(value) / math.log(enough) if value > 0 else 0.0 for value in evidence]


@st.cache_data(show_spinner=False, max_entries=64)
def powers(plan: PreferencePlan, veto_alpha: float | None) -> list[Power]:
    """How the plan ends for some true preferences; the first is none at all."""
    return [power(plan, share, veto_alpha=veto_alpha) for share in (0.5, *SHARES_TO_PLAN_FOR)]


def detectable(plan: PreferencePlan, policy: Policy) -> None:
    """What the plan can and cannot see, before or while it runs."""
    veto = next((g for g in policy.gates if g.rule == "panel" and g.requirement in MUST_SUCCEED), None)
    ends = powers(plan, veto.settings.alpha_veto if veto else None)
    blind = [percent(end.decisive_share) for end in ends[1:] if end.approved < 0.5]
    if blind:
        st.markdown(
            f"With {plan.planned_units} cases this plan more often than not **misses** a candidate that "
            f"wins {' or '.join(blind)} of decisive verdicts. More cases make it see more."
        )
    rows = [
        {
            "If the candidate truly wins": f"{percent(end.decisive_share)} of decisive verdicts",
            "it is approved": percent(end.approved),
            "rejected": percent(end.rejected),
            "left undecided": percent(max(0.0, 1 - end.approved - end.rejected)),
            "after about": f"{end.median_verdicts:.0f} verdicts",
        }
        for end in ends
    ]
    st.table(pd.DataFrame(rows), border="horizontal", alt="What the plan can and cannot detect")
    st.caption(
        "A verdict is decisive when it is no tie. Simulated with five attentive reviewers and 22% ties; the "
        "first row shows false approvals."
    )
